"""Keeping users out of universes and places, for a while or for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from heapq import merge
from itertools import groupby

import msgspec

from rblx_oauth.sandbox.behaviour.restrictions_shelf import (
    Answered,
    Change,
    Restriction,
    Restrictions,
    RestrictionShelf,
)
from rblx_oauth.sandbox.cel import read_filter
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.listing import journal_page, key_page
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.places import find_place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 100
_LONGEST = 315_576_000_000
_DISPLAY_REASON = 400
_PRIVATE_REASON = 1000
_KEY_SECONDS = 24 * 3600.0
_SECONDS = re.compile(r"([0-9]{1,12})(?:\.0{1,9})?s")
_USER = re.compile(r"users/([0-9]+)")
_PLACE = re.compile(r"(?:universes/[0-9]+/)?places/([0-9]+)")
_MASKS = {"", "*", "gameJoinRestriction", "game_join_restriction"}


class _Wanted(msgspec.Struct, rename="camel"):
    active: bool = False
    duration: str | None = None
    private_reason: str = ""
    display_reason: str = ""
    exclude_alt_accounts: bool = False


class _Body(msgspec.Struct, rename="camel"):
    game_join_restriction: _Wanted


def _here(exchange: Exchange) -> Restrictions:
    """The restrictions of the universe in the path; the state's lock must be held."""
    kept = exchange.state.shelves.of(RestrictionShelf).by_universe
    return kept.setdefault(exchange.arguments["universe_id"], Restrictions())


def _place_of(exchange: Exchange) -> str:
    """The place in the path; "" where it is the universe.

    Raises:
        Refusal: 404, the universe has no such place.
    """
    place_id = exchange.arguments.get("place_id", "")
    place = find_place(exchange.state, place_id) if place_id else None
    if place_id and (place is None or place.universe != exchange.arguments["universe_id"]):
        raise Refusal.not_found(f"this universe has no place {place_id}")
    return place_id


def _user_of(exchange: Exchange) -> str:
    user = exchange.arguments["user_restriction_id"]
    if user not in exchange.state.users:
        raise Refusal.not_found(f"there is no user {user}")
    return user


def _terms(restriction: Restriction) -> dict[str, object]:
    """What a restriction and a line of the log have in common."""
    terms: dict[str, object] = {
        "privateReason": restriction.private_reason,
        "displayReason": restriction.display_reason,
        "excludeAltAccounts": restriction.exclude_alt_accounts,
    }
    if restriction.started is not None:
        terms["startTime"] = rfc3339(restriction.started)
    if restriction.seconds is not None:
        terms["duration"] = f"{restriction.seconds}s"
    return terms


def _body(exchange: Exchange, here: Restrictions, place: str, user: str) -> dict[str, object]:
    now = exchange.state.clock.now()
    own = here.at(place).get(user)
    above = here.universe.get(user)
    # A ban from the universe holds in all of its places, whatever they say themselves.
    inherited = bool(place and above and above.holds(now) and not (own and own.holds(now)))
    found = above if inherited else own
    path = f"universes/{exchange.arguments['universe_id']}"
    answer: dict[str, object] = {
        "path": f"{path}/places/{place}/user-restrictions/{user}"
        if place
        else f"{path}/user-restrictions/{user}",
        "user": f"users/{user}",
    }
    if found is None:
        found = Restriction(active=False)
    else:
        answer["updateTime"] = rfc3339(found.updated)
    answer["gameJoinRestriction"] = {
        "active": found.holds(now),
        "inherited": inherited,
        **_terms(found),
    }
    return answer


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        place, user = _place_of(exchange), _user_of(exchange)
        return _body(exchange, _here(exchange), place, user)


def _list(exchange: Exchange) -> object:
    with exchange.state.lock:
        place, here = _place_of(exchange), _here(exchange)

        def walk(after: int | None) -> Iterator[int]:
            orders = (here.order.get(each, Index()) for each in {"", place})
            merged = merge(*(order.walk(after=after) for order in orders))
            return (user for user, _ in groupby(merged))

        return key_page(
            exchange,
            "userRestrictions",
            walk,
            lambda user: _body(exchange, here, place, str(user)),
            most=_PAGE,
        )


def _update(exchange: Exchange) -> object:
    state, query = exchange.state, exchange.request.args
    if query.get("updateMask", "") not in _MASKS:
        raise Refusal.invalid("updateMask takes gameJoinRestriction as a whole", "updateMask")
    wanted = json_body(exchange.request, _Body).game_join_restriction
    key = query.get("idempotencyKey.key", "")
    with state.lock:
        place, user, here = _place_of(exchange), _user_of(exchange), _here(exchange)
        now = state.clock.now()
        request = _mark(place, user, wanted)
        if key:
            before = _answered(exchange, here, key, request)
            if before is not None:
                return before.answer
        restriction = _read(wanted, now)
        moderator = exchange.caller.user_id
        here.put(Change(user=user, place=place, moderator=moderator, restriction=restriction))
        answer = _body(exchange, here, place, user)
        if key:
            at = _sender_time(exchange)
            here.answered[key] = Answered(request=request, answer=answer, at=at)
        return answer


def _mark(place: str, user: str, wanted: _Wanted) -> str:
    return blake2b(msgspec.json.encode((place, user, wanted)), digest_size=12).hexdigest()


def _answered(exchange: Exchange, here: Restrictions, key: str, request: str) -> Answered | None:
    """What this request got before under the same key; None if it is new.

    Raises:
        Refusal: 400, the key was another request's, or is too old to tell.
    """
    now = _sender_time(exchange)
    for old in list(here.answered):
        if here.answered[old].at + _KEY_SECONDS > now:
            break
        del here.answered[old]
    sent = exchange.request.args.get("idempotencyKey.firstSent", "")
    if sent and parse_rfc3339(sent) + _KEY_SECONDS <= now:
        raise Refusal.invalid("the idempotency key was first sent too long ago to be told apart")
    before = here.answered.get(key)
    if before is not None and before.request != request:
        raise Refusal.invalid("the idempotency key was used for another request")
    return before


def _sender_time(exchange: Exchange) -> float:
    """The time as senders have it, who stamp what they send: tests move the sandbox's alone."""
    return exchange.state.clock.now() - exchange.state.clock.offset


def _read(wanted: _Wanted, now: float) -> Restriction:
    """The restriction that is asked for, from now on.

    Raises:
        Refusal: 400, its duration or a reason is beyond the limits.
    """
    seconds = None
    if wanted.duration is not None:
        match = _SECONDS.fullmatch(wanted.duration)
        seconds = int(match[1]) if match else 0
        if not 1 <= seconds <= _LONGEST:
            raise Refusal.invalid(f"duration is 1 to {_LONGEST} whole seconds, such as 60s")
    for name, text, most in (
        ("privateReason", wanted.private_reason, _PRIVATE_REASON),
        ("displayReason", wanted.display_reason, _DISPLAY_REASON),
    ):
        if len(text) > most:
            raise Refusal.invalid(f"{name} has {most} characters at most, not {len(text)}")
    return Restriction(
        active=wanted.active,
        started=now if wanted.active else None,
        seconds=seconds if wanted.active else None,
        private_reason=wanted.private_reason,
        display_reason=wanted.display_reason,
        exclude_alt_accounts=wanted.exclude_alt_accounts,
        updated=now,
    )


def _list_logs(exchange: Exchange) -> object:
    wanted = read_filter(exchange.request.args.get("filter", ""), {"user": "==", "place": "=="})
    about = tuple(
        _named(pattern, wanted[field][0]) if field in wanted else ""
        for field, pattern in (("user", _USER), ("place", _PLACE))
    )
    with exchange.state.lock:
        journal = _here(exchange).journal
        return journal_page(exchange, "logs", journal, about, _line, most=_PAGE)


def _named(pattern: re.Pattern[str], path: str) -> str:
    match = pattern.fullmatch(path)
    if match is None:
        raise Refusal.invalid("the filter names paths such as users/1 and places/2", "filter")
    return match[1]


def _line(change: Change) -> object:
    return {
        "user": f"users/{change.user}",
        "place": f"places/{change.place}" if change.place else "",
        "moderator": {"robloxUser": f"users/{change.moderator}"},
        "createTime": rfc3339(change.restriction.updated),
        "active": change.restriction.active,
        **_terms(change.restriction),
        "restrictionType": {"gameJoinRestriction": {}},
    }


BEHAVIOURS = {
    "get_place_user_restriction": Behaviour(_get),
    "get_user_restriction": Behaviour(_get),
    "list_place_user_restrictions": Behaviour(_list),
    "list_user_restriction_logs": Behaviour(_list_logs),
    "list_user_restrictions": Behaviour(_list),
    "update_place_user_restriction": Behaviour(_update),
    "update_user_restriction": Behaviour(_update),
}
