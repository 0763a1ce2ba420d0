"""Files to upload: format, limits and how to open them, settled before sending."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeAlias

from rblx_oauth.core.message import FilePart, Readable

Source: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"
"""A path, the content itself, or a seekable binary file."""

MEGABYTE = 1024 * 1024
LIMIT = 20 * MEGABYTE
VIDEO_LIMIT = 3840 * MEGABYTE

CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".bmp": "image/bmp",
    ".tga": "image/tga",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".fbx": "model/fbx",
    ".gltf": "model/gltf+json",
    ".glb": "model/gltf-binary",
    ".rbxm": "model/x-rbxm",
    ".rbxmx": "model/x-rbxm",
    ".mp4": "video/mp4",
    ".mov": "video/mov",
}

_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tga")
FORMATS = {
    "Decal": _IMAGES,
    "Image": _IMAGES,
    "Audio": (".mp3", ".ogg", ".wav", ".flac"),
    "Model": (".fbx", ".gltf", ".glb", ".rbxm", ".rbxmx"),
    "Animation": (".rbxm", ".rbxmx"),
    "Video": (".mp4", ".mov"),
}
"""File formats that each type of asset is made from."""

# How files of some formats begin, for content without a name.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"BM", ".bmp"),
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
    (b"RIFF", ".wav"),
    (b"fLaC", ".flac"),
    (b"Kaydara FBX Binary", ".fbx"),
    (b"glTF", ".glb"),
    (b"<roblox!", ".rbxm"),
    (b"<roblox ", ".rbxmx"),
)


def asset_file(
    source: Source,
    *,
    asset_type: str,
    filename: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FilePart:
    """A file fit to become an asset of a type.

    Args:
        source: A path, bytes, or a seekable binary file, taken from where it stands.
        asset_type: One of `FORMATS`.
        filename: Tells the format where `source` has no name.
        progress: Called with (bytes sent, size) as it goes out.

    Raises:
        ValueError: The type, the format or the size does not fit; the limit is named.
        TypeError: `source` is none of these.
        OSError: The file cannot be read.
    """
    if asset_type not in FORMATS:
        raise ValueError(f"type must be one of {', '.join(FORMATS)}, not {asset_type!r}")
    opener, size, own_name = _opened(source)
    name = filename or own_name
    suffix = Path(name).suffix.lower() if name else _sniffed(opener)
    if suffix not in FORMATS[asset_type]:
        raise ValueError(
            f"a file for {asset_type} has one of the formats {' '.join(FORMATS[asset_type])}"
            + (f", not {suffix}" if suffix else "; give filename= to say which")
        )
    limit = VIDEO_LIMIT if asset_type == "Video" else LIMIT
    if not 0 < size <= limit:
        raise ValueError(f"the file has {size} bytes; for {asset_type} the limit is 1 to {limit}")
    return FilePart(
        open=opener,
        size=size,
        filename=Path(name).name if name else f"file{suffix}",
        content_type=CONTENT_TYPES[suffix],
        progress=progress,
    )


def _opened(source: Source) -> tuple[Callable[[], Readable], int, str | None]:
    """How to open a source anew, its size, and its name."""
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source), len(source), None
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        size = path.stat().st_size
        if not path.is_file():
            raise ValueError(f"{path.name} is not a regular file")
        path.open("rb").close()  # whether it may be read is said now, not in mid-upload
        return lambda: path.open("rb"), size, path.name
    if not (hasattr(source, "read") and hasattr(source, "seek")):
        raise TypeError("a file must be a path, bytes or a seekable binary file")
    try:
        start = source.tell()
        size = source.seek(0, os.SEEK_END) - start
        source.seek(start)
    except OSError as error:
        raise ValueError("a file object must be seekable, to be sent again if need be") from error
    if isinstance(source.read(0), str):
        raise TypeError("a file object must be opened in binary mode")
    name = getattr(source, "name", None)
    return lambda: _Borrowed(source, start), size, name if isinstance(name, str) else None


def _sniffed(opener: Callable[[], Readable]) -> str:
    file = opener()
    try:
        head = file.read(32)
    finally:
        file.close()
    if head[4:8] == b"ftyp":  # ISO base media: the brand tells
        return ".mov" if head[8:10] == b"qt" else ".mp4"
    return next((suffix for magic, suffix in _MAGIC if head.startswith(magic)), "")


class _Borrowed:
    """The caller's file, from where it stood; closing this leaves it open."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        file.seek(start)
        self._file = file

    def read(self, size: int, /) -> bytes:
        return self._file.read(size)

    def close(self) -> None:
        pass
