"""Entries of ordered data stores, in both versions of the API, which differ in names only."""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec

from rblx_oauth.sandbox.behaviour.entries import NAME_LENGTH
from rblx_oauth.sandbox.behaviour.throttling import reading, writing
from rblx_oauth.sandbox.behaviour.values import INT64, check_length, clamped, whole
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.ordered import OrderedScope, OrderedShelf
from rblx_oauth.sandbox.paging import Page
from rblx_oauth.sandbox.parsing import json_body, query_flag, query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 10
_MOST = 100
_BOUND = re.compile(r"entry (<=|>=) (-?[0-9]{1,19})")


class _Value(msgspec.Struct):
    value: int | float


class _Amount(msgspec.Struct):
    amount: int | float


class _Words(msgspec.Struct, frozen=True):
    """What one version calls things.

    Attributes:
        store, scope, key: The arguments in the path.
        path: The resource path.
        size, token, order, allow_missing: Parameters of the query.
        orders: What `order` may be, and whether it means descending.
        listed: The member that holds a listing's entries.
    """

    store: str
    scope: str
    key: str
    path: str
    size: str
    token: str
    order: str
    allow_missing: str
    orders: dict[str, bool]
    listed: str


_ORDERS = {"": False, "value": False, "value desc": True}
_V2 = _Words(
    store="ordered_data_store_id",
    scope="scope_id",
    key="entry_id",
    path="universes/{}/ordered-data-stores/{}/scopes/{}/entries/{}",
    size="maxPageSize",
    token="pageToken",  # noqa: S106
    order="orderBy",
    allow_missing="allowMissing",
    orders=_ORDERS,
    listed="orderedDataStoreEntries",
)
_V1 = _Words(
    store="ordered_data_store",
    scope="scope",
    key="entry",
    path="universes/{}/orderedDataStores/{}/scopes/{}/entries/{}",
    size="max_page_size",
    token="page_token",  # noqa: S106
    order="order_by",
    allow_missing="allow_missing",
    orders={**_ORDERS, "desc": True},
    listed="entries",
)


class _Entries:
    """The operations on entries.

    Args:
        words: What the version calls things.
    """

    def __init__(self, words: _Words) -> None:
        self._words = words

    def _where(self, exchange: Exchange) -> tuple[str, str, str]:
        arguments = exchange.arguments
        store, scope = arguments[self._words.store], arguments[self._words.scope]
        check_length("a data store name", store, NAME_LENGTH)
        check_length("a scope", scope, NAME_LENGTH)
        return arguments["universe_id"], store, scope

    def _find(self, exchange: Exchange) -> OrderedScope | None:
        return exchange.state.shelves.of(OrderedShelf).find(*self._where(exchange))

    def _make(self, exchange: Exchange) -> OrderedScope:
        return exchange.state.shelves.of(OrderedShelf).make(*self._where(exchange))

    def _key(self, exchange: Exchange) -> str:
        key = exchange.arguments[self._words.key]
        check_length("a key", key, NAME_LENGTH)
        return key

    def _body(self, exchange: Exchange, key: str, value: int) -> dict[str, object]:
        parts = [quote(part, safe="") for part in (*self._where(exchange), key)]
        return {"path": self._words.path.format(*parts), "id": key, "value": value}

    def get(self, exchange: Exchange) -> object:
        key = self._key(exchange)
        with exchange.state.lock:
            scope = self._find(exchange)
            value = None if scope is None else scope.get(key)
        if value is None:
            raise Refusal.not_found("there is no such entry")
        return self._body(exchange, key, value)

    def create(self, exchange: Exchange) -> object:
        key = exchange.request.args.get("id", "")
        check_length("a key", key, NAME_LENGTH)
        value = _value(exchange)
        with exchange.state.lock:
            scope = self._make(exchange)
            if scope.get(key) is not None:
                raise Refusal.invalid("Entry already exists.")
            scope.put(key, value)
        return self._body(exchange, key, value)

    def update(self, exchange: Exchange) -> object:
        key, value = self._key(exchange), _value(exchange)
        allow_missing = query_flag(exchange.request, self._words.allow_missing)
        with exchange.state.lock:
            scope = self._make(exchange) if allow_missing else self._find(exchange)
            if scope is None or (scope.get(key) is None and not allow_missing):
                raise Refusal.not_found("there is no such entry")
            scope.put(key, value)
        return self._body(exchange, key, value)

    def increment(self, exchange: Exchange) -> object:
        key = self._key(exchange)
        amount = _in_range(whole("amount", json_body(exchange.request, _Amount).amount))
        with exchange.state.lock:
            scope = self._make(exchange)
            value = clamped((scope.get(key) or 0) + amount)
            scope.put(key, value)
        return self._body(exchange, key, value)

    def delete(self, exchange: Exchange) -> object:
        key = self._key(exchange)
        with exchange.state.lock:
            scope = self._find(exchange)
            there = scope is not None and scope.remove(key)
        # The first version calls it a success that there is none.
        if not there and self._words is _V2:
            raise Refusal.not_found("there is no such entry")
        return {}

    def list(self, exchange: Exchange) -> object:
        query, words, where = exchange.request.args, self._words, self._where(exchange)
        size = query_size(exchange.request, words.size, default=_PAGE, most=_MOST)
        order, text = query.get(words.order, ""), query.get("filter", "")
        if order not in words.orders:
            raise Refusal.invalid(f"{words.order} is value, or value desc")
        descending = words.orders[order]
        low, high = _bounds(text)
        about = (*where, text, str(descending))
        page = Page(query.get(words.token, ""), 2, about, size=size)
        after = (int(page.after[0]), page.after[1]) if page.after else None
        with exchange.state.lock:
            scope = self._find(exchange)
            walk = scope.walk(low, high, after, descending=descending) if scope else iter(())
            page.fill(((str(value), key), self._body(exchange, key, value)) for value, key in walk)
        return page.answer(words.listed)


def _value(exchange: Exchange) -> int:
    # Roblox rounds to the nearest integer; halves to the even one.
    return _in_range(round(json_body(exchange.request, _Value).value))


def _in_range(number: int) -> int:
    if not -INT64 <= number < INT64:
        raise Refusal.invalid("an integer has 64 bits at most")
    return number


def _bounds(text: str) -> tuple[int | None, int | None]:
    low: int | None = None
    high: int | None = None
    for term in text.split(" && ") if text else ():
        match = _BOUND.fullmatch(term)
        if match is None:
            raise Refusal.invalid(
                "the filter bounds entry with >= and <=, by &&, one space between all of these"
            )
        bound = int(match[2])
        if match[1] == ">=":
            low = bound if low is None else max(low, bound)
        else:
            high = bound if high is None else min(high, bound)
    return low, high


_NEW, _OLD = _Entries(_V2), _Entries(_V1)

BEHAVIOURS = {
    "create_ordered_data_store_entry": Behaviour(_NEW.create),
    "create_ordered_entry_v1": Behaviour(writing(_OLD.create)),
    "delete_ordered_data_store_entry": Behaviour(_NEW.delete),
    "delete_ordered_entry_v1": Behaviour(writing(_OLD.delete)),
    "get_ordered_data_store_entry": Behaviour(_NEW.get),
    "get_ordered_entry_v1": Behaviour(reading(_OLD.get)),
    "increment_ordered_data_store_entry": Behaviour(_NEW.increment),
    "increment_ordered_entry_v1": Behaviour(writing(_OLD.increment)),
    "list_ordered_data_store_entries": Behaviour(_NEW.list),
    "list_ordered_entries_v1": Behaviour(reading(_OLD.list)),
    "update_ordered_data_store_entry": Behaviour(_NEW.update),
    "update_ordered_entry_v1": Behaviour(writing(_OLD.update)),
}
