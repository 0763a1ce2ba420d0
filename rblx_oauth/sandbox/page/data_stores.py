"""Data stores: from a universe to a store to its entries, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec
from flask import Blueprint, abort, request

from rblx_oauth.sandbox.data import ALL_SCOPES, DataStore, Entry
from rblx_oauth.sandbox.page.entries import cut
from rblx_oauth.sandbox.page.shell import Shell, slice_of
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_UNIVERSES = 20
_STORES_IN_ALL = 5
_STORES = 100
_ENTRIES = 50
_SHOWN_VALUE = 120


class _Line(msgspec.Struct, frozen=True):
    """An entry in a list. `value` is cut off."""

    scope: str
    key: str
    value: str
    at: float
    revisions: int
    users: tuple[str, ...]
    deleted: bool


class _Store(msgspec.Struct, frozen=True):
    """A data store in a list."""

    name: str
    keys: int
    created: float
    deleted: bool


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/data-stores")
    def data_stores() -> str:
        with state.lock:
            part = slice_of(list(state.universes.values()), _UNIVERSES)
            found = [
                (
                    universe,
                    len(state.data.of(universe.id)),
                    list(islice(_stores(state, universe.id), _STORES_IN_ALL)),
                )
                for universe in part.found
            ]
        return shell.show("data_stores", part=part, found=found)

    @views.get("/data-stores/<universe_id>")
    def universe_stores(universe_id: str) -> str:
        universe = _universe(state, universe_id)
        with state.lock:
            after = request.args.get("after")
            found = list(islice(_stores(state, universe_id, after), _STORES + 1))
        more = found[_STORES - 1].name if len(found) > _STORES else None
        return shell.show(
            "data_stores",
            template="data_stores_of",
            title=f"Data stores of {universe.name}",
            universe=universe,
            stores=found[:_STORES],
            more=more,
        )

    @views.get("/data-stores/<universe_id>/entries")
    def entries(universe_id: str) -> str:
        universe = _universe(state, universe_id)
        name = request.args.get("store", "")
        scope = request.args.get("scope", "") or ALL_SCOPES
        prefix = request.args.get("prefix", "")
        after = (request.args.get("after_scope", ""), request.args.get("after", ""))
        with state.lock:
            store = state.data.store(universe_id, name) or abort(404)
            walk = store.walk(scope, prefix, after if any(after) else None)
            kept = (each for each in walk if not state.data.is_gone(each))
            found = [_line(each) for each in islice(kept, _ENTRIES + 1)]
        return shell.show(
            "data_stores",
            template="entries",
            title=name,
            universe=universe,
            store=_told(name, store),
            scope="" if scope == ALL_SCOPES else scope,
            prefix=prefix,
            entries=found[:_ENTRIES],
            more=found[_ENTRIES - 1] if len(found) > _ENTRIES else None,
        )


def _universe(state: State, universe_id: str) -> Universe:
    return state.universes.get(universe_id) or abort(404)


def _stores(state: State, universe_id: str, after: str | None = None) -> Iterator[_Store]:
    for name in state.data.walk(universe_id, "", after):
        store = state.data.store(universe_id, name)
        if store is not None:
            yield _told(name, store)


def _told(name: str, store: DataStore) -> _Store:
    return _Store(name, len(store), store.created, store.deleted is not None)


def _line(entry: Entry) -> _Line:
    latest = entry.latest
    return _Line(
        entry.scope,
        entry.id,
        cut(latest.value, _SHOWN_VALUE),
        latest.at,
        len(entry.revisions),
        latest.users,
        latest.deleted,
    )
