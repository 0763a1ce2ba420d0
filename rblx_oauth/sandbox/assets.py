"""Uploaded assets, their versions, and the operations that process them."""

from __future__ import annotations

from typing import Literal

import msgspec

from rblx_oauth.sandbox.contents import Content
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["TYPES", "Asset", "AssetOperation", "AssetShelf", "Link", "Permission", "Version"]

TYPES = {
    "Image": 1,
    "Audio": 3,
    "Mesh": 4,
    "Model": 10,
    "Decal": 13,
    "Animation": 24,
    "Plugin": 38,
    "MeshPart": 40,
    "Video": 62,
    "FontFamily": 73,
}
"""The types of assets that the sandbox knows, and Roblox's numbers for them."""

Moderation = Literal["Reviewing", "Approved", "Rejected"]


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address at a social network."""

    uri: str
    title: str = ""


class Preview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An image asset that shows another one, and its text for those who cannot see it."""

    asset: str
    alt_text: str = ""


class Permission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody may do with an asset: in Roblox's words, e.g. ``User``, ``7``, ``Use``."""

    subject_type: str
    subject: str
    action: str


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of an asset's content.

    Attributes:
        number: From 1.
        created: When it was uploaded, in seconds since the epoch.
        content: Its bytes; None where nobody uploaded them.
        ready: When its processing is over.
        reviewed: When moderation is done with it.
        rejected: Whether moderation then says no.
    """

    number: int
    created: float
    content: Content | None = None
    ready: float = 0.0
    reviewed: float = 0.0
    rejected: bool = False

    def moderation(self, now: float) -> Moderation:
        """What moderation says of it."""
        if now < self.reviewed:
            return "Reviewing"
        return "Rejected" if self.rejected else "Approved"


class Asset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An asset.

    Attributes:
        id: Its id.
        type: One of `TYPES`.
        creator: ``U123`` or ``G456``.
        created: In seconds since the epoch.
        updated: When anything of it last changed.
        privacy: ``default``, ``restricted`` or ``openUse``.
        icon: The id of an image asset.
        previews: Image assets that show it.
        links: By their names, such as ``twitchSocialLink``.
        permissions: What was granted to others.
        versions: Oldest first; there is at least one.
    """

    id: str
    type: str
    display_name: str
    creator: str
    created: float
    versions: list[Version]
    updated: float = 0.0
    description: str = ""
    privacy: str = "default"
    archived: bool = False
    icon: str = ""
    previews: list[Preview] = []
    links: dict[str, Link] = {}
    permissions: list[Permission] = []

    def ready(self, now: float) -> list[Version]:
        """The versions that are processed, oldest first."""
        return [version for version in self.versions if version.ready <= now]

    def latest(self, now: float) -> Version:
        """The newest of them.

        Raises:
            IndexError: None is processed yet.
        """
        return self.ready(now)[-1]

    @property
    def content(self) -> Content | None:
        """That of the last upload, processed or not."""
        return self.versions[-1].content if self.versions else None

    def version(self, number: str, now: float) -> Version | None:
        """One of them, by its number in digits."""
        return next((each for each in self.ready(now) if str(each.number) == number), None)


class AssetOperation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The processing of one upload: over at `ready`, refused if `rejected` says why.

    Attributes:
        id: Its id.
        asset: The id of the asset.
        creator: Whose that is.
        display_name: What it is, or was to be, called.
    """

    id: str
    asset: str
    creator: str
    display_name: str
    ready: float
    rejected: str = ""


class AssetShelf(Shelf):
    """Every asset and operation of the sandbox, by id."""

    section = "assets"

    assets: dict[str, Asset] = {}
    operations: dict[str, AssetOperation] = {}

    def get(self, asset_id: str, now: float) -> Asset | None:
        """The asset, once its processing is over."""
        asset = self.assets.get(asset_id)
        return asset if asset is not None and asset.ready(now) else None
