"""What the develop API does alike everywhere: finding universes and places, by its own numbers."""

from __future__ import annotations

from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.places import Place, find_place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["readable_universe", "universe_ids", "writable_place", "writable_universe"]

_MOST = 100


def readable_universe(exchange: Exchange) -> Universe:
    """The universe in the path, whoever owns it.

    Raises:
        Refusal: 400, there is none.
    """
    universe = exchange.state.universes.get(exchange.arguments["universe_id"])
    if universe is None:
        raise Refusal.invalid("the universe does not exist", "1")
    return universe


def writable_universe(exchange: Exchange, *, denied: str = "3") -> Universe:
    """The universe in the path, if the caller was let into it.

    Args:
        exchange: Who asks for what.
        denied: The API's number for one who may not.

    Raises:
        Refusal: 400, there is none; 403, it is not for this caller.
    """
    universe = readable_universe(exchange)
    _check(exchange, universe.id, denied)
    return universe


def writable_place(exchange: Exchange) -> Place:
    """The place in the path, if the caller was let into its universe.

    Raises:
        Refusal: 400, there is none; 403, it is not for this caller.
    """
    place = find_place(exchange.state, exchange.arguments["place_id"])
    if place is None:
        raise Refusal.invalid("the place is invalid", "5")
    _check(exchange, place.universe, "2")
    return place


def universe_ids(exchange: Exchange, *, too_many: str) -> list[str]:
    """The ids of universes in the query, each once.

    Args:
        exchange: Who asks for what.
        too_many: The API's number for more than a hundred.

    Raises:
        Refusal: 400, there are too many.
    """
    ids = list(dict.fromkeys(exchange.request.args.getlist("ids")))
    if len(ids) > _MOST:
        raise Refusal.invalid(f"at most {_MOST} ids can be asked about at once", too_many)
    return ids


def _check(exchange: Exchange, universe_id: str, denied: str) -> None:
    if not exchange.caller.may_touch_universe(universe_id):
        said = f"this credential was not granted universe {universe_id}"
        raise Refusal(403, "PERMISSION_DENIED", said, detail=denied)
