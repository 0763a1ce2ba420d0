"""Looks at pictures: which format they are in, how large, and whether they are whole.

No pixel is decoded. A format's headers are followed as far as they go, which tells a picture from
what only bears its name, and a whole one from one that was cut off.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from struct import unpack
from typing import IO

import msgspec

__all__ = ["Picture", "look"]

_PNG = b"\x89PNG\r\n\x1a\n"
_PIECE = 65536
_START_OF_SCAN = 0xDA
_END_OF_JPEG = b"\xff\xd9"
# Start of frame: all of these numbers but three, which are other tables (ITU-T T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TGA_RAW, _TGA_PACKED = frozenset({1, 2, 3}), frozenset({9, 10, 11})
_TGA_DEPTHS = frozenset({8, 15, 16, 24, 32})
_BMP_CORE = 12


class Picture(msgspec.Struct, frozen=True):
    """A picture: its media type, and its width and height in pixels."""

    media: str
    width: int
    height: int


def look(stream: IO[bytes]) -> Picture | None:
    """What a file is a picture of; None where it is none that Roblox knows, or a broken one.

    Args:
        stream: The file, which can be sought in; it is left at its beginning.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    media, measure = _format(stream.read(16))
    stream.seek(0)
    try:
        width, height = measure(stream, size)
    except (struct.error, ValueError):
        return None
    finally:
        stream.seek(0)
    return Picture(media, width, height) if width > 0 and height > 0 else None


_Measure = Callable[[IO[bytes], int], tuple[int, int]]


def _format(head: bytes) -> tuple[str, _Measure]:
    if head.startswith(_PNG):
        return "image/png", _png
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", _jpeg
    if head.startswith(b"BM"):
        return "image/bmp", _bmp
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp", _webp
    return "image/tga", _tga  # which begins with nothing in particular


def _png(stream: IO[bytes], size: int) -> tuple[int, int]:
    """Every chunk up to the last is whole, by its check sum (ISO/IEC 15948 5.3)."""
    stream.seek(len(_PNG))
    dimensions = (0, 0)
    kinds: list[bytes] = []
    while kinds[-1:] != [b"IEND"]:
        length, kind = unpack(">I4s", stream.read(8))
        if length > size - stream.tell() or (not kinds and (kind, length) != (b"IHDR", 13)):
            raise ValueError("a chunk leads nowhere")
        checked, left = zlib.crc32(kind), length
        while left:
            piece = stream.read(min(left, _PIECE))
            if not kinds:
                dimensions = unpack(">II", piece[:8])
            checked, left = zlib.crc32(piece, checked), left - len(piece)
        if unpack(">I", stream.read(4)) != (checked,):
            raise ValueError("a chunk is not what it was")
        kinds.append(kind)
    if b"IDAT" not in kinds:
        raise ValueError("there are no pixels")
    return dimensions


def _jpeg(stream: IO[bytes], size: int) -> tuple[int, int]:
    """The tables lead to a frame and to pixels, which end as they must (ITU-T T.81, B.1)."""
    stream.seek(2)
    dimensions, kind = (0, 0), 0
    while kind != _START_OF_SCAN:
        mark, kind = unpack("2B", stream.read(2))
        if (mark, kind) == (0xFF, 0xFF):  # padding before a marker
            stream.seek(-1, os.SEEK_CUR)
            continue
        (length,) = unpack(">H", stream.read(2))
        table = stream.read(length - 2)
        if mark != 0xFF or len(table) != length - 2:
            raise ValueError("a table leads nowhere")
        if kind in _FRAMES:
            height, width = unpack(">HH", table[1:5])
            dimensions = (width, height)
    stream.seek(max(stream.tell(), size - _PIECE))
    if _END_OF_JPEG not in stream.read():
        raise ValueError("it ends early")
    return dimensions


def _bmp(stream: IO[bytes], size: int) -> tuple[int, int]:
    """It has its pixels where the header says; rows may go downwards, so heights be negative."""
    start, header = unpack("<10xII", stream.read(18))
    if header == _BMP_CORE:
        width, height, depth = unpack("<HH2xH", stream.read(8))
        packed = 0
    else:
        width, height, depth, packed = unpack("<ii2xHI", stream.read(16))
    row = (width * depth + 31) // 32 * 4
    if start >= size or (not packed and start + row * abs(height) > size):
        raise ValueError("it ends early")
    return width, abs(height)


def _tga(stream: IO[bytes], size: int) -> tuple[int, int]:
    """The header is possible in all its parts, and pixels that are not packed are all there."""
    skipped, palette, kind, colours, bits, width, height, depth = unpack(
        "<3B2xHB4xHHB", stream.read(17)
    )
    if palette > 1 or kind not in _TGA_RAW | _TGA_PACKED or depth not in _TGA_DEPTHS:
        raise ValueError("no such header")
    start = 18 + skipped + palette * colours * ((bits + 7) // 8)
    pixels = width * height * ((depth + 7) // 8) if kind in _TGA_RAW else 1
    if start + pixels > size:
        raise ValueError("it ends early")
    return width, height


def _webp(stream: IO[bytes], size: int) -> tuple[int, int]:
    """The container is as long as it says; its first chunk has the size (RFC 9649 2.5 to 2.7)."""
    length, kind = unpack("<4xI4x4s", stream.read(16))
    if length + 8 > size:
        raise ValueError("it ends early")
    stream.seek(20)
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = unpack("<4xHBHB", stream.read(10))
        return (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1
    if kind == b"VP8L":
        mark, packed = unpack("<BI", stream.read(5))
        if mark != 0x2F:
            raise ValueError("no such header")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    mark, width, height = unpack("<3x3sHH", stream.read(10))
    if kind != b"VP8 " or mark != b"\x9d\x01\x2a":
        raise ValueError("no such header")
    return width & 0x3FFF, height & 0x3FFF
