"""The Creator Store: looking for assets, saving them, selling one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import creator_store as api
from rblx_oauth.core.arguments import flag, id_number, identifier, optional, text
from rblx_oauth.models.generated.creator_store import SaveTarget, SearchCategoryType as Type
from rblx_oauth.models.money import units

SEARCH_PAGE = 100
"""Assets that a page of a search may hold."""
SAVES_PAGE = 500
"""Saves that a page may hold."""
MOST_UNSAVED = 5000
"""Saves that can be deleted at once."""

F = TypeVar("F")

CENTS = 2
"""Decimal places of a price that is looked for."""


class AsyncCreatorStore:
    """The Creator Store, as the client's user sees it.

    Types of assets are ``Audio``, ``Decal``, ``FontFamily``, ``MeshPart``,
    ``Model``, ``Plugin`` and ``Video``.
    """

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def search(
        self,
        type: Type | str | None = None,  # noqa: A002 (Roblox's word)
        *,
        query: str | None = None,
        image: bytes | None = None,
        user_id: int | None = None,
        group_id: int | None = None,
        sort_by: models.SortCategory | str | None = None,
        sort_direction: models.SortDirection | str | None = None,
        verified_creators: bool | None = None,
        min_price: Decimal | int | str | None = None,
        max_price: Decimal | int | str | None = None,
        facets: Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
        category_path: str | None = None,
        swimlane: str | None = None,
        view: models.SearchView | str | None = None,
        audio: models.AudioSearchFilters | None = None,
        model: models.ModelSearchFilters | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.CreatorStoreAsset]:
        """Look for assets.

        Args:
            type: Of assets; needed unless `category_path` tells it.
            query: Words to look for.
            image: A picture to look for, in place of words.
            user_id: Only what this user made.
            group_id: Only what this group made, in place of a user.
            sort_by: ``Relevance``, ``Trending``, ``Top``, ``AudioDuration``,
                ``CreateTime``, ``UpdatedTime`` or ``Ratings``.
            sort_direction: ``Ascending`` or ``Descending``.
            verified_creators: Whether only what verified creators made.
            min_price: US dollars, exact to the cent: ``"4.99"``.
            max_price: The same.
            facets: More words, which earlier answers named.
            tags: Only what has these.
            category_path: Only what is there, e.g. ``3d__characters``.
            swimlane: Only what is there, e.g. ``trending``.
            view: How much to tell of each: ``IDs``, ``Core`` or ``Full``.
            audio: What audio must be.
            model: What models must be.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.

        Raises:
            ValueError, TypeError: An argument is wrong, or one too many or too few.
        """
        if type is None and category_path is None:
            raise ValueError("give type, or a category_path")
        if query is not None and image is not None:
            raise ValueError("give query or image, not both")
        if user_id is not None and group_id is not None:
            raise ValueError("give user_id or group_id, not both")
        least, most = _cents("min_price", min_price), _cents("max_price", max_price)
        if least is not None and most is not None and least > most:
            raise ValueError("min_price must not be over max_price")
        call = api.search_creator_store_assets(
            search_category_type=optional(text, "type", type),
            query=query,
            image=image,
            user_id=user_id,
            group_id=group_id,
            sort_category=optional(text, "sort_by", sort_by),
            sort_direction=sort_direction,
            include_only_verified_creators=optional(flag, "verified_creators", verified_creators),
            min_price_cents=least,
            max_price_cents=most,
            facets=facets,
            tags=tags,
            category_path=category_path,
            swimlane=swimlane,
            search_view=optional(text, "view", view),
            audio_search_filters=_filters("audio", audio, models.AudioSearchFilters),
            model_search_filters=_filters("model", model, models.ModelSearchFilters),
        )
        return AsyncListing(self._sender, call, most=SEARCH_PAGE).walk(
            limit=limit, page_size=page_size
        )

    async def get(self, asset_id: int) -> models.CreatorStoreAsset:
        """What the store tells of an asset.

        Raises:
            NotFound: It is not in the store.
        """
        return await self._sender.send(api.get_creator_store_asset(asset_id=asset_id))

    def product(self, type: str, asset_id: int) -> AsyncCreatorStoreProduct:  # noqa: A002
        """The product that an asset is, or is to be. Nothing is sent.

        Raises:
            ValueError, TypeError: There is no such type, or `asset_id` is no id.
        """
        return AsyncCreatorStoreProduct(self._sender, type, asset_id)

    def saves(
        self,
        type: Type | str | None = None,  # noqa: A002
        *,
        asset_id: int | None = None,
        keyword: str | None = None,
        hide_owned: bool | None = None,
        sort_by: models.SavesSortCategory | str | None = None,
        sort_direction: models.SortDirection | str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.Save]:
        """What the user saved.

        Args:
            type: Only assets of this type.
            asset_id: Only this asset; `type` is needed then.
            keyword: Only what has this word.
            hide_owned: Leave out what the user owns.
            sort_by: ``Name``, ``Creator``, ``Ratings``, ``TargetType``,
                ``DateSaved``, ``LastModified`` or ``Price``.
            sort_direction: ``Ascending`` or ``Descending``.
            limit: At most so many.
            page_size: Fetched at a time, up to 500.

        Raises:
            ValueError, TypeError: An argument is wrong.
        """
        if asset_id is not None and type is None:
            raise ValueError("asset_id needs type beside it")
        call = api.list_saves(
            target_type=optional(text, "type", type),
            target_id=optional(id_number, "asset_id", asset_id),
            keyword=keyword,
            hide_owned_assets=optional(flag, "hide_owned", hide_owned),
            sort_by=sort_by,
            sort_direction=sort_direction,
        )
        return AsyncListing(self._sender, call, most=SAVES_PAGE).walk(
            limit=limit, page_size=page_size
        )

    async def save(self, type: Type | str, asset_id: int) -> None:  # noqa: A002
        """Save an asset of a type.

        Raises:
            NotFound: There is none.
            Conflict: It is saved already.
            AmbiguousOutcome: It may have been saved.
        """
        call = api.create_save(
            target_type=text("type", type), target_id=id_number("asset_id", asset_id)
        )
        await self._sender.send(call)

    async def unsave(self, type: Type | str, asset_id: int) -> None:  # noqa: A002
        """Save an asset of a type no longer.

        Raises:
            NotFound: It was not saved.
        """
        call = api.delete_save(
            target_type=text("type", type), target_id=id_number("asset_id", asset_id)
        )
        await self._sender.send(call)

    async def unsave_many(self, assets: Iterable[tuple[Type | str, int]]) -> int:
        """Save assets no longer.

        Args:
            assets: Type and id of each; at most 5,000.

        Returns:
            How many were.

        Raises:
            ValueError, TypeError: They are too many, none, or something else.
            AmbiguousOutcome: Some may be saved no longer.
        """
        targets = [
            SaveTarget(
                target_type=Type(text("type", each)),
                target_id=id_number("asset_id", asset_id),
            )
            for each, asset_id in assets
        ]
        if not 0 < len(targets) <= MOST_UNSAVED:
            raise ValueError(f"assets has {len(targets)} members; the limit is 1 to {MOST_UNSAVED}")
        answer = await self._sender.send(api.delete_saves(targets=targets))
        return answer.deleted_count or 0


class AsyncCreatorStoreProduct:
    """An asset's distribution in the Creator Store.

    Attributes:
        id: What the product is asked for by.
    """

    def __init__(self, sender: AsyncSender, type: str, asset_id: int) -> None:  # noqa: A002
        if type not in tuple(Type):
            raise ValueError(f"type must be one of {', '.join(Type)}, not {type!r}")
        self._sender = sender
        self._type = type
        self._asset_id = asset_id
        self.id: str = f"CreatorMarketplaceAsset-{type}-{identifier('asset_id', asset_id)}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    async def get(self) -> models.CreatorStoreProduct:
        """Its price, and whether it can be bought.

        Raises:
            NotFound: The asset is no product.
        """
        return await self._sender.send(
            api.get_creator_store_product(creator_store_product_id=self.id)
        )

    async def create(
        self, *, base_price: models.Money | Decimal | int | str, published: bool
    ) -> models.CreatorStoreProduct:
        """Make the asset a product, which it never was before.

        Args:
            base_price: US dollars, exactly: ``"4.99"``; 0 is free. Roblox takes
                certain prices for each type.
            published: Whether it is to be distributed.

        Raises:
            ValueError, TypeError: An argument is wrong.
            BadRequest: The price is none of those that Roblox takes.
            AmbiguousOutcome: It may have been done.
        """
        return await self._sender.send(
            api.create_creator_store_product(
                base_price=_money(base_price),
                published=flag("published", published),
                audio_asset_id=self._if(Type.AUDIO),
                decal_asset_id=self._if(Type.DECAL),
                font_family_asset_id=self._if(Type.FONT_FAMILY),
                mesh_part_asset_id=self._if(Type.MESH_PART),
                model_asset_id=self._if(Type.MODEL),
                plugin_asset_id=self._if(Type.PLUGIN),
                video_asset_id=self._if(Type.VIDEO),
            )
        )

    def _if(self, type: Type) -> int | None:  # noqa: A002
        return self._asset_id if self._type == type else None

    async def update(
        self,
        *,
        base_price: models.Money | Decimal | int | str | None = None,
        published: bool | None = None,
    ) -> models.CreatorStoreProduct:
        """Change its price, or whether it is distributed; what is not given stays.

        Args:
            base_price: As of `create`.
            published: Whether it is to be distributed.

        Raises:
            ValueError, TypeError: An argument is wrong, or none is given.
            BadRequest: The price is none of those that Roblox takes.
            AmbiguousOutcome: It may have been done.
        """
        if base_price is None and published is None:
            raise ValueError("there is nothing to update: give at least one argument")
        return await self._sender.send(
            api.update_creator_store_product(
                creator_store_product_id=self.id,
                base_price=None if base_price is None else _money(base_price),
                published=published,
            )
        )


def _money(amount: models.Money | Decimal | int | str) -> models.Money:
    return amount if isinstance(amount, models.Money) else models.Money.of(amount)


def _filters(name: str, filters: F | None, kind: type[F]) -> F | None:
    if filters is not None and not isinstance(filters, kind):
        raise TypeError(f"{name} must be models.{kind.__name__}(...) or None")
    return filters


def _cents(name: str, amount: Decimal | int | str | None) -> int | None:
    if amount is None:
        return None
    cents = units(amount, CENTS)
    if cents < 0:
        raise ValueError(f"{name} must not be negative")
    return cents
