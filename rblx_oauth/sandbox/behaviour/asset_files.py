"""Looks at uploaded files before they are kept: type, size, and what is really in them."""

from __future__ import annotations

import os
from typing import IO

from werkzeug.datastructures import FileStorage

from rblx_oauth.core.formats import CONTENT_TYPES, FORMATS, HEAD, contradiction
from rblx_oauth.sandbox.contents import MEGABYTE, Content, Contents
from rblx_oauth.sandbox.pictures import look
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.sounds import seconds

__all__ = ["asset_type", "keep_asset_file", "keep_picture"]

_LARGEST = 20 * MEGABYTE
_LARGEST_VIDEO = 3840 * MEGABYTE
_LONGEST_SOUND = 7 * 60
_WIDEST = 8000
_BROKEN = '"InvalidImage"'
"""Roblox's own words, quotation marks and all: programs compare them."""


def asset_type(word: str) -> str:
    """The type of asset that a word means: ``Decal``, ``decal`` and ``ASSET_TYPE_DECAL`` do.

    Raises:
        Refusal: 400, nothing of that type can be uploaded.
    """
    bare = word.upper().removeprefix("ASSET_TYPE_").replace("_", "")
    for name in FORMATS:
        if bare == name.upper():
            return name
    raise Refusal.invalid(f"assetType is one of {', '.join(FORMATS)}")


def keep_asset_file(contents: Contents, upload: FileStorage | None, kind: str) -> Content:
    """Keep the file of an asset of type `kind`.

    Raises:
        Refusal: 400, it lacks, or is not a file for such an asset.
    """
    if upload is None:
        raise Refusal.invalid("the form needs a part named fileContent, with a filename")
    allowed = {CONTENT_TYPES[suffix] for suffix in FORMATS[kind]}
    if upload.mimetype not in allowed:
        kinds = ", ".join(sorted(allowed))
        raise Refusal.invalid(f"a file for {kind} has one of the types {kinds}")
    _check_size(upload.stream, _LARGEST_VIDEO if kind == "Video" else _LARGEST)
    if kind in ("Decal", "Image"):
        return keep_picture(contents, upload, allowed)
    _check_format(upload)
    length = seconds(upload.stream) if kind == "Audio" else 0.0
    if length > _LONGEST_SOUND:
        raise Refusal.invalid(f"a sound lasts {_LONGEST_SOUND // 60} minutes at most")
    sha256, size = contents.keep(upload.stream)
    return Content(sha256=sha256, size=size, media=upload.mimetype, seconds=length)


def keep_picture(
    contents: Contents, upload: FileStorage, allowed: set[str], *, most: int = _LARGEST
) -> Content:
    """Keep a picture, under the type that it really has.

    Raises:
        Refusal: 400, it is broken, too large, or of a type that is not `allowed`.
    """
    _check_size(upload.stream, most)
    picture = look(upload.stream)
    if picture is None or picture.media not in allowed:
        raise Refusal.invalid(_BROKEN)
    if max(picture.width, picture.height) > _WIDEST:
        shape = f"{picture.width} x {picture.height}"
        raise Refusal.invalid(f"a picture has {_WIDEST} x {_WIDEST} pixels at most, not {shape}")
    sha256, size = contents.keep(upload.stream)
    return Content(
        sha256=sha256,
        size=size,
        media=picture.media,
        width=picture.width,
        height=picture.height,
    )


def _check_size(stream: IO[bytes], most: int) -> None:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if not 1 <= size <= most:
        raise Refusal.invalid(f"the file must have 1 to {most} bytes, not {size}")


def _check_format(upload: FileStorage) -> None:
    head = upload.stream.read(HEAD)
    upload.stream.seek(0)
    named = next(suffix for suffix, media in CONTENT_TYPES.items() if media == upload.mimetype)
    found = contradiction(head, named, CONTENT_TYPES)
    if found:
        raise Refusal.invalid(f"the file begins as a {found}, and is sent as {upload.mimetype}")
