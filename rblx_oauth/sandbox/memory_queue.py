"""Memory store queues: what was read is hidden for a while, and shows again unless discarded."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import msgspec

from rblx_oauth.sandbox.index import Index

__all__ = ["Queue", "QueueItem"]

Place = tuple[float, int, str]
"""An item's place in the queue: before all of less priority, behind those that came earlier."""


class QueueItem(msgspec.Struct, kw_only=True):
    """An item. Times are in seconds since the epoch.

    Attributes:
        id: Its id.
        number: Counts up from item to item.
        data: Its value, as JSON.
        priority: Higher ones are read first.
        expires: When it is gone.
        hidden_until: Until when the read `read_id` hides it; 0 while it shows.
        read_id: The read that hides it.
    """

    id: str
    number: int
    data: msgspec.Raw
    priority: float = 0.0
    expires: float
    hidden_until: float = 0.0
    read_id: str = ""

    @property
    def place(self) -> Place:
        """Its place in the queue."""
        return -self.priority, self.number, self.id


class Queue(msgspec.Struct, dict=True):
    """One queue. Everything takes a few steps, however many items are hidden.

    Attributes:
        items: Every item by its id, hidden or not. Change them by way of the methods.
    """

    items: dict[str, QueueItem] = {}

    def __post_init__(self) -> None:
        self._showing: Index[Place] = Index(
            item.place for item in self.items.values() if not item.hidden_until
        )
        hidden = [item for item in self.items.values() if item.hidden_until]
        self._hidden = [(item.hidden_until, item.id, item.read_id) for item in hidden]
        self._expiring = [(item.expires, item.id) for item in self.items.values()]
        heapify(self._hidden)
        heapify(self._expiring)
        self._reads: dict[str, list[str]] = {}
        for item in hidden:
            self._reads.setdefault(item.read_id, []).append(item.id)

    def add(self, item: QueueItem) -> None:
        """Put in an item."""
        self.items[item.id] = item
        self._showing.add(item.place)
        heappush(self._expiring, (item.expires, item.id))

    def front(self, count: int, now: float) -> list[QueueItem]:
        """The first items that show, `count` at most."""
        self._settle(now)
        places = zip(range(count), self._showing.walk(), strict=False)
        return [self.items[item_id] for _, (_, _, item_id) in places]

    def hide(self, items: list[QueueItem], read_id: str, until: float) -> None:
        """Let a read hide what it gave."""
        for item in items:
            self._showing.discard(item.place)
            item.hidden_until, item.read_id = until, read_id
            heappush(self._hidden, (until, item.id, read_id))
        self._reads[read_id] = [item.id for item in items]

    def discard(self, read_id: str, now: float) -> None:
        """Take out what a read gave, as far as it still hides it."""
        self._settle(now)
        for item_id in self._reads.pop(read_id, ()):
            self.items.pop(item_id, None)

    def _settle(self, now: float) -> None:
        """Show what was hidden long enough, and drop what has expired."""
        while self._hidden and self._hidden[0][0] <= now:
            _, item_id, read_id = heappop(self._hidden)
            self._reads.pop(read_id, None)
            item = self.items.get(item_id)
            if item is not None:
                item.hidden_until, item.read_id = 0.0, ""
                self._showing.add(item.place)
        while self._expiring and self._expiring[0][0] <= now:
            item = self.items.pop(heappop(self._expiring)[1], None)
            if item is not None:
                self._showing.discard(item.place)
