"""The events that universes announce, in the order in which they begin."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

import msgspec

from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["Event", "EventShelf", "Visibility"]

Visibility = Literal["private", "public", "moderated"]


class Event(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An event. Times are in seconds since the epoch.

    Attributes:
        universe: The id of the universe.
        host: ``U123`` or ``G456``.
        place: The id of the place where it happens.
        featuring: Whether Roblox may feature it.
        categories: What it is about, with ranks, in Roblox's words.
        thumbnails: Ids of its pictures, with ranks.
        recurrence: A cron expression.
        recurs_until: When it happens for the last time.
        audience: Who is told.
    """

    universe: str
    title: str
    subtitle: str = ""
    starts: float
    ends: float
    host: str
    place: str = ""
    description: str = ""
    visibility: Visibility = "public"
    featuring: bool = False
    tagline: str = ""
    categories: list[tuple[str, int]] = []
    thumbnails: list[tuple[int, int]] = []
    recurrence: str | None = None
    recurs_until: float | None = None
    audience: str = "all"
    created: float = BUILT
    updated: float = BUILT


class EventShelf(Shelf, dict=True):
    """Every event, by its id."""

    section: ClassVar[str] = "events"

    events: dict[str, Event] = {}

    @cached_property
    def order(self) -> dict[str, Index[tuple[float, int]]]:
        """When the events of each universe begin, and their ids."""
        found: dict[str, list[tuple[float, int]]] = {}
        for event_id, event in self.events.items():
            found.setdefault(event.universe, []).append((event.starts, int(event_id)))
        return {universe: Index(keys) for universe, keys in found.items()}

    @cached_property
    def longest(self) -> dict[str, float]:
        """How long an event of each universe lasts at most, in seconds."""
        found: dict[str, float] = {}
        for event in self.events.values():
            lasts = event.ends - event.starts
            found[event.universe] = max(found.get(event.universe, 0.0), lasts)
        return found

    def put(self, event_id: str, event: Event) -> None:
        """Add an event, or put another in its place."""
        self.discard(event_id)
        lasts = max(self.longest.get(event.universe, 0.0), event.ends - event.starts)
        self.longest[event.universe] = lasts
        self.events[event_id] = event
        self.order.setdefault(event.universe, Index()).add((event.starts, int(event_id)))

    def discard(self, event_id: str) -> None:
        """Take an event out, if it is there."""
        order, event = self.order, self.events.pop(event_id, None)
        if event is not None:
            order[event.universe].discard((event.starts, int(event_id)))
