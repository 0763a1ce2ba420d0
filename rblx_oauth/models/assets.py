"""Assets, and the operations that make them."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, SocialLink, Timestamp
from rblx_oauth.models.operations import OperationError


class AssetState(OpenEnum):
    """Whether an asset can be used."""

    UNSPECIFIED = "Unspecified"
    ACTIVE = "Active"
    ARCHIVED = "Archived"


class ModerationState(OpenEnum):
    """How far moderation is with an asset."""

    UNSPECIFIED = ""
    REVIEWING = "Reviewing"
    REJECTED = "Rejected"
    APPROVED = "Approved"


class ModerationResult(Model, frozen=True):
    """What moderation says of an asset."""

    state: ModerationState = msgspec.field(
        name="moderationState", default=ModerationState.UNSPECIFIED
    )


class Creator(Model, frozen=True):
    """Who made an asset: a user or a group; the other is None."""

    user_id: int | None = None
    group_id: int | None = None


class CreationContext(Model, frozen=True):
    """How an asset came to be."""

    creator: Creator = Creator()


class Preview(Model, frozen=True):
    """A picture that shows an asset: the image's path and its text for those who cannot see it."""

    asset: str = ""
    alt_text: str = ""


class Asset(Model, frozen=True):
    """An asset.

    Attributes:
        id: Its id.
        type: ``Decal``, ``Audio``, ``Model``, ...
        revision: The version number.
        icon: The path of its icon.
        revised_at: When this version was made.
    """

    id: int = msgspec.field(name="assetId")
    type: str = msgspec.field(name="assetType", default="")
    path: str = ""
    display_name: str = ""
    description: str = ""
    revision: str = msgspec.field(name="revisionId", default="")
    creation_context: CreationContext = CreationContext()
    moderation_result: ModerationResult = ModerationResult()
    state: AssetState = AssetState.UNSPECIFIED
    icon: str = ""
    previews: list[Preview] = []
    social_link: SocialLink | None = None
    revised_at: Timestamp | None = msgspec.field(name="revisionCreateTime", default=None)

    @property
    def creator(self) -> Creator:
        """Who made it."""
        return self.creation_context.creator


class OperationMetadata(Model, frozen=True):
    """What an operation says beside its result."""

    moderation_result: ModerationResult = ModerationResult()


class AssetOperation(Model, frozen=True):
    """The processing of an upload: under way, failed, or done with an asset.

    Attributes:
        path: ``operations/ID``.
        done: Whether it is over, one way or the other.
        error: Why it failed.
        response: The asset it ended in.
        metadata: Moderation's word may stand here.
    """

    path: str
    done: bool = False
    error: OperationError | None = None
    response: Asset | None = None
    metadata: OperationMetadata | None = None

    @property
    def id(self) -> str:
        """What the operation is asked for by."""
        return self.path.rpartition("/")[2]


class AssetLocation(Model, frozen=True):
    """Where an asset's content can be fetched from, for a while.

    Attributes:
        location: An address that needs no credential.
        request_id: Roblox's id of the request, for its support.
        is_archived: Whether the asset is archived.
        asset_type_id: Roblox's number for the type of asset.
        is_recordable: Whether Roblox says so.
    """

    location: str
    request_id: str = ""
    is_archived: bool = False
    asset_type_id: int | None = None
    is_recordable: bool = False


class Thumbnail3D(Model, frozen=True):
    """A picture of something in three dimensions, perhaps not drawn yet.

    Attributes:
        target_id: What it shows.
        state: ``Completed``, ``Pending``, ``Error``, ...
        image_url: Where it is; None until it is drawn.
    """

    target_id: int = 0
    state: str = ""
    image_url: str | None = None
    version: str = ""
