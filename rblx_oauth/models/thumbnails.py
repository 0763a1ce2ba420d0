"""The pictures that show a universe on Roblox's home page."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rblx_oauth.models.base import Model, Timestamp
from rblx_oauth.models.generated.thumbnails import (
    HomepageThumbnailStatus,
    PersonalizedConfigStatus,
    ThumbnailModerationStatus,
)

_FINISHED = (2, "Finished")
"""Roblox's document has a number for it, its guide a word."""


class UploadedThumbnail(Model, frozen=True):
    """What became of one file.

    Attributes:
        id: Names the thumbnail; empty where the file became none.
        asset_id: The image.
        moderation_status: What moderation says of it so far.
    """

    id: str = msgspec.field(name="homepageThumbnailId", default="")
    asset_id: int | None = None
    moderation_status: ThumbnailModerationStatus | None = None


class ThumbnailUploadStatuses(Model, frozen=True):
    """How far the processing of uploaded files is.

    Attributes:
        upload_status: Of all of them together, as Roblox says it; see `finished`.
        thumbnails: What became of each, by the id of its operation.
    """

    upload_status: str | int = ""
    thumbnails: Mapping[str, UploadedThumbnail] = msgspec.field(
        name="uploadThumbnailStatusDict", default_factory=dict
    )

    @property
    def finished(self) -> bool:
        """Whether every file is processed."""
        return self.upload_status in _FINISHED


class PersonalizedThumbnail(Model, frozen=True):
    """A thumbnail in a personalization.

    Attributes:
        id: Names the thumbnail.
        asset_id: The image.
        status: Whether this personalization shows it.
        homepage_thumbnail_status: What Roblox thinks of the thumbnail itself.
    """

    id: str = msgspec.field(name="homepageThumbnailId", default="")
    asset_id: int | None = None
    status: PersonalizedConfigStatus | None = msgspec.field(
        name="personalizedThumbnailStatus", default=None
    )
    homepage_thumbnail_status: HomepageThumbnailStatus | None = None


class ThumbnailPersonalization(Model, frozen=True):
    """Thumbnails of which Roblox shows each person the one that fits.

    Attributes:
        id: Names it.
        status: Whether it is shown.
        thumbnails: Those that it chooses from.
        created_at: When it was made.
        served_at: When it was last shown.
    """

    id: str
    status: PersonalizedConfigStatus | None = msgspec.field(
        name="personalizedConfigStatus", default=None
    )
    thumbnails: list[PersonalizedThumbnail] = []
    created_at: Timestamp | None = msgspec.field(name="createdUtc", default=None)
    served_at: Timestamp | None = msgspec.field(name="lastServedUtc", default=None)
