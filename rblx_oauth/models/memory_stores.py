"""Memory stores: items of queues and of sorted maps."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model, Timestamp


class MemoryStoreQueueItem(Model, frozen=True):
    """An item of a queue.

    Attributes:
        id: Names it.
        path: The resource path.
        data: JSON: bool, int, float, str, list or dict.
        priority: Higher ones are read first.
        expires_at: When it goes by itself.
    """

    id: str = ""
    path: str = ""
    data: object = None
    priority: float = 0.0
    expires_at: Timestamp | None = msgspec.field(name="expireTime", default=None)


class QueueRead(Model, frozen=True):
    """What one read of a queue gave.

    Attributes:
        read_id: Discards the items; empty where there are none.
        items: The items, from the front of the queue.
    """

    read_id: str = ""
    items: list[MemoryStoreQueueItem] = []


class MemoryStoreSortedMapItem(Model, frozen=True):
    """An item of a sorted map.

    Attributes:
        id: Its key.
        path: The resource path.
        value: JSON: bool, int, float, str, list or dict.
        etag: Changes when the item does.
        string_sort_key: What it is sorted by, if that is text.
        numeric_sort_key: What it is sorted by, if that is a number.
        expires_at: When it goes by itself.
    """

    id: str = ""
    path: str = ""
    value: object = None
    etag: str = ""
    string_sort_key: str | None = None
    numeric_sort_key: float | None = None
    expires_at: Timestamp | None = msgspec.field(name="expireTime", default=None)

    @property
    def sort_key(self) -> str | float | None:
        """What it is sorted by; None if only by its key."""
        return self.string_sort_key if self.numeric_sort_key is None else self.numeric_sort_key
