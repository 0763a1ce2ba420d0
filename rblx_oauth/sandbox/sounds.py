"""How long sounds are, by their headers."""

from __future__ import annotations

import os
import struct
from struct import unpack
from typing import IO

__all__ = ["seconds"]

_TAIL = 65536
_CHUNKS = 64


def seconds(stream: IO[bytes]) -> float:
    """The length of a WAV, FLAC or Ogg Vorbis file; 0 where the header does not tell.

    Args:
        stream: The file, which can be sought in; it is left at its beginning.
    """
    stream.seek(0)
    head = stream.read(64)
    try:
        if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
            return _wav(stream)
        if head.startswith(b"fLaC"):
            return _flac(head)
        if head.startswith(b"OggS") and head[29:35] == b"vorbis":
            return _vorbis(stream, head)
    except (struct.error, ZeroDivisionError):
        pass
    finally:
        stream.seek(0)
    return 0.0


def _wav(stream: IO[bytes]) -> float:
    """Bytes of the data by bytes a second of the format."""
    rate = 0
    stream.seek(12)
    for _ in range(_CHUNKS):
        kind, length = unpack("<4sI", stream.read(8))
        if kind == b"data":
            return float(length / rate)
        chunk = stream.tell()
        if kind == b"fmt ":
            (rate,) = unpack("<8xI", stream.read(12))
        stream.seek(chunk + length + length % 2)
    return 0.0


def _flac(head: bytes) -> float:
    """Samples by samples a second, of the first block (RFC 9639 8.2)."""
    (packed,) = unpack(">Q", head[18:26])
    return float((packed & (1 << 36) - 1) / (packed >> 44))


def _vorbis(stream: IO[bytes], head: bytes) -> float:
    """The position of the last page by samples a second (RFC 3533 6)."""
    (rate,) = unpack("<I", head[40:44])
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    at = tail.rfind(b"OggS")
    (position,) = unpack("<6xq", tail[at : at + 14])
    return float(max(position, 0) / rate)
