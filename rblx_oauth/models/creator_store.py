"""What is sold in the Creator Store."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, ResourceId
from rblx_oauth.models.money import Money


class ProductRestriction(OpenEnum):
    """Why a product cannot be bought."""

    UNSPECIFIED = "RESTRICTION_UNSPECIFIED"
    SOLD_ITEM_RESTRICTED = "SOLD_ITEM_RESTRICTED"
    SELLER_TEMPORARILY_RESTRICTED = "SELLER_TEMPORARILY_RESTRICTED"
    SELLER_PERMANENTLY_RESTRICTED = "SELLER_PERMANENTLY_RESTRICTED"
    SELLER_NO_LONGER_ACTIVE = "SELLER_NO_LONGER_ACTIVE"


class CreatorStoreProduct(Model, frozen=True):
    """An asset's distribution in the Creator Store. Of its seven asset ids, one is given.

    Attributes:
        path: ``creator-store-products/ID``.
        base_price: What the seller asks.
        purchase_price: What the caller would pay, in their place.
        published: Whether the seller wants it distributed.
        purchasable: Whether it can be bought: published, and not restricted.
        user_id: The user who sells it; None for a group.
        group_id: The group that sells it; None for a user.
    """

    path: str = ""
    base_price: Money | None = None
    purchase_price: Money | None = None
    published: bool = False
    restrictions: list[ProductRestriction] = []
    purchasable: bool = False
    user_id: ResourceId | None = msgspec.field(name="userSeller", default=None)
    group_id: ResourceId | None = msgspec.field(name="groupSeller", default=None)
    model_asset_id: ResourceId | None = None
    plugin_asset_id: ResourceId | None = None
    audio_asset_id: ResourceId | None = None
    decal_asset_id: ResourceId | None = None
    mesh_part_asset_id: ResourceId | None = None
    video_asset_id: ResourceId | None = None
    font_family_asset_id: ResourceId | None = None

    @property
    def id(self) -> str:
        """What the product is asked for by."""
        return self.path.rpartition("/")[2]
