"""Data stores as a whole: deleting one, having it back, and snapshots of all."""

from __future__ import annotations

from typing import ClassVar

from rblx_oauth.sandbox.behaviour.data_store_lists import store_body
from rblx_oauth.sandbox.clock import rfc3339, whole_microseconds
from rblx_oauth.sandbox.data import DataStore
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "SnapshotShelf"]

_DAY = 86_400.0


class SnapshotShelf(Shelf):
    """When the last snapshot of each universe's data stores was taken."""

    section: ClassVar[str] = "data_store_snapshots"

    taken: dict[str, float] = {}


def _store(exchange: Exchange) -> DataStore:
    name = exchange.arguments["data_store_id"]
    store = exchange.state.data.store(exchange.arguments["universe_id"], name)
    if store is None:
        raise Refusal.not_found("there is no such data store")
    return store


def _body(exchange: Exchange, store: DataStore) -> object:
    return store_body(exchange.arguments["universe_id"], exchange.arguments["data_store_id"], store)


def _delete(exchange: Exchange) -> object:
    with exchange.state.lock:
        store = _store(exchange)
        if store.deleted is None:
            store.deleted = whole_microseconds(exchange.state.clock.now())
        return _body(exchange, store)


def _undelete(exchange: Exchange) -> object:
    json_body(exchange.request, dict[str, object], optional=True)
    with exchange.state.lock:
        store = _store(exchange)
        store.deleted = None
        return _body(exchange, store)


def _snapshot(exchange: Exchange) -> object:
    # There is nothing to copy: the sandbox keeps every revision that was ever written.
    json_body(exchange.request, dict[str, object], optional=True)
    universe_id = exchange.arguments["universe_id"]
    with exchange.state.lock:
        taken = exchange.state.shelves.of(SnapshotShelf).taken
        now = whole_microseconds(exchange.state.clock.now())
        last = taken.get(universe_id)
        new = last is None or now // _DAY > last // _DAY
        if new:
            taken[universe_id] = now
        return {"newSnapshotTaken": new, "latestSnapshotTime": rfc3339(taken[universe_id])}


BEHAVIOURS = {
    "delete_data_store": Behaviour(_delete),
    "snapshot_data_stores": Behaviour(_snapshot),
    "undelete_data_store": Behaviour(_undelete),
}
