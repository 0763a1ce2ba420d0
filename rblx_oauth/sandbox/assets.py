"""Uploaded assets and the operations that process them."""

from __future__ import annotations

import msgspec

__all__ = ["Asset", "AssetOperation", "AssetShelf"]


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset. `creator` is ``U123`` or ``G456``; `created` is in seconds since the epoch.

    Of its content only the size, the type and the SHA-256 are kept.
    """

    id: str
    type: str
    display_name: str
    description: str
    creator: str
    created: float
    content_type: str
    size: int
    sha256: str


class AssetOperation(msgspec.Struct, frozen=True, kw_only=True):
    """The processing of one upload: over at `ready_at`, refused if `rejected` says why."""

    id: str
    asset: Asset
    ready_at: float
    rejected: str = ""


class AssetShelf:
    """Every upload of the sandbox."""

    def __init__(self) -> None:
        self.operations: dict[str, AssetOperation] = {}
        self._by_asset: dict[str, AssetOperation] = {}

    def put(self, operation: AssetOperation) -> None:
        """Take in an upload."""
        self.operations[operation.id] = operation
        self._by_asset[operation.asset.id] = operation

    def get(self, asset_id: str, now: float) -> Asset | None:
        """The asset, once its processing is over and moderation let it pass."""
        operation = self._by_asset.get(asset_id)
        if operation is None or operation.rejected or operation.ready_at > now:
            return None
        return operation.asset
