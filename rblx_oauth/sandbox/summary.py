"""What is in a sandbox, in brief and without secrets, for its page and its API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

import msgspec

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.state import State

__all__ = [
    "GrantLine",
    "Owned",
    "Person",
    "StoreLine",
    "grants",
    "groups",
    "stores",
    "universes",
    "users",
    "whole",
]

_SHOWN_ENTRIES = 5
_SHOWN_BYTES = 120


class Person(TypedDict):
    """A user of the sandbox."""

    id: int
    name: str
    display_name: str


class Owned(TypedDict):
    """A universe or a group; its owner as Open Cloud writes it, e.g. ``users/1``."""

    id: int
    name: str
    owner: str


class GrantLine(msgspec.Struct, frozen=True):
    """One login: who, by which app, and what is left of it."""

    id: str
    user: str
    client: str
    scope: str
    universes: list[str]
    creators: list[str]
    access_tokens: list[str]
    refresh_tokens: list[str]
    ended: str


class StoreLine(msgspec.Struct, frozen=True):
    """One data store: how much it holds, and its first entries."""

    universe: str
    name: str
    entries: int
    first: list[tuple[str, str]]


def users(state: State) -> list[Person]:
    """The users: id, name and display name."""
    return [
        {"id": int(user.id), "name": user.name, "display_name": user.display_name}
        for user in state.users.values()
    ]


def groups(state: State) -> list[Owned]:
    """The groups: id, name and owner."""
    return [
        {"id": int(group.id), "name": group.name, "owner": f"users/{group.owner}"}
        for group in state.groups.values()
    ]


def universes(state: State) -> list[Owned]:
    """The universes: id, name and owner."""
    return [
        {
            "id": int(universe.id),
            "name": universe.name,
            "owner": f"users/{universe.user}" if universe.user else f"groups/{universe.group}",
        }
        for universe in state.universes.values()
    ]


def grants(state: State) -> list[GrantLine]:
    """The grants, newest first; of tokens only a few characters are shown."""
    records, now = state.oauth, state.clock.now()
    access: dict[str, list[str]] = {}
    refresh: dict[str, list[str]] = {}
    for value, token in records.access.items():
        left = token.expires_at - now
        note = f"{left:.0f} s left" if left > 0 else "expired"
        access.setdefault(token.grant.id, []).append(f"{_short(value)} ({note})")
    for value, spent in records.refresh.items():
        note = "unused" if spent.spent_at is None else "spent"
        refresh.setdefault(spent.grant.id, []).append(f"{_short(value)} ({note})")
    return [
        GrantLine(
            id=grant.id,
            user=grant.user_id,
            client=grant.client_id,
            scope=grant.scope,
            universes=sorted(grant.picks.universes),
            creators=sorted(grant.picks.creators),
            access_tokens=access.get(grant.id, []),
            refresh_tokens=refresh.get(grant.id, []),
            ended=grant.ended,
        )
        for grant in reversed(records.grants.values())
    ]


def _short(token: str) -> str:
    """The end of a token: enough to tell two apart, nothing to use."""
    return f"…{token[-6:]}"


def stores(state: State) -> Iterator[StoreLine]:
    """The data stores of every universe."""
    for universe in state.universes.values():
        for name, store in sorted(state.data.of(universe.id).items()):
            first: list[tuple[str, str]] = []
            for entry in store.walk("-", "", None):
                if len(first) == _SHOWN_ENTRIES:
                    break
                if not entry.latest.deleted:
                    value = bytes(entry.latest.value)[:_SHOWN_BYTES]
                    first.append((entry.id, value.decode(errors="replace")))
            yield StoreLine(universe.id, name, len(store), first)


def whole(state: State) -> dict[str, object]:
    """Everything, in brief."""
    return {
        "now": state.clock.now(),
        "time": rfc3339(state.clock.now()),
        "settings": state.settings,
        "users": users(state),
        "groups": groups(state),
        "universes": universes(state),
        "data_stores": list(stores(state)),
        "messages": len(state.messages),
        "assets": list(state.assets.operations.values()),
        "grants": grants(state),
        "requests": len(state.requests),
    }
