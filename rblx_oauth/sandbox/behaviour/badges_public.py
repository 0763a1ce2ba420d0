"""What everybody may read of badges, without a credential, from another of Roblox's addresses."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour.badges import badge_body, badge_of
from rblx_oauth.sandbox.behaviour.badges_shelf import BadgeShelf, today
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 10


def _universe(exchange: Exchange) -> Universe:
    universe = exchange.state.universes.get(exchange.arguments["universe_id"])
    if universe is None:
        raise Refusal.not_found("there is no such game", "3")
    return universe


def _body(exchange: Exchange, badge_id: str) -> dict[str, object]:
    """A badge, and the universe that awards it."""
    universe_id = exchange.state.shelves.of(BadgeShelf).badges[badge_id].universe
    universe = exchange.state.universes[universe_id]
    awarding = {
        "id": int(universe.id),
        "name": universe.name,
        "rootPlaceId": int(universe.root_place or 0),
    }
    return badge_body(exchange, badge_id) | {"awardingUniverse": awarding}


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        badge_of(exchange)
        return _body(exchange, exchange.arguments["badge_id"])


def _list(exchange: Exchange) -> object:
    args = exchange.request.args
    size, newest_first = int(args.get("limit") or _PAGE), args.get("sortOrder") == "Desc"
    place = begin(exchange, "cursor")
    with exchange.state.lock:
        about = (_universe(exchange).id,)
        order = exchange.state.shelves.of(BadgeShelf).order
        lines = order.page(about, place, size, newest_first=newest_first)
        return {
            "previousPageCursor": _cursor(exchange, lines.preceding),
            "nextPageCursor": _cursor(exchange, lines.following),
            "data": [_body(exchange, each) for each in lines.found],
        }


def _cursor(exchange: Exchange, place: int | None) -> str | None:
    return None if place is None else write_page_token((str(place),), *asked(exchange))


def _free_quota(exchange: Exchange) -> object:
    shelf, now = exchange.state.shelves.of(BadgeShelf), exchange.state.clock.now()
    with exchange.state.lock:
        return shelf.free_left(_universe(exchange).id, today(now))


BEHAVIOURS = {
    "get_badge": Behaviour(_get),
    "get_free_badges_quota": Behaviour(_free_quota),
    "list_badges": Behaviour(_list),
}
