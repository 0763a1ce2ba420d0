"""Listing data stores, their entries and the revisions of one entry."""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.behaviour.data_stores import address_of, entry_body
from rblx_oauth.sandbox.behaviour.entries import find, open_store
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION, DataStore
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.paging import Found, Page
from rblx_oauth.sandbox.parsing import query_flag, query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "store_body"]

_PAGE = 10
_STORES_PAGE = 100
_ENTRIES_PAGE = 256
_REVISIONS_PAGE = 100
_LOOKED_AT_STORES = 512
_STARTS_WITH = re.compile(r"id\.startsWith\((\"(?:[^\"\\]|\\.)*\")\)")
_TIME_BOUND = re.compile(r"revision_create_time\s*(<=|>=)\s*\"?([0-9TZtz:.+-]+)\"?")


def _prefix(exchange: Exchange) -> str:
    text = exchange.request.args.get("filter", "").strip()
    if not text:
        return ""
    match = _STARTS_WITH.fullmatch(text)
    if match is None:
        raise Refusal.invalid('the only filter is id.startsWith("prefix")')
    try:
        return decoder(str)(match[1])
    except msgspec.DecodeError:
        raise Refusal.invalid("the prefix of the filter is not a well-formed string") from None


def _list_entries(exchange: Exchange) -> object:
    request, where = exchange.request, address_of(exchange, "")
    size = query_size(request, "maxPageSize", default=_PAGE, most=_ENTRIES_PAGE)
    prefix, show_deleted = _prefix(exchange), query_flag(request, "showDeleted")
    about = (where.universe_id, where.store, where.scope, prefix, str(show_deleted))
    page = Page(request.args.get("pageToken", ""), 2, about, size=size)
    data = exchange.state.data

    def found(store: DataStore) -> Found:
        after = (page.after[0], page.after[1]) if page.after else None
        for entry in store.walk(where.scope, prefix, after):
            item = None
            if not data.is_gone(entry) and (show_deleted or not entry.latest.deleted):
                address = msgspec.structs.replace(where, scope=entry.scope, id=entry.id)
                item = {"path": address.path, "id": entry.id}
            yield (entry.scope, entry.id), item

    with exchange.state.lock:
        store = open_store(exchange.state, where.universe_id, where.store)
        if store is not None:
            page.fill(found(store))
    return page.answer("dataStoreEntries")


def store_body(universe_id: str, name: str, store: DataStore) -> dict[str, object]:
    """A data store, as Open Cloud v2 gives it."""
    body: dict[str, object] = {
        "path": f"universes/{universe_id}/data-stores/{quote(name, safe='')}",
        "createTime": rfc3339(store.created),
        "id": name,
        "state": "ACTIVE",
    }
    if store.deleted is not None:
        expires = rfc3339(store.deleted + KEPT_AFTER_DELETION)
        body |= {"state": "DELETED", "expireTime": expires}
    return body


def _list_stores(exchange: Exchange) -> object:
    universe_id, request = exchange.arguments["universe_id"], exchange.request
    size = query_size(request, "maxPageSize", default=_PAGE, most=_STORES_PAGE)
    prefix, show_deleted = _prefix(exchange), query_flag(request, "showDeleted")
    about = (universe_id, prefix, str(show_deleted))
    token = request.args.get("pageToken", "")
    page = Page(token, 1, about, size=size, look=_LOOKED_AT_STORES)
    data = exchange.state.data

    def found() -> Found:
        for name in data.walk(universe_id, prefix, page.after[0] if page.after else None):
            store = data.store(universe_id, name)
            item = None
            if store is not None and (show_deleted or store.deleted is None):
                item = store_body(universe_id, name, store)
            yield (name,), item

    with exchange.state.lock:
        page.fill(found())
    return page.answer("dataStores")


def _list_revisions(exchange: Exchange) -> object:
    request, address = exchange.request, address_of(exchange, exchange.arguments["entry_id"])
    size = query_size(request, "maxPageSize", default=_PAGE, most=_REVISIONS_PAGE)
    text = request.args.get("filter", "")
    earliest, latest = _time_bounds(text)
    about = (address.universe_id, address.store, address.scope, address.id, text)
    page = Page(request.args.get("pageToken", ""), 1, about, size=size)
    after = page.after[0] if page.after else ""
    with exchange.state.lock:
        entry = find(exchange.state, address)
        if entry is None:
            raise Refusal.not_found("there is no such entry")
        page.fill(
            ((revision.id,), entry_body(address, entry, revision, suffix=f"@{revision.id}"))
            for revision in entry.walk(earliest, latest, after, descending=True)
        )
    return page.answer("dataStoreEntries")


def _time_bounds(text: str) -> tuple[float, float]:
    earliest, latest = float("-inf"), float("inf")
    # Roblox's own example has the whole filter in quotes.
    for term in filter(None, (part.strip() for part in text.strip(' "').split("&&"))):
        match = _TIME_BOUND.fullmatch(term)
        if match is None:
            raise Refusal.invalid("the filter bounds revision_create_time with >= and <=, by &&")
        try:
            moment = parse_rfc3339(match[2])
        except ValueError:
            raise Refusal.invalid("the filter's timestamps are in RFC 3339") from None
        if match[1] == ">=":
            earliest = max(earliest, moment)
        else:
            latest = min(latest, moment)
    return earliest, latest


BEHAVIOURS = {
    "list_data_store_entries": Behaviour(_list_entries),
    "list_data_store_entry_revisions": Behaviour(_list_revisions),
    "list_data_stores": Behaviour(_list_stores),
    "list_default_scope_entries": Behaviour(_list_entries),
    "list_default_scope_entry_revisions": Behaviour(_list_revisions),
}
