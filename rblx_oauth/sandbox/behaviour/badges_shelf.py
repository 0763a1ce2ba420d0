"""The badges there are, and the Robux that pay for them."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import msgspec

from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["COST", "Badge", "BadgeShelf", "WalletShelf", "today"]

COST = 100
"""In Robux, for each badge that is not free."""
_FREE = 5
_DAY = 86_400


def today(now: float) -> int:
    """The number of a day by UTC, by which free badges are counted."""
    return int(now // _DAY)


class Badge(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A badge. Times are in seconds since the epoch.

    Attributes:
        universe: The id of the universe that awards it.
        icon: The id of an image asset; empty is Roblox's own.
        awarded: How often it was awarded.
        awarded_past_day: How often yesterday.
        win_rate: The share of players who got it, from 0 to 1.
    """

    universe: str
    name: str
    description: str = ""
    enabled: bool = True
    icon: str = ""
    awarded: int = 0
    awarded_past_day: int = 0
    win_rate: float = 0.0
    created: float = BUILT
    updated: float = BUILT


class WalletShelf(Shelf):
    """The Robux of users and groups, by ``U123`` or ``G456``."""

    section: ClassVar[str] = "robux"

    robux: dict[str, int] = {}


class BadgeShelf(Shelf, dict=True):
    """Every badge, by its id.

    Attributes:
        badges: By id.
        free: Of a universe, the last day on which free badges were made there, and how many.
    """

    section: ClassVar[str] = "badges"

    badges: dict[str, Badge] = {}
    free: dict[str, tuple[int, int]] = {}

    @cached_property
    def order(self) -> Journal[str]:
        """Their ids, by universe."""
        return Journal(list(self.badges), lambda each: (self.badges[each].universe,))

    def put(self, badge_id: str, badge: Badge) -> None:
        """Add one."""
        order = self.order
        self.badges[badge_id] = badge
        order.add(badge_id)

    def free_left(self, universe_id: str, day: int) -> int:
        """How many more badges of a universe are free that day."""
        last, used = self.free.get(universe_id, (day, 0))
        return max(_FREE - used, 0) if last == day else _FREE

    def use_free(self, universe_id: str, day: int) -> None:
        """Count a badge that was free."""
        self.free[universe_id] = (day, _FREE - self.free_left(universe_id, day) + 1)
