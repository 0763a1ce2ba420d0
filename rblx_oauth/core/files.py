"""Files to upload: format, limits and how to open them, settled before sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rblx_oauth.core.arguments import optional
from rblx_oauth.core.checks import function
from rblx_oauth.core.formats import (
    CONTENT_TYPES,
    FORMATS,
    IMAGES,
    PLACES,
    contradiction,
    guessed,
)
from rblx_oauth.core.message import FilePart
from rblx_oauth.core.sources import Source, settle

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "Source",
    "asset_file",
    "image_file",
    "picture",
    "place_file",
    "upload_file",
]

MEGABYTE = 1024 * 1024
LIMIT = 20 * MEGABYTE
VIDEO_LIMIT = 3840 * MEGABYTE
PLACE_LIMIT = 100 * MEGABYTE
"""Roblox's page on place files says so; its OpenAPI document still says a tenth of it."""

Progress = Callable[[int, int], None]
"""Told (bytes sent so far, bytes in all) as an upload goes out."""


def upload_file(
    source: Source,
    *,
    formats: Mapping[str, str],
    limit: int,
    what: str,
    filename: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
) -> FilePart:
    """A file fit to be uploaded.

    Args:
        source: A path; bytes; a binary file, taken from where it stands; or an
            iterable of bytes, which for `AsyncClient` may be an async one. An
            iterable, and a file that cannot seek, must end after `size` bytes
            and can be read once only: if Roblox then wants it again (a 429, a
            renewed token), the call ends in that error.
        formats: Media types of the formats taken, by suffix.
        limit: The most bytes.
        what: What it is for, as errors call it.
        filename: Tells the format where `source` has no name.
        size: Its bytes, where only reading all of it would tell.
        progress: Called with (bytes sent, size) as it goes out; from the start
            again if it is sent again.

    Raises:
        ValueError: The format or the size does not fit; the limit is named. Or the
            content begins as another format than its name says.
        TypeError: `source` is none of these, or `progress` no function.
        OSError: The file cannot be read.
    """
    optional(function, "progress", progress)
    settled = settle(source, size)
    name = filename or settled.name
    suffix = (Path(name).suffix.lower() if name else "") or guessed(settled.head, formats)
    if suffix not in formats:
        raise ValueError(
            f"a file for {what} has one of the formats {' '.join(formats)}"
            + (f", not {suffix}" if suffix else "; give filename= to say which")
        )
    if other := contradiction(settled.head, suffix, formats):
        raise ValueError(f"the file is {suffix} by its name, but begins as {other} does")
    if not 0 < settled.size <= limit:
        raise ValueError(f"the file has {settled.size} bytes; for {what} the limit is 1 to {limit}")
    return FilePart(
        open=settled.open,
        size=settled.size,
        filename=Path(name).name if name else f"file{suffix}",
        content_type=formats[suffix],
        progress=progress,
    )


def asset_file(
    source: Source,
    *,
    asset_type: str,
    filename: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
) -> FilePart:
    """A file fit to become an asset of a type, one of `FORMATS`; see `upload_file`.

    Raises:
        ValueError, TypeError, OSError: As there, or there is no such type.
    """
    if asset_type not in FORMATS:
        raise ValueError(f"type must be one of {', '.join(FORMATS)}, not {asset_type!r}")
    return upload_file(
        source,
        formats={suffix: CONTENT_TYPES[suffix] for suffix in FORMATS[asset_type]},
        limit=VIDEO_LIMIT if asset_type == "Video" else LIMIT,
        what=asset_type,
        filename=filename,
        size=size,
        progress=progress,
    )


def image_file(
    source: Source,
    *,
    filename: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
) -> FilePart:
    """A picture for a game pass, a product, a badge or a thumbnail; see `upload_file`.

    Raises:
        ValueError, TypeError, OSError: As there.
    """
    return upload_file(
        source,
        formats={suffix: CONTENT_TYPES[suffix] for suffix in IMAGES},
        limit=LIMIT,
        what="an image",
        filename=filename,
        size=size,
        progress=progress,
    )


def picture(given: Source | FilePart) -> FilePart:
    """A picture as it is, if it was made with `image_file`; else made so.

    Raises:
        ValueError, TypeError, OSError: As there.
    """
    return given if isinstance(given, FilePart) else image_file(given)


def place_file(
    source: Source,
    *,
    filename: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
) -> FilePart:
    """A place, ``.rbxl`` or ``.rbxlx``, to be a request's whole body; see `upload_file`.

    Raises:
        ValueError, TypeError, OSError: As there.
    """
    return upload_file(
        source,
        formats=PLACES,
        limit=PLACE_LIMIT,
        what="a place",
        filename=filename,
        size=size,
        progress=progress,
    )
