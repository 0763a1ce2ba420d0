"""What a key may do, told to whoever has the key."""

from __future__ import annotations

from functools import cache

import msgspec

from rblx_oauth.catalog import operations
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]


class _Body(msgspec.Struct, rename="camel"):
    api_key: str


def _introspect(exchange: Exchange) -> object:
    key = exchange.state.api_keys.get(json_body(exchange.request, _Body).api_key)
    if key is None:
        raise Refusal.unauthenticated("Invalid API Key")
    wanted = _scopes() if key.scopes is None else key.scopes
    words: dict[str, list[str]] = {}
    for scope in sorted(wanted):
        name, _, word = scope.rpartition(":")
        words.setdefault(name, []).append(word)
    return {
        "name": key.name,
        "authorizedUserId": int(key.owner),
        "scopes": [
            {"name": name, "operations": found, **_targets(name, key.owner)}
            for name, found in words.items()
        ],
        "enabled": key.enabled,
        "expired": key.expired(exchange.state.clock.now()),
        "expirationTimeUtc": None if key.expires is None else rfc3339(key.expires),
    }


def _targets(name: str, owner: str) -> dict[str, object]:
    """What a scope reaches: everything of its kind that the key's owner owns."""
    if name.startswith("universe-datastores"):
        return {"universeDatastores": [{"universeId": "*", "datastoreName": "*"}]}
    if name in ("asset", "creator-store-product"):
        return {"userIds": [owner], "groupIds": ["*"]}
    if name in _of_universes():
        return {"universeIds": ["*"]}
    return {"groupIds": ["*"]} if name.startswith("group") else {}


@cache
def _scopes() -> tuple[str, ...]:
    """Every scope that some operation needs of a key."""
    found = (each.scopes for each in operations().values() if "api_key" in each.credentials)
    return tuple({scope for scopes in found for scope in scopes})


@cache
def _of_universes() -> frozenset[str]:
    """The names of the scopes that are chosen for one universe or another."""
    found = (each.scopes for each in operations().values() if "{universe_id}" in each.path)
    return frozenset(scope.rpartition(":")[0] for scopes in found for scope in scopes)


BEHAVIOURS = {"introspect_api_key": Behaviour(_introspect)}
