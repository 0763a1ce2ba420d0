"""File formats: what they are called on the wire, who takes them, how they begin."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

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
    ".mesh": "model/x-file-mesh-data",
}
"""Media types of the formats that assets are made from."""

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tga")
FORMATS = {
    "Decal": IMAGES,
    "Image": IMAGES,
    "Audio": (".mp3", ".ogg", ".wav", ".flac"),
    "Model": (".fbx", ".gltf", ".glb", ".rbxm", ".rbxmx"),
    "Animation": (".rbxm", ".rbxmx"),
    "Video": (".mp4", ".mov"),
    "Mesh": (".mesh",),
}
"""File formats that each type of asset is made from. Meshes are Roblox's own format: it
takes those that were downloaded from it."""

PLACES = {".rbxl": "application/octet-stream", ".rbxlx": "application/xml"}
"""Media types of place files."""

HEAD = 32
"""Bytes of a file's beginning that tell its format."""

# Those that no file of another format begins with; some that Roblox takes nowhere.
_MARKS = (
    (rb"\x89PNG\r\n\x1a\n", (".png",)),
    (rb"\xff\xd8\xff", (".jpg", ".jpeg")),
    (rb"GIF8[79]a", (".gif",)),
    (rb"RIFF....WEBP", (".webp",)),
    (rb"RIFF....WAVE", (".wav",)),
    (rb"OggS", (".ogg",)),
    (rb"fLaC", (".flac",)),
    (rb"Kaydara FBX Binary", (".fbx",)),
    (rb"glTF", (".glb",)),
    (rb"<roblox!", (".rbxm", ".rbxl")),
    (rb"<roblox[ >]", (".rbxmx", ".rbxlx")),
    (rb"....ftyp(?:avif|hei[cx]|mif1)", (".heic", ".avif")),
    (rb"....ftypqt", (".mov", ".mp4")),
    (rb"....ftyp", (".mp4", ".mov")),
)
# Those that tell the format of what has no name, and contradict no name.
_HINTS = (
    (rb"BM", (".bmp",)),
    (rb"ID3", (".mp3",)),
    (rb"version [0-9]\.[0-9]{2}\n", (".mesh",)),
)


def guessed(head: bytes, formats: Collection[str]) -> str:
    """The format of content that begins with `head`; empty where that does not tell.

    Args:
        head: The first `HEAD` bytes.
        formats: Those that are taken: one of them, if it may be.
    """
    family = _family(head, _MARKS + _HINTS)
    return next((each for each in family if each in formats), family[0] if family else "")


def contradiction(head: bytes, suffix: str, formats: Mapping[str, str]) -> str:
    """The format that content surely has, where its name says another; else empty.

    Args:
        head: The first `HEAD` bytes.
        suffix: The format by name.
        formats: Media types of those that are taken. Two of one type are as one.
    """
    family = _family(head, _MARKS)
    alike = suffix in family or formats[suffix] in [formats.get(each) for each in family]
    return family[0] if family and not alike else ""


def _family(head: bytes, marks: Iterable[tuple[bytes, tuple[str, ...]]]) -> tuple[str, ...]:
    found = (family for mark, family in marks if re.match(mark, head, re.DOTALL))
    return next(found, ())
