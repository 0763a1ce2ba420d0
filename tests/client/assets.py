"""Asset 77, and what is sent about it."""

from __future__ import annotations

BASE = "/assets/v1/assets/77"


def part(request: bytes, name: str) -> bytes:
    """The content of one part of a form, and its own headers before it."""
    head, _, body = request.partition(b"\r\n\r\n")
    boundary = head.partition(b"boundary=")[2].partition(b"\r\n")[0]
    for piece in body.split(b"--" + boundary):
        if b'name="' + name.encode() + b'"' in piece:
            return piece.strip(b"\r\n")
    return b""
