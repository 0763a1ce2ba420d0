"""The universes that users follow, to hear of their updates."""

from __future__ import annotations

from typing import ClassVar

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.ids import Id
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "MOST_FOLLOWED", "FollowingShelf"]

MOST_FOLLOWED = 200
"""Universes that one user may follow."""

_USER, _UNIVERSE = 1, 1


class FollowingShelf(Shelf):
    """Since when each user follows universes, by the ids of both."""

    section: ClassVar[str] = "followings"

    by_user: dict[Id, dict[Id, float]] = {}


def _mine(exchange: Exchange) -> dict[str, float]:
    """What the user in the path follows, who must be the caller; the lock must be held."""
    user = exchange.arguments["user_id"]
    if exchange.caller.user_id != user:
        raise Refusal.denied("users see and change what they follow themselves, and no other")
    return exchange.state.shelves.of(FollowingShelf).by_user.setdefault(user, {})


def _universe(exchange: Exchange) -> str:
    universe = exchange.arguments["universe_id"]
    if universe not in exchange.state.universes:
        raise Refusal.not_found(f"there is no universe {universe}")
    return universe


def _pair(exchange: Exchange, universe: str) -> dict[str, int]:
    return {"universeId": int(universe), "userId": int(exchange.arguments["user_id"])}


def _list(exchange: Exchange) -> object:
    with exchange.state.lock:
        return [_pair(exchange, universe) for universe in _mine(exchange)]


def _list_by_type(exchange: Exchange) -> object:
    with exchange.state.lock:
        since = {universe: rfc3339(at) for universe, at in _mine(exchange).items()}
    return {
        "followerType": _USER,
        "followerId": int(exchange.arguments["user_id"]),
        "sourceType": _UNIVERSE,
        "followedSources": since,
    }


def _status(exchange: Exchange) -> object:
    with exchange.state.lock:
        mine, universe = _mine(exchange), _universe(exchange)
        return {
            "UniverseId": int(universe),
            "UserId": int(exchange.arguments["user_id"]),
            "CanFollow": len(mine) < MOST_FOLLOWED or universe in mine,
            "IsFollowing": universe in mine,
            "FollowingCountByType": len(mine),
            "FollowingLimitByType": MOST_FOLLOWED,
        }


def _follow(exchange: Exchange) -> object:
    with exchange.state.lock:
        mine, universe = _mine(exchange), _universe(exchange)
        if universe not in mine:
            if len(mine) >= MOST_FOLLOWED:
                raise Refusal.invalid(f"a user follows {MOST_FOLLOWED} universes at most")
            mine[universe] = exchange.state.clock.now()
        return _pair(exchange, universe)


def _unfollow(exchange: Exchange) -> object:
    with exchange.state.lock:
        mine, universe = _mine(exchange), _universe(exchange)
        mine.pop(universe, None)
        return _pair(exchange, universe)


BEHAVIOURS = {
    "follow_universe": Behaviour(_follow, any_universe=True),
    "get_following_status": Behaviour(_status, any_universe=True),
    "list_followings": Behaviour(_list),
    "list_followings_by_type": Behaviour(_list_by_type),
    "unfollow_universe": Behaviour(_unfollow, any_universe=True),
}
