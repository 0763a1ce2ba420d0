"""Team Create: who edits a universe together, and who does so now."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.behaviour.legacy import (
    universe_ids,
    writable_place,
    writable_universe,
)
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_size
from rblx_oauth.sandbox.places import places_of
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "TeamCreateShelf"]


class TeamCreateShelf(Shelf):
    """Who edits what together.

    Attributes:
        enabled: Whether a universe can be edited together, by its id; not unless it says so.
        members: Who may, by universe.
        sessions: Who does so now, by place.
        tests: Game instances of team tests that run, by place.
    """

    section = "team_create"

    enabled: dict[str, bool] = {}
    members: dict[str, list[str]] = {}
    sessions: dict[str, list[str]] = {}
    tests: dict[str, list[str]] = {}


class _Settings(msgspec.Struct, rename="camel"):
    is_enabled: bool


class _Membership(msgspec.Struct, rename="camel"):
    user_id: int


def _shelf(exchange: Exchange) -> TeamCreateShelf:
    return exchange.state.shelves.of(TeamCreateShelf)


def _check_enabled(exchange: Exchange, universe_id: str) -> None:
    if not _shelf(exchange).enabled.get(universe_id, False):
        said = "Team Create is not enabled for the universe"
        raise Refusal(403, "PERMISSION_DENIED", said, detail="4")


def _get(exchange: Exchange) -> object:
    universe = writable_universe(exchange)
    return {"isEnabled": _shelf(exchange).enabled.get(universe.id, False)}


def _get_many(exchange: Exchange) -> object:
    enabled = _shelf(exchange).enabled
    return {
        "data": [
            {"id": int(each), "isEnabled": enabled.get(each, False)}
            for each in universe_ids(exchange, too_many="9")
            if exchange.caller.may_touch_universe(each)
        ]
    }


def _update(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Settings)
    with exchange.state.lock:
        _shelf(exchange).enabled[writable_universe(exchange).id] = body.is_enabled
    return {}


def _remove(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Membership)
    with exchange.state.lock:
        universe = writable_universe(exchange)
        _check_enabled(exchange, universe.id)
        members = _shelf(exchange).members.get(universe.id, [])
        if str(body.user_id) not in members:
            raise Refusal.invalid("the user is invalid: not one who may edit the universe", "3")
        members.remove(str(body.user_id))
        # Who may not edit is not left in a session either.
        for place in places_of(exchange.state, universe.id):
            editing = _shelf(exchange).sessions.get(place.id, [])
            if str(body.user_id) in editing:
                editing.remove(str(body.user_id))
    return {}


def _members(exchange: Exchange) -> object:
    size = query_size(exchange.request, "limit", default=10, most=100)
    if exchange.request.args.get("cursor"):
        raise Refusal.invalid("cursor is not one that a listing gave: this one has a single page")
    place = writable_place(exchange)
    _check_enabled(exchange, place.universe)
    with exchange.state.lock:
        session = _shelf(exchange).sessions.get(place.id, ())
        users = [exchange.state.users[each] for each in session if each in exchange.state.users]
    return {
        "data": [
            {"id": int(each.id), "name": each.name, "displayName": each.display_name}
            for each in users[:size]
        ]
    }


def _close_test(exchange: Exchange) -> object:
    with exchange.state.lock:
        place = writable_place(exchange)
        tests = _shelf(exchange).tests.get(place.id, [])
        if exchange.request.args["gameId"] not in tests:
            raise Refusal.not_found("no team test runs in that game instance")
        tests.remove(exchange.request.args["gameId"])
    return {}


BEHAVIOURS = {
    "close_team_test": Behaviour(_close_test),
    "get_team_create_settings": Behaviour(_get, any_universe=True),
    "list_team_create_members": Behaviour(_members),
    "list_team_create_settings": Behaviour(_get_many),
    "remove_team_create_member": Behaviour(_remove, any_universe=True),
    "update_team_create_settings": Behaviour(_update, any_universe=True),
}
