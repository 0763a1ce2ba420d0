"""What is in the Creator Store: products, what is told of their assets, and who saved them."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.assets import Asset
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["Details", "Product", "StoreShelf", "product_id"]


class Product(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An asset's distribution.

    Attributes:
        asset: The id of the asset.
        type: Its type.
        price: In US cents.
        published: Whether the seller wants it distributed.
    """

    asset: str
    type: str
    price: int = 0
    published: bool = False


class Details(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the store tells of an asset and nobody says at the upload.

    Attributes:
        up_votes: How many like it.
        down_votes: How many do not.
        category_path: Where it is found, e.g. ``3d__characters``.
        tags: Words for what it is.
        swimlanes: Lists that it is on, e.g. ``trending``.
        sub_types: Of a model: ``Ad``, ``MaterialPack`` or ``Package``.
        instances: Of a model: how many instances of which kind are in it.
        audio_type: Of audio: ``Music`` or ``SoundEffect``.
        artist: Of audio.
        album: Of audio.
        charts: Of audio: those it is on: ``Current``, ``Week``, ``Month``, ``Year``.
    """

    up_votes: int = 0
    down_votes: int = 0
    category_path: str = ""
    tags: list[str] = []
    swimlanes: list[str] = []
    sub_types: list[str] = []
    instances: dict[str, int] = {}
    audio_type: str = "Unknown"
    artist: str = ""
    album: str = ""
    charts: list[str] = []


class StoreShelf(Shelf):
    """The store: products by their id, details by asset, and saves by user and product."""

    section = "creator_store"

    products: dict[str, Product] = {}
    details: dict[str, Details] = {}
    saves: dict[str, dict[str, float]] = {}

    def sells(self, asset: Asset) -> bool:
        """Whether anybody may have this asset from the store."""
        product = self.products.get(product_id(asset.type, asset.id))
        return product is not None and product.published and not asset.archived


def product_id(kind: str, asset_id: str) -> str:
    """What the product of an asset is asked for by."""
    return f"CreatorMarketplaceAsset-{kind}-{asset_id}"
