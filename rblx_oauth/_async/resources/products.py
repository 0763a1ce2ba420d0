"""What a universe sells: game passes and developer products."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypedDict

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth.api import developer_products, game_passes
from rblx_oauth.core.arguments import flag, text, whole
from rblx_oauth.core.files import Source, picture
from rblx_oauth.core.message import FilePart


class AsyncGamePasses(AsyncUniversePart):
    """The game passes of a universe: bought once, kept for ever."""

    def list(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.GamePass]:
        """Every game pass, for sale or not.

        Args:
            limit: At most so many.
            page_size: Fetched at a time; Roblox gives 50 unless told otherwise.
        """
        call = game_passes.list_game_passes(universe_id=self.universe_id)
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def get(self, game_pass_id: int) -> models.GamePass:
        """A game pass as its creators see it.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(
            game_passes.get_game_pass(universe_id=self.universe_id, game_pass_id=game_pass_id)
        )

    async def create(
        self,
        name: str,
        *,
        description: str | None = None,
        price: int | None = None,
        for_sale: bool | None = None,
        icon: Source | FilePart | None = None,
        managed_pricing: bool | None = None,
        regional_pricing: bool | None = None,
    ) -> models.GamePass:
        """Make a game pass. Never sent twice.

        Args:
            name: What players see.
            description: What players read.
            price: In Robux.
            for_sale: Whether it can be bought.
            icon: A picture: a path, bytes, a binary file, or what
                `rblx_oauth.files.image_file` made.
            managed_pricing: Let Roblox set prices to what is best paid where.
            regional_pricing: Only for where `managed_pricing` is not given: Roblox
                advises against it.

        Raises:
            ValueError, TypeError, OSError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been made.
        """
        offer = _offer(description, price, for_sale, icon, managed_pricing, regional_pricing)
        return await self._sender.send(
            game_passes.create_game_pass(universe_id=self.universe_id, name=name, **offer)
        )

    async def update(
        self,
        game_pass_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        price: int | None = None,
        for_sale: bool | None = None,
        icon: Source | FilePart | None = None,
        managed_pricing: bool | None = None,
        regional_pricing: bool | None = None,
    ) -> None:
        """Change what is given of a game pass. Arguments as for `create`.

        Raises:
            NotFound: There is none.
            ValueError, TypeError, OSError: An argument is wrong, or none is given;
                nothing was sent.
            AmbiguousOutcome: It may have been changed.
        """
        offer = _offer(description, price, for_sale, icon, managed_pricing, regional_pricing)
        await self._sender.send(
            game_passes.update_game_pass(
                universe_id=self.universe_id,
                game_pass_id=game_pass_id,
                name=_changed(name, offer),
                **offer,
            )
        )


class AsyncDeveloperProducts(AsyncUniversePart):
    """The developer products of a universe: bought as often as players like."""

    def list(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.DeveloperProduct]:
        """Every developer product, for sale or not.

        Args:
            limit: At most so many.
            page_size: Fetched at a time; Roblox gives 50 unless told otherwise.
        """
        call = developer_products.list_developer_products(universe_id=self.universe_id)
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def get(self, product_id: int) -> models.DeveloperProduct:
        """A developer product as its creators see it.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(
            developer_products.get_developer_product(
                universe_id=self.universe_id, product_id=product_id
            )
        )

    async def create(
        self,
        name: str,
        *,
        description: str | None = None,
        price: int | None = None,
        for_sale: bool | None = None,
        icon: Source | FilePart | None = None,
        managed_pricing: bool | None = None,
        regional_pricing: bool | None = None,
    ) -> models.DeveloperProduct:
        """Make a developer product. Never sent twice.

        Args:
            name: What players see; no two of a universe have the same.
            description: What players read.
            price: In Robux.
            for_sale: Whether it can be bought.
            icon: A picture: a path, bytes, a binary file, or what
                `rblx_oauth.files.image_file` made.
            managed_pricing: Let Roblox set prices to what is best paid where.
            regional_pricing: Only for where `managed_pricing` is not given: Roblox
                advises against it.

        Raises:
            ValueError, TypeError, OSError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been made.
        """
        offer = _offer(description, price, for_sale, icon, managed_pricing, regional_pricing)
        return await self._sender.send(
            developer_products.create_developer_product(
                universe_id=self.universe_id, name=name, **offer
            )
        )

    async def update(
        self,
        product_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        price: int | None = None,
        for_sale: bool | None = None,
        icon: Source | FilePart | None = None,
        managed_pricing: bool | None = None,
        regional_pricing: bool | None = None,
    ) -> None:
        """Change what is given of a developer product. Arguments as for `create`.

        Raises:
            NotFound: There is none.
            Conflict: It cannot be changed, e.g. because of its name.
            ValueError, TypeError, OSError: An argument is wrong, or none is given;
                nothing was sent.
            AmbiguousOutcome: It may have been changed.
        """
        offer = _offer(description, price, for_sale, icon, managed_pricing, regional_pricing)
        await self._sender.send(
            developer_products.update_developer_product(
                universe_id=self.universe_id,
                product_id=product_id,
                name=_changed(name, offer),
                **offer,
            )
        )


class _Offer(TypedDict):
    """What passes and products have in common, as `rblx_oauth.api` takes it."""

    description: str | None
    is_for_sale: bool | None
    price: int | None
    image_file: FilePart | None
    is_regional_pricing_enabled: bool | None
    is_managed_pricing_enabled: bool | None


def _offer(
    description: str | None,
    price: int | None,
    for_sale: bool | None,
    icon: Source | FilePart | None,
    managed_pricing: bool | None,
    regional_pricing: bool | None,
) -> _Offer:
    if price is not None and whole("price", price) < 0:
        raise ValueError("price must not be negative")
    for name, value in (
        ("for_sale", for_sale),
        ("managed_pricing", managed_pricing),
        ("regional_pricing", regional_pricing),
    ):
        if value is not None:
            flag(name, value)
    if managed_pricing is not None and regional_pricing is not None:
        raise ValueError("give managed_pricing or regional_pricing, not both")
    return _Offer(
        description=description,
        is_for_sale=for_sale,
        price=price,
        image_file=None if icon is None else picture(icon),
        is_regional_pricing_enabled=regional_pricing,
        is_managed_pricing_enabled=managed_pricing,
    )


def _changed(name: str | None, offer: _Offer) -> str | None:
    """The new name, if there is one."""
    if name is not None:
        return text("name", name)
    if all(each is None for each in offer.values()):
        raise ValueError("nothing to change was given")
    return None
