"""Memory store sorted maps."""

from __future__ import annotations

import re

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.behaviour.memory import expiry, item_path, kept, memory_of
from rblx_oauth.sandbox.behaviour.values import check_length
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.memory_map import Bounds, MapItem, Place, SortedMap
from rblx_oauth.sandbox.paging import Found, Page
from rblx_oauth.sandbox.parsing import json_body, query_flag, query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_ID_LENGTH = 127
_SORT_KEY_LENGTH = 128
_PAGE = 1
_MOST = 100
_ORDERS = {"": False, "id": False, "id desc": True}
_TERM = re.compile(r"\s*(id|sortKey)\s*([<>])\s*(\"(?:[^\"\\]|\\.)*\"|-?[0-9][0-9.eE+-]*)\s*(&&|$)")


class _Item(msgspec.Struct, rename="camel"):
    value: msgspec.Raw = msgspec.Raw()
    ttl: str | None = None
    string_sort_key: str | None = None
    numeric_sort_key: float | None = None


def _body(exchange: Exchange, item: MapItem) -> dict[str, object]:
    name = exchange.arguments["sorted_map_id"]
    body: dict[str, object] = {
        "path": item_path(exchange, "sorted-maps", name, item.id),
        "id": item.id,
        "value": item.value,
        "etag": item.etag,
        "expireTime": rfc3339(item.expires),
    }
    if item.string_sort_key is not None:
        body["stringSortKey"] = item.string_sort_key
    if item.numeric_sort_key is not None:
        body["numericSortKey"] = item.numeric_sort_key
    return body


def _wanted(exchange: Exchange) -> _Item:
    wanted = json_body(exchange.request, _Item)
    if wanted.string_sort_key is not None and wanted.numeric_sort_key is not None:
        raise Refusal.invalid("stringSortKey and numericSortKey cannot both be given")
    if wanted.string_sort_key is not None:
        check_length("stringSortKey", wanted.string_sort_key, _SORT_KEY_LENGTH)
    return wanted


def _find(exchange: Exchange, item_id: str) -> MapItem | None:
    check_length("an item's id", item_id, _ID_LENGTH)
    found = memory_of(exchange).sorted_maps.get(exchange.arguments["sorted_map_id"])
    return found.get(item_id, exchange.state.clock.now()) if found else None


def _put(exchange: Exchange, item: MapItem) -> dict[str, object]:
    item.etag = f"{exchange.state.ids.number('memory_map_etag'):x}"
    maps = memory_of(exchange).sorted_maps
    maps.setdefault(exchange.arguments["sorted_map_id"], SortedMap()).put(item)
    return _body(exchange, item)


def _new(exchange: Exchange, item_id: str, wanted: _Item) -> MapItem:
    return MapItem(
        id=item_id,
        value=kept("value", wanted.value),
        expires=expiry(exchange, wanted.ttl),
        string_sort_key=wanted.string_sort_key,
        numeric_sort_key=wanted.numeric_sort_key,
    )


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        item = _find(exchange, exchange.arguments["item_id"])
        if item is None:
            raise Refusal.not_found("there is no such item")
        return _body(exchange, item)


def _create(exchange: Exchange) -> object:
    item_id = exchange.request.args.get("id", "")
    item = _new(exchange, item_id, _wanted(exchange))
    with exchange.state.lock:
        if _find(exchange, item_id) is not None:
            raise Refusal(409, "ALREADY_EXISTS", "there is such an item already")
        return _put(exchange, item)


def _update(exchange: Exchange) -> object:
    item_id, wanted = exchange.arguments["item_id"], _wanted(exchange)
    allow_missing = query_flag(exchange.request, "allowMissing")
    with exchange.state.lock:
        item = _find(exchange, item_id)
        if item is None and not allow_missing:
            raise Refusal.not_found("there is no such item")
        if item is None:
            return _put(exchange, _new(exchange, item_id, wanted))
        return _put(exchange, _changed(exchange, item, wanted))


def _changed(exchange: Exchange, item: MapItem, wanted: _Item) -> MapItem:
    """The item with what is given in place of what it had; what is left out stays."""
    sorted_anew = (wanted.string_sort_key, wanted.numeric_sort_key) != (None, None)
    keys = wanted if sorted_anew else item
    return MapItem(
        id=item.id,
        value=kept("value", wanted.value) if bytes(wanted.value) else item.value,
        expires=expiry(exchange, wanted.ttl) if wanted.ttl is not None else item.expires,
        string_sort_key=keys.string_sort_key,
        numeric_sort_key=keys.numeric_sort_key,
    )


def _delete(exchange: Exchange) -> object:
    with exchange.state.lock:
        item = _find(exchange, exchange.arguments["item_id"])
        if item is None:
            raise Refusal.not_found("there is no such item")
        memory_of(exchange).sorted_maps[exchange.arguments["sorted_map_id"]].remove(item.id)
    return {}


def _list(exchange: Exchange) -> object:
    query, name = exchange.request.args, exchange.arguments["sorted_map_id"]
    size = query_size(exchange.request, "maxPageSize", default=_PAGE, most=_MOST)
    order, text = query.get("orderBy", "").strip(), query.get("filter", "").strip()
    if order not in _ORDERS:
        raise Refusal.invalid("orderBy is id, or id desc")
    bounds = _bounds(text)
    about = (exchange.arguments["universe_id"], name, text, str(_ORDERS[order]))
    page = Page(query.get("pageToken", ""), 4, about, size=size)

    def found(items: SortedMap) -> Found:
        now = exchange.state.clock.now()
        for item in items.walk(bounds, _place(page.after), now, descending=_ORDERS[order]):
            body = _body(exchange, item) if bounds.admits(item.id) else None
            yield tuple(str(part) for part in item.place), body

    with exchange.state.lock:
        items = memory_of(exchange).sorted_maps.get(name)
        if items is not None:
            page.fill(found(items))
    return page.answer("items")


def _place(position: tuple[str, ...] | None) -> Place | None:
    if position is None:
        return None
    kind, number, string, item_id = position
    return int(kind), float(number), string, item_id


def _bounds(text: str) -> Bounds:
    bounds, at = Bounds(), 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None or (term[4] == "&&" and term.end() == len(text)):
            raise _not_understood()
        _narrow(bounds, term[1], "above" if term[2] == ">" else "below", term[3])
        at = term.end()
    return bounds


def _narrow(bounds: Bounds, field: str, side: str, literal: str) -> None:
    try:
        value = decoder(str | float)(literal)
    except msgspec.DecodeError:
        raise _not_understood() from None
    if field == "id" and not isinstance(value, str):
        raise Refusal.invalid('in the filter, an id is compared with a string: id > "a"')
    kind = "id" if field == "id" else "string" if isinstance(value, str) else "number"
    name = f"{kind}_{side}"
    held = getattr(bounds, name)
    if held is not None:
        value = max(held, value) if side == "above" else min(held, value)
    setattr(bounds, name, value)


def _not_understood() -> Refusal:
    return Refusal.invalid("the filter compares id and sortKey with < and >, joined by &&")


BEHAVIOURS = {
    "create_memory_store_sorted_map_item": Behaviour(_create),
    "delete_memory_store_sorted_map_item": Behaviour(_delete),
    "get_memory_store_sorted_map_item": Behaviour(_get),
    "list_memory_store_sorted_map_items": Behaviour(_list),
    "update_memory_store_sorted_map_item": Behaviour(_update),
}
