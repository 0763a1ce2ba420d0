"""Places: what they are called, and how many play in one server."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from rblx_oauth.sandbox.behaviour.team_create import TeamCreateShelf
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.patching import patch
from rblx_oauth.sandbox.places import Place, find_place, touch_universe
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "place_in_universe"]

_INT32 = 2**31


class _Changes(msgspec.Struct, kw_only=True, rename="camel"):
    display_name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    server_size: int | UnsetType | None = UNSET


def place_in_universe(exchange: Exchange) -> Place:
    """The place in the path, if it belongs to the universe in the path.

    Raises:
        Refusal: 404, it does not.
    """
    place = find_place(exchange.state, exchange.arguments["place_id"])
    if place is None or place.universe != exchange.arguments["universe_id"]:
        raise Refusal.not_found("there is no such place in the universe")
    return place


def _body(exchange: Exchange, place: Place) -> dict[str, object]:
    universe = exchange.state.universes[place.universe]
    root = universe.root_place == place.id
    return {
        "path": f"universes/{place.universe}/places/{place.id}",
        "createTime": rfc3339(place.created),
        "updateTime": rfc3339(place.updated),
        "displayName": universe.name if root else place.name,
        "description": universe.description if root else place.description,
        "serverSize": place.server_size,
        "root": root,
        "universeRuntimeCreation": False,
    }


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        return _body(exchange, place_in_universe(exchange))


def _update(exchange: Exchange) -> object:
    changes = patch(exchange.request, _Changes)
    name, size = changes.get("display_name", "x"), changes.get("server_size", 1)
    if not name:
        raise Refusal.invalid("displayName must not be empty")
    if not isinstance(size, int) or not 1 <= size < _INT32:
        raise Refusal.invalid("serverSize must be 1 or more, and fit 32 bits")
    with exchange.state.lock:
        place = place_in_universe(exchange)
        if exchange.state.shelves.of(TeamCreateShelf).sessions.get(place.id):
            raise Refusal(409, "ABORTED", "the place is open in an active Team Create session")
        if changes:
            place.server_size = size if "server_size" in changes else place.server_size
            _describe(exchange, place, changes)
            place.updated = exchange.state.clock.now()
            touch_universe(exchange.state, place.universe)
        return _body(exchange, place)


def _describe(exchange: Exchange, place: Place, changes: dict[str, object]) -> None:
    """Name and describe a place; the root place does so for its universe."""
    words = {
        wire: str(changes[member] or "")
        for wire, member in (("name", "display_name"), ("description", "description"))
        if member in changes
    }
    universe = exchange.state.universes[place.universe]
    if universe.root_place == place.id:
        exchange.state.universes[universe.id] = msgspec.structs.replace(universe, **words)
    place.name, place.description = (
        words.get("name", place.name),
        words.get("description", place.description),
    )


BEHAVIOURS = {
    "get_place": Behaviour(_get),
    "update_place": Behaviour(_update),
}
