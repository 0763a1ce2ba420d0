"""Files to upload, and the form they go in, written out in plain `requests`."""

from __future__ import annotations

import io
import json
from struct import pack
from typing import Any

import requests

from rblx_oauth.sandbox.drawing import jpeg, png
from tests.sandbox.app import App

RED = (200, 60, 60)
PICTURE = png(16, RED, is_round=False)
FBX = b"Kaydara FBX Binary  \0" + bytes(50)
MODEL = b'<roblox version="4"><Item class="Model"/></roblox>'

File = tuple[str, bytes | io.IOBase, str]


def upload(
    app: App,
    token: dict[str, Any] | None = None,
    *,
    creator: dict[str, object] | None = None,
    file: File = ("hat.png", PICTURE, "image/png"),
    context: dict[str, object] | None = None,
    **changes: object,
) -> requests.Response:
    """Create an asset."""
    wanted = {
        "assetType": "Decal",
        "displayName": "Hat",
        "description": "A hat",
        "creationContext": {"creator": creator or {"userId": "1000001"}, **(context or {})},
    } | changes
    data = {"request": json.dumps(wanted)}
    return app.call("POST", "/assets/v1/assets", token, data=data, files={"fileContent": file})


def uploaded(app: App, token: dict[str, Any] | None = None, **changes: Any) -> str:
    """The id of an asset that was created, and is processed."""
    operation = upload(app, token, **changes).json()
    app.cloud.clock.advance(app.cloud.settings.operation_seconds)
    return str(poll(app, operation, token)["response"]["assetId"])


def poll(app: App, operation: dict[str, Any], token: dict[str, Any] | None = None) -> Any:
    """The operation as it is now."""
    return app.call("GET", f"/assets/v1/{operation['path']}", token).json()


def bmp(width: int, height: int) -> bytes:
    """A bitmap of 24 bits a pixel."""
    pixels = bytes((width * 24 + 31) // 32 * 4 * height)
    head = pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    return pack("<2sIII", b"BM", 54 + len(pixels), 0, 54) + head + pixels


def tga(width: int, height: int, *, packed: bool = False) -> bytes:
    """A Targa of 24 bits a pixel."""
    kind = 10 if packed else 2
    pixels = bytes(4) if packed else bytes(width * height * 3)
    return pack("<BBB5xHHHHBB", 0, 0, kind, 0, 0, width, height, 24, 0) + pixels


def webp(width: int, height: int) -> bytes:
    """The beginning of a WebP that is as long as it says."""
    frame = b"\0\0\0\x9d\x01\x2a" + pack("<HH", width, height)
    return pack("<4sI4s4sI", b"RIFF", 12 + len(frame), b"WEBP", b"VP8 ", len(frame)) + frame


def wav(seconds: float, rate: int = 1000) -> bytes:
    """Silence of a byte a sample."""
    data = bytes(int(seconds * rate))
    kind = pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate, 1, 8)
    whole = kind + pack("<4sI", b"data", len(data)) + data
    return pack("<4sI4s", b"RIFF", 4 + len(whole), b"WAVE") + whole


__all__ = ["FBX", "MODEL", "PICTURE", "RED", "bmp", "jpeg", "png", "poll", "tga", "upload"]
__all__ += ["uploaded", "wav", "webp"]
