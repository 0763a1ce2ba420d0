"""What is in a sandbox, in brief and without secrets, for its page and its API."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import islice
from typing import TypedDict

import msgspec

from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.oauth.records import AccessToken, RefreshToken
from rblx_oauth.sandbox.state import State

__all__ = [
    "AssetLine",
    "GrantLine",
    "Owned",
    "Person",
    "StoreLine",
    "api_keys",
    "assets",
    "coming",
    "duration",
    "grants",
    "groups",
    "names",
    "stores",
    "universes",
    "users",
    "whole",
]

_SHOWN_ENTRIES = 5
_SHOWN_BYTES = 120
_UNDER_WAY = "Being processed"
_COMING = 20


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
    created: float
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


class AssetLine(msgspec.Struct, frozen=True):
    """One asset: what it is, how it does, and where its picture is on this server."""

    at: float
    id: str
    name: str
    creator: str
    state: str
    type: str = ""
    media: str = ""
    size: int = 0
    versions: int = 0
    picture: str = ""


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
        note = f"{duration(left)} left" if left > 0 else "expired"
        note = "revoked" if token.grant.ended else note
        access.setdefault(token.grant.id, []).append(f"{_short(value)} ({note})")
    for value, spent in records.refresh.items():
        note = "unused" if spent.spent_at is None else "spent"
        note = "revoked" if spent.grant.ended and note == "unused" else note
        refresh.setdefault(spent.grant.id, []).append(f"{_short(value)} ({note})")
    return [
        GrantLine(
            id=grant.id,
            user=grant.user_id,
            client=grant.client_id,
            created=grant.created,
            scope=grant.scope,
            universes=sorted(grant.picks.universes),
            creators=sorted(grant.picks.creators),
            access_tokens=access.get(grant.id, []),
            refresh_tokens=refresh.get(grant.id, []),
            ended=grant.ended,
        )
        for grant in reversed(records.grants.values())
    ]


def assets(state: State, most: int = 10_000) -> Iterator[AssetLine]:
    """The last assets, newest first; before them the uploads that became none."""
    shelf, now = state.shelves.of(AssetShelf), state.clock.now()
    for each in reversed(shelf.operations.values()):
        if each.asset not in shelf.assets:
            why = each.rejected if now >= each.ready else _UNDER_WAY
            yield AssetLine(each.ready, each.asset, each.display_name, each.creator, why)
    for asset in islice(reversed(shelf.assets.values()), most):
        ready, content = asset.ready(now), asset.content
        standing = ready[-1].moderation(now) if ready else _UNDER_WAY
        yield AssetLine(
            at=asset.created,
            id=asset.id,
            name=asset.display_name,
            creator=asset.creator,
            state="Archived" if asset.archived else standing,
            type=asset.type,
            media=content.media if content else "",
            size=content.size if content else 0,
            versions=len(ready),
            picture=f"/_sandbox/assets/{asset.id}/picture",
        )


def _short(token: str) -> str:
    """The end of a token: enough to tell two apart, nothing to use."""
    return f"…{token[-6:]}"


def names(state: State) -> dict[str, str]:
    """What is called how that a person lets an app into: universes, ``U123`` and ``G456``."""
    return (
        {each.id: each.name for each in state.universes.values()}
        | {f"U{each.id}": each.display_name or each.name for each in state.users.values()}
        | {f"G{each.id}": each.name for each in state.groups.values()}
    )


def api_keys(state: State) -> list[tuple[str, str]]:
    """The API keys: the end of each, and its owner's id."""
    return [(_short(key.secret), key.owner) for key in state.api_keys.values()]


def coming(state: State) -> list[tuple[float, str, str]]:
    """What time will bring next: when, how long until then, and what."""
    now, records = state.clock.now(), state.oauth
    tokens: list[tuple[str, str, AccessToken | RefreshToken]] = [
        *(("access", value, token) for value, token in records.access.items()),
        *(("refresh", value, each) for value, each in records.refresh.items() if not each.spent_at),
    ]
    waiting = (
        (
            float(token.expires_at),
            f"{kind} token {_short(value)} of user {token.grant.user_id} ends",
        )
        for kind, value, token in tokens
        if token.expires_at > now and not token.grant.ended
    )
    return [(at, duration(at - now), what) for at, what in heapq.nsmallest(_COMING, waiting)]


def duration(seconds: float) -> str:
    """A span of time in words, e.g. ``1 h 5 min``; its two largest units."""
    left, parts = round(abs(seconds)), []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


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
        "assets": list(assets(state)),
        "grants": grants(state),
        "requests": len(state.requests),
    }
