"""Who is kept out of universes and places, since when, and who did that."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import msgspec

from rblx_oauth.sandbox.ids import Id
from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["Answered", "Change", "Restriction", "RestrictionShelf", "Restrictions"]


class Restriction(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How things stand with a user. Without `seconds`, what is active is for ever."""

    active: bool
    started: float | None = None
    seconds: int | None = None
    private_reason: str = ""
    display_reason: str = ""
    exclude_alt_accounts: bool = False
    updated: float = BUILT

    def holds(self, now: float) -> bool:
        """Whether it keeps the user out at that moment."""
        if not self.active or self.started is None or self.seconds is None:
            return self.active
        return now < self.started + self.seconds


class Change(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A line of the log: to whom, where ("" is the universe), by whom, and what it became."""

    user: Id
    place: str = ""
    moderator: Id
    restriction: Restriction


class Answered(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a request with an idempotency key was, and what it got."""

    request: str
    answer: dict[str, object]
    at: float


class Restrictions(msgspec.Struct, kw_only=True, dict=True, forbid_unknown_fields=True):
    """Those of one universe.

    Attributes:
        universe: Of the whole universe, by the user's id.
        places: Of single places, by the place's id and the user's.
        log: Every change, oldest first.
        answered: Requests by their idempotency keys, oldest first.
    """

    universe: dict[Id, Restriction] = {}
    places: dict[Id, dict[Id, Restriction]] = {}
    log: list[Change] = []
    answered: dict[str, Answered] = {}

    @cached_property
    def journal(self) -> Journal[Change]:
        """The log, by user and place."""
        return Journal(self.log, lambda change: (change.user, change.place))

    @cached_property
    def order(self) -> dict[str, Index[int]]:
        """Who was ever restricted: by place, and under "" in the universe."""
        held = {"": self.universe, **self.places}
        return {place: Index(map(int, users)) for place, users in held.items()}

    def at(self, place: str) -> dict[str, Restriction]:
        """Those of a place, or of the universe where it is ""."""
        return self.places.get(place, {}) if place else self.universe

    def put(self, change: Change) -> None:
        """Let a change take place, and write it down."""
        order = self.order  # as it is before
        held = self.places.setdefault(change.place, {}) if change.place else self.universe
        if change.user not in held:
            order.setdefault(change.place, Index()).add(int(change.user))
        held[change.user] = change.restriction
        self.journal.add(change)


class RestrictionShelf(Shelf):
    """The restrictions of each universe."""

    section: ClassVar[str] = "user_restrictions"

    by_universe: dict[str, Restrictions] = {}
