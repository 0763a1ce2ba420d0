"""Listing data stores, entries and versions, as the first version of the API does."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.behaviour.data_stores_v1 import address_of, entry_at, version_body
from rblx_oauth.sandbox.behaviour.entries import NAME_LENGTH, open_store
from rblx_oauth.sandbox.behaviour.throttling import reading
from rblx_oauth.sandbox.behaviour.values import check_length
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.data import ALL_SCOPES, DataStore
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.paging import Found, Page, Position
from rblx_oauth.sandbox.parsing import query_flag
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_STORES = 1
_ENTRIES = 16
_MOST = 100


def _page(exchange: Exchange, default: int, parts: int, about: Position) -> Page:
    query = exchange.request.args
    limit = int(query.get("limit") or default)
    if limit < 1:
        raise Refusal.invalid("limit is 1 or more", "limit")
    try:
        return Page(query.get("cursor", ""), parts, about, size=min(limit, _MOST))
    except Refusal:
        said = "the cursor is not one that this listing gave"
        raise Refusal.invalid(said, "cursor") from None


def _answer(field: str, page: Page) -> object:
    return {field: page.items, "nextPageCursor": page.token}


def _list_stores(exchange: Exchange) -> object:
    universe_id = exchange.arguments["universe_id"]
    prefix = exchange.request.args.get("prefix", "")
    page = _page(exchange, _STORES, 1, (universe_id, prefix))
    data = exchange.state.data

    def found() -> Found:
        for name in data.walk(universe_id, prefix, page.after[0] if page.after else None):
            store = data.store(universe_id, name)
            item = None
            if store is not None and store.deleted is None:
                item = {"name": name, "createdTime": rfc3339(store.created)}
            yield (name,), item

    with exchange.state.lock:
        page.fill(found())
    return _answer("datastores", page)


def _list_entries(exchange: Exchange) -> object:
    query, universe_id = exchange.request.args, exchange.arguments["universe_id"]
    name, prefix = query["datastoreName"], query.get("prefix", "")
    everywhere = query_flag(exchange.request, "allScopes")
    scope = ALL_SCOPES if everywhere else query.get("scope") or "global"
    check_length("a data store name", name, NAME_LENGTH, "datastoreName")
    check_length("a scope", scope, NAME_LENGTH, "scope")
    page = _page(exchange, _ENTRIES, 2, (universe_id, name, scope, prefix))

    def found(store: DataStore) -> Found:
        after = (page.after[0], page.after[1]) if page.after else None
        for entry in store.walk(scope, prefix, after):
            # Deleted entries are listed, too, until nothing is left of them.
            gone = exchange.state.data.is_gone(entry)
            item = None if gone else {"scope": entry.scope, "key": entry.id}
            yield (entry.scope, entry.id), item

    with exchange.state.lock:
        store = open_store(exchange.state, universe_id, name)
        if store is None:
            raise Refusal.not_found("there is no such data store")
        page.fill(found(store))
    return _answer("keys", page)


def _list_versions(exchange: Exchange) -> object:
    query, address = exchange.request.args, address_of(exchange)
    order = query.get("sortOrder") or "Ascending"
    if order not in ("Ascending", "Descending"):
        raise Refusal.invalid("sortOrder is Ascending or Descending", "sortOrder")
    earliest = _moment(exchange, "startTime", float("-inf"))
    latest = _moment(exchange, "endTime", float("inf"))
    about = (*msgspec.structs.astuple(address), order, earliest, latest)
    page = _page(exchange, _ENTRIES, 1, tuple(map(str, about)))
    after = page.after[0] if page.after else ""
    with exchange.state.lock:
        entry = entry_at(exchange, address)
        page.fill(
            ((revision.id,), version_body(entry, revision))
            for revision in entry.walk(earliest, latest, after, descending=order == "Descending")
        )
    return _answer("versions", page)


def _moment(exchange: Exchange, name: str, default: float) -> float:
    text = exchange.request.args.get(name, "")
    if not text:
        return default
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise Refusal.invalid(f"{name} must be an RFC 3339 timestamp", name) from None


BEHAVIOURS = {
    "list_data_stores_v1": Behaviour(reading(_list_stores)),
    "list_entries_v1": Behaviour(reading(_list_entries)),
    "list_entry_versions_v1": Behaviour(reading(_list_versions)),
}
