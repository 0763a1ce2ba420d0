"""The memory stores of all universes, and the flushes that empty them."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from rblx_oauth.sandbox.memory_map import SortedMap
from rblx_oauth.sandbox.memory_queue import Queue
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["LONGEST", "Flush", "Memory", "MemoryShelf"]

LONGEST = 45 * 86_400.0
"""Seconds that an item is kept at most, and where nothing is said."""


class Flush(msgspec.Struct, kw_only=True):
    """An order to empty the memory stores of a universe.

    Attributes:
        scope: Which of them: those of live servers, or those of tests, which hold nothing here.
        ready_at: When it is carried out, in seconds since the epoch.
        done: Whether it was.
    """

    scope: Literal["LIVE", "TEST"] = "LIVE"
    ready_at: float
    done: bool = False


class Memory(msgspec.Struct):
    """The memory stores of one universe, by name, and its flushes by id."""

    queues: dict[str, Queue] = {}
    sorted_maps: dict[str, SortedMap] = {}
    flushes: dict[str, Flush] = {}

    def settle(self, now: float) -> None:
        """Carry out the flushes that are due."""
        for flush in self.flushes.values():
            if not flush.done and flush.ready_at <= now:
                flush.done = True
                if flush.scope == "LIVE":
                    self.queues.clear()
                    self.sorted_maps.clear()


class MemoryShelf(Shelf):
    """The memory stores of all universes."""

    section: ClassVar[str] = "memory_stores"

    universes: dict[str, Memory] = {}

    def of(self, universe_id: str, now: float) -> Memory:
        """Those of one universe, as they are now."""
        memory = self.universes.setdefault(universe_id, Memory())
        memory.settle(now)
        return memory
