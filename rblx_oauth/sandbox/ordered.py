"""Ordered data stores: integers by key, and an index of them by size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["OrderedScope", "OrderedShelf"]


class OrderedScope:
    """One scope of one ordered data store.

    Args:
        values: Its entries, which it changes in place.
    """

    def __init__(self, values: dict[str, int]) -> None:
        self._values = values
        self._order = Index((value, key) for key, value in values.items())

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> int | None:
        """The value of a key."""
        return self._values.get(key)

    def put(self, key: str, value: int) -> None:
        """Write an entry, whether it is there or not."""
        self.remove(key)
        self._values[key] = value
        self._order.add((value, key))

    def remove(self, key: str) -> bool:
        """Take an entry out at once. Returns whether there was one."""
        value = self._values.pop(key, None)
        if value is None:
            return False
        self._order.discard((value, key))
        return True

    def walk(
        self,
        low: int | None,
        high: int | None,
        after: tuple[int, str] | None,
        *,
        descending: bool,
    ) -> Iterator[tuple[int, str]]:
        """Values with their keys from `low` to `high`, both included, past `after`."""
        return self._order.walk(
            at_least=None if low is None else (low, ""),
            below=None if high is None else (high + 1, ""),
            after=after,
            descending=descending,
        )


class OrderedShelf(Shelf, dict=True):
    """Every ordered data store.

    Attributes:
        stores: Values by universe, store, scope and key. Change them by way of a scope,
            which keeps them in order.
    """

    section: ClassVar[str] = "ordered_data_stores"

    stores: dict[str, dict[str, dict[str, dict[str, int]]]] = {}

    def __post_init__(self) -> None:
        self._scopes: dict[tuple[str, str, str], OrderedScope] = {}

    def find(self, universe_id: str, store: str, scope: str) -> OrderedScope | None:
        """A scope of a store, unless nothing was ever written to it."""
        where = universe_id, store, scope
        found = self._scopes.get(where)
        values = self.stores.get(universe_id, {}).get(store, {}).get(scope)
        if found is None and values is not None:
            found = self._scopes[where] = OrderedScope(values)
        return found

    def make(self, universe_id: str, store: str, scope: str) -> OrderedScope:
        """A scope of a store, to write to."""
        found = self.find(universe_id, store, scope)
        if found is None:
            scopes = self.stores.setdefault(universe_id, {}).setdefault(store, {})
            found = self._scopes[universe_id, store, scope] = OrderedScope(
                scopes.setdefault(scope, {})
            )
        return found
