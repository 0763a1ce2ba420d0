"""Filters of listings of people and of what they own.

Those of people are CEL (Common Expression Language); that of an inventory is a
little language of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from rblx_oauth.core.arguments import flag, identifier, several, text

MOST_USERS = 50
"""Users that one filter may name."""

_WORD = re.compile(r"[A-Za-z0-9_]+")

V = TypeVar("V", int, str)

Words: TypeAlias = "Iterable[str] | None"
Ids: TypeAlias = "Iterable[int] | None"


def one_of(name: str, value: V, allowed: tuple[V, ...]) -> V:
    """A value that Roblox knows.

    Raises:
        ValueError: It is none of those that are allowed, which the message names.
    """
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}")
    return value


def of_user(user_id: int) -> str:
    """What is one user's.

    Raises:
        TypeError, ValueError: It is no id.
    """
    return f"user == 'users/{identifier('user_id', user_id)}'"


def of_users(user_ids: Iterable[int]) -> str:
    """What is any of these users'.

    Raises:
        TypeError: It is not an iterable of ids.
        ValueError: There is none, there are over 50, or one is out of range.
    """
    digits = several("user_ids", user_ids, identifier)
    if not 0 < len(digits) <= MOST_USERS:
        raise ValueError(f"user_ids must be 1 to {MOST_USERS} users, not {len(digits)}")
    paths = ", ".join(f"'users/{each}'" for each in digits)
    return f"user in [{paths}]"


def of_role(group_id: int, role_id: int) -> str:
    """Members that have one role.

    Raises:
        TypeError, ValueError: The role's id is none.
    """
    return f"role == 'groups/{group_id}/roles/{identifier('role_id', role_id)}'"


def of_place(place_id: int) -> str:
    """What was done in one place."""
    return f"place == 'places/{place_id}'"


def of_inventory(
    *,
    badges: bool,
    game_passes: bool,
    private_servers: bool,
    only_collectibles: bool,
    asset_types: Words,
    asset_ids: Ids,
    badge_ids: Ids,
    game_pass_ids: Ids,
    private_server_ids: Ids,
) -> str | None:
    """Items of an inventory, by their kinds or by their ids; None for all of them.

    Raises:
        TypeError: An argument is of another type.
        ValueError: Kinds and ids are both given, which Roblox does not take; an
            iterable is empty; or a word or an id is none.
    """
    words = _words(asset_types)
    if flag("only_collectibles", only_collectibles) and words is None:
        words = "*"  # with no type there would be nothing to be a collectible
    kinds = [
        ("badges", flag("badges", badges) and "true"),
        ("gamePasses", flag("game_passes", game_passes) and "true"),
        ("privateServers", flag("private_servers", private_servers) and "true"),
        ("onlyCollectibles", only_collectibles and "true"),
        ("inventoryItemAssetTypes", words),
    ]
    ids = [
        ("assetIds", _digits("asset_ids", asset_ids)),
        ("badgeIds", _digits("badge_ids", badge_ids)),
        ("gamePassIds", _digits("game_pass_ids", game_pass_ids)),
        ("privateServerIds", _digits("private_server_ids", private_server_ids)),
    ]
    said = [[f"{name}={value}" for name, value in each if value] for each in (kinds, ids)]
    if all(said):
        raise ValueError("ask for kinds of items or for ids, not for both at once")
    return ";".join(said[0] + said[1]) or None


def _words(asset_types: Words) -> str | None:
    if asset_types is None or asset_types == "*":
        return asset_types
    words = several("asset_types", asset_types, _word)
    if not words:
        raise ValueError("asset_types must not be empty")
    return ",".join(words)


def _word(name: str, word: str) -> str:
    if not _WORD.fullmatch(text(name, word)):
        raise ValueError(f"{name} must be a word such as HAT")
    return str(word)


def _digits(name: str, ids: Ids) -> str | None:
    if ids is None:
        return None
    digits = several(name, ids, identifier)
    if not digits:
        raise ValueError(f"{name} must not be empty: that would ask for everything")
    return ",".join(digits)
