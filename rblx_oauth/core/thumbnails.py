"""Thumbnails of the home page: files fit to become some, and what became of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rblx_oauth.core import polling
from rblx_oauth.core.files import CONTENT_TYPES, MEGABYTE, Source, upload_file
from rblx_oauth.core.message import FilePart
from rblx_oauth.errors import OperationFailed, ProtocolError
from rblx_oauth.models.generated.thumbnails import ThumbnailModerationStatus
from rblx_oauth.models.thumbnails import ThumbnailUploadStatuses, UploadedThumbnail

FORMATS = {
    ".webp": "image/webp",
    **{suffix: CONTENT_TYPES[suffix] for suffix in (".png", ".jpg", ".jpeg", ".bmp")},
}
FILES = 5
"""The most in one upload, and in one personalization."""
LIMIT = 3 * MEGABYTE
_REJECTED = ThumbnailModerationStatus.REJECTED


def thumbnail_files(sources: Sequence[Source | FilePart]) -> tuple[FilePart, ...]:
    """Pictures fit to become thumbnails, under names that tell them apart.

    Raises:
        ValueError: They are none or over five, or one has another format or over 3 MiB.
        TypeError: It is a single one, or one is no file.
        OSError: One cannot be read.
    """
    if isinstance(sources, str | bytes | bytearray | memoryview | os.PathLike):
        raise TypeError("files must be several: put a single one in a list")
    if not 1 <= len(sources) <= FILES:
        raise ValueError(f"files must be from 1 to {FILES}, not {len(sources)}")
    parts = [
        each
        if isinstance(each, FilePart)
        else upload_file(each, formats=FORMATS, limit=LIMIT, what="a thumbnail")
        for each in sources
    ]
    # Roblox's answer goes by names, and what has no name has the same one as others.
    return tuple(replace(each, filename=f"{at}-{each.filename}") for at, each in enumerate(parts))


def operation_ids(files: Sequence[FilePart], by_name: Mapping[str, str]) -> tuple[str, ...]:
    """The operations of files, in the order of the files.

    Raises:
        ProtocolError: One has none.
    """
    if missing := [each.filename for each in files if not by_name.get(each.filename)]:
        raise ProtocolError(
            f"upload_homepage_thumbnails: the answer names no operation for {len(missing)} "
            f"of {len(files)} files; list the thumbnails to see which there are"
        )
    return tuple(by_name[each.filename] for each in files)


def outcome_of(
    operations: Sequence[str],
) -> Callable[[ThumbnailUploadStatuses], Sequence[UploadedThumbnail] | None]:
    """Reads what became of files, in the order of their operations.

    What it gives raises `OperationFailed` where a file became no thumbnail, and
    `ModerationRejected` where moderation is why.
    """

    def read(status: ThumbnailUploadStatuses) -> Sequence[UploadedThumbnail] | None:
        found = [status.thumbnails.get(each, UploadedThumbnail()) for each in operations]
        missing = [name for name, each in zip(operations, found, strict=True) if not each.id]
        if missing and not status.finished:
            return None
        if missing:
            path = ",".join(missing)
            if any(each.moderation_status == _REJECTED for each in found if not each.id):
                raise polling.rejected(path)
            raise OperationFailed(
                f"{len(missing)} of {len(found)} files became no thumbnail; "
                "status() says what became of the others",
                operation=path,
            )
        return found

    return read
