"""Assets, and the operations that make them."""

from __future__ import annotations

from typing import Self

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, ResourceId, SocialLink, Timestamp
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

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        # Roblox's guide shows the same words in this spelling, too.
        prefix = "MODERATION_STATE_"
        name = value.removeprefix(prefix) if isinstance(value, str) else ""
        return cls.__members__.get(name) or super()._missing_(value)


class AssetPrivacy(OpenEnum):
    """Who may use a new asset, for the types that let it be chosen."""

    DEFAULT = "default"
    RESTRICTED = "restricted"
    OPEN_USE = "openUse"


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
    """A picture that shows an asset: the image asset, and its text for those who cannot see it."""

    asset_id: ResourceId | None = msgspec.field(name="asset", default=None)
    alt_text: str = ""


class Asset(Model, frozen=True):
    """An asset. Icon, previews and links come only when they are asked for by name.

    Attributes:
        id: Its id; 0 in an answer of other members only.
        type: ``Decal``, ``Audio``, ``Model``, ...
        revision: The version number.
        icon_id: The image asset that is its icon.
        revised_at: When this version was made.
    """

    id: int = msgspec.field(name="assetId", default=0)
    type: str = msgspec.field(name="assetType", default="")
    path: str = ""
    display_name: str = ""
    description: str = ""
    revision: str = msgspec.field(name="revisionId", default="")
    creation_context: CreationContext = CreationContext()
    moderation_result: ModerationResult = ModerationResult()
    state: AssetState = AssetState.UNSPECIFIED
    icon_id: ResourceId | None = msgspec.field(name="icon", default=None)
    previews: list[Preview] = []
    facebook_social_link: SocialLink | None = None
    twitter_social_link: SocialLink | None = None
    youtube_social_link: SocialLink | None = None
    twitch_social_link: SocialLink | None = None
    discord_social_link: SocialLink | None = None
    github_social_link: SocialLink | None = None
    roblox_social_link: SocialLink | None = None
    guilded_social_link: SocialLink | None = None
    dev_forum_social_link: SocialLink | None = None
    revised_at: Timestamp | None = msgspec.field(name="revisionCreateTime", default=None)

    @property
    def creator(self) -> Creator:
        """Who made it."""
        return self.creation_context.creator


class AssetVersion(Model, frozen=True):
    """A version of an asset.

    Attributes:
        path: ``assets/ID/versions/NUMBER``.
        creation_context: Whose it is; `creator` reads it.
        published: Of a place: whether it was published.
    """

    path: str = ""
    creation_context: CreationContext = CreationContext()
    moderation_result: ModerationResult = ModerationResult()
    published: bool = False

    @property
    def number(self) -> int:
        """Its number, from 1; 0 where the path tells none."""
        digits = self.path.rpartition("/")[2]
        return int(digits) if digits.isascii() and digits.isdigit() else 0

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


class AssetUpdate(Asset, frozen=True):
    """The answer to an update: an operation to follow, or the members that changed.

    Attributes:
        path: ``operations/ID`` of the former.
        done: Whether that is over, one way or the other.
        error: Why it failed.
        response: The asset it ended in.
        metadata: Moderation's word may stand here.
    """

    done: bool = False
    error: OperationError | None = None
    response: Asset | None = None
    metadata: OperationMetadata | None = None

    @property
    def operation(self) -> AssetOperation | None:
        """The operation; None if there was nothing to process."""
        if not self.path.startswith("operations/"):
            return None
        return AssetOperation(
            path=self.path,
            done=self.done,
            error=self.error,
            response=self.response,
            metadata=self.metadata,
        )

    def asset(self, asset_id: int) -> Asset:
        """What the answer says of the asset that was updated."""
        members = {name: getattr(self, name) for name in Asset.__struct_fields__}
        return Asset(**members | {"id": asset_id})


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
