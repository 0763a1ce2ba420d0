"""Pictures that the sandbox draws: a disc or a square of one colour, as PNG or as JPEG."""

from __future__ import annotations

import colorsys
import zlib
from math import sqrt
from struct import pack

from flask import Blueprint, Response, abort

__all__ = ["Colour", "avatar_colour", "avatar_path", "jpeg", "picture_views", "png"]

_PREFIX = "/_sandbox/pictures"
_LARGEST = 1024

# Huffman tables: how many codes there are of each length, then what they stand for. Means: "0" is
# no difference, 10000 to 10111 are differences of 1 to 8 bits. Ends: "0" is the end of a block.
_MEANS = bytes((1, 0, 0, 0, 8, *[0] * 11, *range(9)))
_ENDS = bytes((1, *[0] * 15, 0))

Colour = tuple[int, int, int]
"""Red, green and blue, up to 255."""


def avatar_path(user_id: str, *, size: int, is_jpeg: bool, is_round: bool) -> str:
    """Where the sandbox serves the picture of a user's avatar.

    Args:
        user_id: The user.
        size: Pixels each way.
        is_jpeg: Whether it is a JPEG; otherwise it is a PNG.
        is_round: Whether it is a disc, which a JPEG is not.
    """
    name = f"{'round' if is_round else 'square'}-{size}.{'jpg' if is_jpeg else 'png'}"
    return f"{_PREFIX}/users/{user_id}/{name}"


def picture_views() -> Blueprint:
    """The blueprint that serves those pictures."""
    views = Blueprint("pictures", __name__, url_prefix=_PREFIX)

    @views.get("/users/<int:user_id>/<any(round,square):shape>-<int:size>.<any(png,jpg):suffix>")
    def picture(user_id: int, shape: str, size: int, suffix: str) -> Response:
        if not 1 <= size <= _LARGEST:
            abort(404)
        colour = avatar_colour(user_id)
        headers = {"Cache-Control": "max-age=3600"}
        if suffix == "jpg":
            return Response(jpeg(size, colour), mimetype="image/jpeg", headers=headers)
        drawn = png(size, colour, is_round=shape == "round")
        return Response(drawn, mimetype="image/png", headers=headers)

    return views


def avatar_colour(user_id: int) -> Colour:
    """The colour that stands for a user."""
    red, green, blue = colorsys.hls_to_rgb(user_id * 47 % 360 / 360, 0.42, 0.45)
    return round(red * 255), round(green * 255), round(blue * 255)


def png(size: int, colour: Colour, *, is_round: bool) -> bytes:
    """A PNG of `size` pixels each way (ISO/IEC 15948); transparent around a disc."""
    inside, outside = bytes((*colour, 255)), bytes(4)
    rows = bytearray()
    for y in range(size):
        margin = _margin(size, y) if is_round else 0
        rows += b"\0" + outside * margin + inside * (size - 2 * margin) + outside * margin
    head = pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _margin(size: int, y: int) -> int:
    """Pixels of a row that lie left of the disc."""
    radius = size / 2
    half = sqrt(radius**2 - (y + 0.5 - radius) ** 2)
    return round(radius - half)


def jpeg(size: int, colour: Colour) -> bytes:
    """A baseline JPEG of `size` pixels each way (ITU-T T.81); it cannot be transparent."""
    # Every block is flat, so all that is coded is its mean; after the first it does not change.
    bits = "".join(_difference(mean) + "0" for mean in _means(colour))
    blocks = (-(-size // 8)) ** 2
    bits += "00" * 3 * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
    frame = pack(">BHHB", 8, size, size, 3) + b"\x01\x11\0\x02\x11\0\x03\x11\0"
    return (
        b"\xff\xd8"
        + b"".join(
            b"\xff" + kind + pack(">H", len(data) + 2) + data
            for kind, data in (
                (b"\xe0", b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
                (b"\xdb", b"\0" + b"\x08" * 64),
                (b"\xc0", frame),
                (b"\xc4", b"\0" + _MEANS + b"\x10" + _ENDS),
                (b"\xda", b"\x03\x01\0\x02\0\x03\0\0\x3f\0"),
            )
        )
        + scan
        + b"\xff\xd9"
    )


def _means(colour: Colour) -> tuple[int, ...]:
    """Brightness and the two colour differences, about zero (JFIF)."""
    red, green, blue = colour
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return tuple(
        max(-128, min(127, round(each)))
        for each in (bright - 128, (blue - bright) / 1.772, (red - bright) / 1.402)
    )


def _difference(mean: int) -> str:
    size = abs(mean).bit_length()
    if not size:
        return "0"
    code = format(0b10000 + size - 1, "05b")
    return code + format(mean if mean > 0 else mean + (1 << size) - 1, f"0{size}b")
