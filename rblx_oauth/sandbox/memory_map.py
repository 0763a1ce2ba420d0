"""Memory store sorted maps: items by key, in the order of their sort keys."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heapify, heappop, heappush

import msgspec

from rblx_oauth.sandbox.index import Index

__all__ = ["Bounds", "MapItem", "Place", "SortedMap"]

Place = tuple[int, float, str, str]
"""An item's place: those with a number come first, then those with a string, then the rest; what
they are sorted by; and the key."""

_NUMBERS, _STRINGS, _REST = range(3)


class MapItem(msgspec.Struct, kw_only=True):
    """An item; `expires` is in seconds since the epoch."""

    id: str
    value: msgspec.Raw
    etag: str = ""
    expires: float
    string_sort_key: str | None = None
    numeric_sort_key: float | None = None

    @property
    def place(self) -> Place:
        """Its place in the map."""
        if self.numeric_sort_key is not None:
            return _NUMBERS, self.numeric_sort_key, "", self.id
        if self.string_sort_key is not None:
            return _STRINGS, 0.0, self.string_sort_key, self.id
        return _REST, 0.0, "", self.id


class Bounds(msgspec.Struct):
    """What a listing is limited to; every bound is left out itself.

    A bound of sort keys holds for those of its own kind: 5 is neither above nor below ``"a"``.
    """

    id_above: str | None = None
    id_below: str | None = None
    number_above: float | None = None
    number_below: float | None = None
    string_above: str | None = None
    string_below: str | None = None

    def admits(self, item_id: str) -> bool:
        """Whether an item of that id is within the bounds of ids."""
        above = self.id_above is None or item_id > self.id_above
        return above and (self.id_below is None or item_id < self.id_below)

    def spans(self) -> list[tuple[Place, Place]]:
        """The spans of places to look at, in order: from one place up to another."""
        numbers = (self.number_above, self.number_below) != (None, None)
        strings = (self.string_above, self.string_below) != (None, None)
        spans = []
        if not strings:
            above = -math.inf if self.number_above is None else self.number_above
            below = math.inf if self.number_below is None else self.number_below
            first = math.nextafter(above, math.inf)
            spans.append(((_NUMBERS, first, "", ""), (_NUMBERS, below, "", "")))
        if not numbers:
            least = _next(self.string_above)
            spans.append((_from(_STRINGS, least, ""), _to(_STRINGS, self.string_below, "")))
        if not numbers and not strings:
            spans.append((_from(_REST, "", _next(self.id_above)), _to(_REST, "", self.id_below)))
        return spans


def _next(text: str | None) -> str:
    """The first text after that one."""
    return "" if text is None else text + "\0"


def _from(kind: int, sort_key: str, item_id: str) -> Place:
    return kind, 0.0, sort_key, item_id


def _to(kind: int, sort_key: str | None, item_id: str | None) -> Place:
    if sort_key is None or item_id is None:
        return kind + 1, -math.inf, "", ""
    return kind, 0.0, sort_key, item_id


class SortedMap(msgspec.Struct, dict=True):
    """One sorted map.

    Attributes:
        items: Every item by its id. Change them by way of the methods.
    """

    items: dict[str, MapItem] = {}

    def __post_init__(self) -> None:
        self._order: Index[Place] = Index(item.place for item in self.items.values())
        self._expiring = [(item.expires, item.id) for item in self.items.values()]
        heapify(self._expiring)

    def get(self, item_id: str, now: float) -> MapItem | None:
        """The item of that id."""
        self._settle(now)
        return self.items.get(item_id)

    def put(self, item: MapItem) -> None:
        """Write an item, whether it is there or not."""
        self.remove(item.id)
        self.items[item.id] = item
        self._order.add(item.place)
        heappush(self._expiring, (item.expires, item.id))

    def remove(self, item_id: str) -> None:
        """Take an item out, if it is there."""
        item = self.items.pop(item_id, None)
        if item is not None:
            self._order.discard(item.place)

    def walk(
        self, bounds: Bounds, after: Place | None, now: float, *, descending: bool
    ) -> Iterator[MapItem]:
        """Items in their order, past `after`; those that `bounds` does not admit are among them."""
        self._settle(now)
        spans = bounds.spans()
        for first, end in reversed(spans) if descending else spans:
            places = self._order.walk(at_least=first, below=end, after=after, descending=descending)
            yield from (self.items[item_id] for *_, item_id in places)

    def _settle(self, now: float) -> None:
        """Drop what has expired."""
        while self._expiring and self._expiring[0][0] <= now:
            expires, item_id = heappop(self._expiring)
            item = self.items.get(item_id)
            if item is not None and item.expires == expires:
                self.remove(item_id)
