"""Game passes: what players buy once, and keep."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from rblx_oauth.sandbox.behaviour.forms import read_form
from rblx_oauth.sandbox.behaviour.offers import (
    Offer,
    change_offer,
    in_order,
    offer_page,
    price_body,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "GamePassShelf"]


class GamePassShelf(Shelf, dict=True):
    """Every game pass, by its id."""

    section: ClassVar[str] = "game_passes"

    passes: dict[str, Offer] = {}

    @cached_property
    def order(self) -> Journal[str]:
        """Their ids, by universe."""
        return in_order(self.passes)

    def put(self, pass_id: str, offer: Offer) -> None:
        """Add one."""
        order = self.order
        self.passes[pass_id] = offer
        order.add(pass_id)


def _shelf(exchange: Exchange) -> GamePassShelf:
    return exchange.state.shelves.of(GamePassShelf)


def _found(exchange: Exchange) -> Offer:
    found = _shelf(exchange).passes.get(exchange.arguments["game_pass_id"])
    if found is None or found.universe != exchange.arguments["universe_id"]:
        raise Refusal.not_found("the universe has no such game pass", "gamePassId")
    return found


def _body(pass_id: str, offer: Offer) -> dict[str, object]:
    return {
        "gamePassId": int(pass_id),
        "name": offer.name,
        "description": offer.description,
        "isForSale": offer.for_sale,
        "iconAssetId": int(offer.icon or 0),
        "createdTimestamp": rfc3339(offer.created),
        "updatedTimestamp": rfc3339(offer.updated),
        "priceInformation": price_body(offer),
        "isManagedPricingEnabled": offer.managed_pricing,
    }


def _create(exchange: Exchange) -> object:
    state = exchange.state
    blank = Offer(universe=exchange.arguments["universe_id"], name="")
    made = change_offer(exchange, read_form(exchange), blank)
    made.created = made.updated
    pass_id = str(state.ids.number("game_pass"))
    with state.lock:
        _shelf(exchange).put(pass_id, made)
    return _body(pass_id, made)


def _update(exchange: Exchange) -> object:
    form = read_form(exchange)
    with exchange.state.lock:
        changed = change_offer(exchange, form, _found(exchange))
        _shelf(exchange).passes[exchange.arguments["game_pass_id"]] = changed
    return None


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        return _body(exchange.arguments["game_pass_id"], _found(exchange))


def _list(exchange: Exchange) -> object:
    shelf = _shelf(exchange)
    with exchange.state.lock:
        return offer_page(
            exchange, "gamePasses", shelf.order, lambda each: _body(each, shelf.passes[each])
        )


BEHAVIOURS = {
    "create_game_pass": Behaviour(_create),
    "get_game_pass": Behaviour(_get),
    "list_game_passes": Behaviour(_list),
    "update_game_pass": Behaviour(_update),
}
