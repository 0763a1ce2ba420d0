"""Thumbnails: the pictures that show a universe on Roblox's home page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import thumbnails as api
from rblx_oauth.core.arguments import several, text
from rblx_oauth.core.files import Source
from rblx_oauth.core.message import FilePart
from rblx_oauth.core.thumbnails import FILES, operation_ids, outcome_of, thumbnail_files


class AsyncThumbnailUpload(
    AsyncLongRunning[models.ThumbnailUploadStatuses, Sequence[models.UploadedThumbnail]]
):
    """Files that Roblox is making thumbnails of. It ends in one for each, in their order.

    Attributes:
        operation_ids: Name it; `AsyncHomepageThumbnails.upload_operation` takes them
            in any process.
    """

    def __init__(self, sender: AsyncSender, universe_id: int, operations: Iterable[str]) -> None:
        self.operation_ids: Sequence[str] = several("operation_ids", operations, text)
        if not self.operation_ids:
            raise ValueError("operation_ids must hold at least one")
        call = api.get_homepage_thumbnail_uploads(
            universe_id=universe_id, operation_ids=self.operation_ids
        )
        name = ",".join(self.operation_ids)
        super().__init__(sender, name, call, outcome_of(self.operation_ids))


class AsyncHomepageThumbnails(AsyncUniversePart):
    """The thumbnails of a universe, and the personalizations made of them."""

    def list(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.HomepageThumbnail]:
        """Every thumbnail.

        Args:
            limit: At most so many.
            page_size: Fetched at a time.
        """
        call = api.list_homepage_thumbnails(universe_id=self.universe_id)
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def upload(self, files: Sequence[Source | FilePart]) -> AsyncThumbnailUpload:
        """Upload pictures to become thumbnails. They are streamed; never sent twice.

        Args:
            files: One to five, each a path, bytes or a binary file: ``.png``,
                ``.jpg``, ``.bmp`` or ``.webp`` of at most 3 MiB; or what
                `rblx_oauth.files.image_file` made.

        Returns:
            The operation to wait for. Moderation may go on after it.

        Raises:
            ValueError, TypeError, OSError: A file does not fit; nothing was sent.
            AmbiguousOutcome: They may have been uploaded.
        """
        parts = thumbnail_files(files)
        begun = await self._sender.send(
            api.upload_homepage_thumbnails(universe_id=self.universe_id, files=parts)
        )
        return self.upload_operation(operation_ids(parts, begun.operation_ids))

    def upload_operation(self, operation_ids: Iterable[str]) -> AsyncThumbnailUpload:
        """An upload under way, by its `AsyncThumbnailUpload.operation_ids`. Nothing is sent."""
        return AsyncThumbnailUpload(self._sender, self.universe_id, operation_ids)

    async def delete(self, thumbnail_ids: Iterable[str]) -> Mapping[str, bool]:
        """Delete thumbnails. They leave their personalizations, too.

        Args:
            thumbnail_ids: `HomepageThumbnail.id` of each.

        Returns:
            For each whether it was deleted; False, too, for one that a try before
            this one deleted.
        """
        return await self._sender.send(
            api.delete_homepage_thumbnails(
                universe_id=self.universe_id,
                homepage_thumbnail_ids=_chosen(thumbnail_ids, most=None),
            )
        )

    def personalizations(
        self,
        *,
        status: models.PersonalizedConfigStatus | str = "Active",
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.ThumbnailPersonalization]:
        """The personalizations, with their thumbnails.

        Args:
            status: Those that are ``Active``, or those that are ``Inactive``.
            limit: At most so many.
            page_size: Fetched at a time.
        """
        call = api.list_thumbnail_personalizations(universe_id=self.universe_id, status=status)
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def create_personalization(self, thumbnail_ids: Iterable[str]) -> str:
        """Let Roblox show each person the thumbnail that fits. Never sent twice.

        Args:
            thumbnail_ids: `HomepageThumbnail.id` of one to five.

        Returns:
            The id of the personalization.

        Raises:
            AmbiguousOutcome: It may have been made.
        """
        return await self._sender.send(
            api.create_thumbnail_personalization(
                universe_id=self.universe_id,
                homepage_thumbnail_ids=_chosen(thumbnail_ids, most=FILES),
            )
        )

    async def update_personalization(
        self, personalization_id: str, thumbnail_ids: Iterable[str]
    ) -> str:
        """Choose from other thumbnails; **those that are left out leave it**.

        Args:
            personalization_id: `ThumbnailPersonalization.id`.
            thumbnail_ids: `HomepageThumbnail.id` of one to five.

        Returns:
            The id of the personalization, which may be another one.

        Raises:
            AmbiguousOutcome: It may have been changed.
        """
        return await self._sender.send(
            api.update_thumbnail_personalization(
                universe_id=self.universe_id,
                personalization_id=personalization_id,
                homepage_thumbnail_ids=_chosen(thumbnail_ids, most=FILES),
            )
        )


def _chosen(thumbnail_ids: Iterable[str], most: int | None) -> Sequence[str]:
    found = several("thumbnail_ids", thumbnail_ids, text)
    if not found or (most is not None and len(found) > most):
        bounds = f"from 1 to {most}" if most else "at least 1"
        raise ValueError(f"thumbnail_ids must be {bounds}, not {len(found)}")
    return found
