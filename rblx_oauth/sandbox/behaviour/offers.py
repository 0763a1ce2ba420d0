"""What game passes and developer products have in common: how they are written and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.behaviour.forms import Form, creator_of, keep_icon
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Offer", "change_offer", "in_order", "offer_page", "price_body"]

O = TypeVar("O", bound="Offer")  # noqa: E741 (an offer)

_NAME_LENGTH = 50
_DESCRIPTION_LENGTH = 1000
_DEAREST = 1_000_000_000
_PAGE = 50
_LARGEST_PAGE = 100


class Offer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that a universe sells. Times are in seconds since the epoch.

    Attributes:
        universe: The id of the universe.
        price: In Robux; None until it has one.
        icon: The id of an image asset, empty without one.
    """

    universe: str
    name: str
    description: str = ""
    price: int | None = None
    for_sale: bool = False
    regional_pricing: bool = False
    managed_pricing: bool = False
    icon: str = ""
    created: float = BUILT
    updated: float = BUILT


def in_order(offers: Mapping[str, O]) -> Journal[str]:
    """The ids of what is offered, by universe."""
    return Journal(list(offers), lambda each: (offers[each].universe,))


def change_offer(exchange: Exchange, form: Form, offer: O) -> O:
    """An offer with what a form says of it.

    Raises:
        Refusal: 400, it cannot be so.
    """
    name = form.texts.get("name", offer.name)
    description = form.texts.get("description", offer.description)
    if not name.strip() or len(name) > _NAME_LENGTH:
        raise Refusal.invalid(f"name has 1 to {_NAME_LENGTH} characters", "name")
    if len(description) > _DESCRIPTION_LENGTH:
        most = f"description has {_DESCRIPTION_LENGTH} characters at most"
        raise Refusal.invalid(most, "description")
    if moderated(exchange, name, description):
        raise Refusal.invalid("moderation does not let name or description pass", "Blocked")
    for_sale = form.flag("isForSale")
    changed = msgspec.structs.replace(
        offer,
        name=name,
        description=description,
        price=_price(form, offer),
        for_sale=offer.for_sale if for_sale is None else for_sale,
        updated=exchange.state.clock.now(),
        **_pricing(form, offer),
    )
    if changed.for_sale and changed.price is None:
        raise Refusal.invalid("what is for sale needs a price", "price")
    upload = form.files.get("imageFile")
    if upload:
        creator = creator_of(exchange.state.universes[offer.universe])
        changed.icon = keep_icon(exchange, upload, creator=creator, name=name, detail="imageFile")
    return changed


def _price(form: Form, offer: Offer) -> int | None:
    price = form.number("price")
    if price is None:
        return offer.price
    if not 0 <= price <= _DEAREST:
        raise Refusal.invalid(f"price is from 0 to {_DEAREST} Robux", "price")
    return price


def _pricing(form: Form, offer: Offer) -> dict[str, bool]:
    regional = form.flag("isRegionalPricingEnabled")
    managed = form.flag("isManagedPricingEnabled")
    if regional is not None and managed is not None:
        both = "isRegionalPricingEnabled is not sent beside isManagedPricingEnabled"
        raise Refusal.invalid(both, "isRegionalPricingEnabled")
    return {
        "regional_pricing": offer.regional_pricing if regional is None else regional,
        "managed_pricing": offer.managed_pricing if managed is None else managed,
    }


def price_body(offer: Offer) -> dict[str, object] | None:
    """What an offer costs, in Roblox's words; None where nothing was ever said of that."""
    features: list[str] = []
    if offer.managed_pricing:
        features = ["PriceOptimization", "RegionalPricing"]
    elif offer.regional_pricing:
        features = ["RegionalPricing"]
    if offer.price is None and not features:
        return None
    return {"defaultPriceInRobux": offer.price, "enabledFeatures": features}


def offer_page(
    exchange: Exchange, member: str, order: Journal[str], describe: Callable[[str], object]
) -> dict[str, object]:
    """A page of what the universe of the path offers, the oldest first."""
    text = exchange.request.args.get("pageSize", "")
    if text and int(text) < 1:
        raise Refusal.invalid("pageSize must be positive", "pageSize")
    size = min(int(text or _PAGE), _LARGEST_PAGE)
    about = (exchange.arguments["universe_id"],)
    lines = order.page(about, begin(exchange), size, newest_first=False)
    token = None
    if lines.following is not None:
        token = write_page_token((str(lines.following),), *asked(exchange))
    return {member: [describe(each) for each in lines.found], "nextPageToken": token}
