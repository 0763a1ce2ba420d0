"""How long what the provider publishes (metadata, keys) is believed, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_AGE = 3600.0
"""Seconds after which a value is fetched again."""
STALE_AGE = 24 * 3600.0
"""Seconds for which an older value still serves while the provider cannot be asked."""
COOL_DOWN = 30.0
"""Seconds between two attempts to replace a value that is still at hand."""


@dataclass(slots=True)
class Cached(Generic[T]):
    """One published value. Times are those of the monotonic clock.

    It decides; whoever holds it fetches when `wants_fetch` says so.
    """

    value: T | None = None
    fetched_at: float = float("-inf")
    cooling_until: float = float("-inf")

    def wants_fetch(self, *, now: float, lacking: bool = False) -> bool:
        """Whether to ask the provider first: the value is old, or is `lacking` something.

        At most once per cool-down, so that neither an outage nor someone who
        makes key ids up turns into a flood of requests.
        """
        if self.value is None:
            return True
        return now >= self.cooling_until and (lacking or now - self.fetched_at > MAX_AGE)

    def begin_fetch(self, *, now: float) -> None:
        """Note an attempt: whatever comes of it, the next one waits for the cool-down."""
        self.cooling_until = now + COOL_DOWN

    def fill(self, value: T, *, now: float) -> None:
        """Keep what was fetched. The first value starts no cool-down."""
        if self.value is None:
            self.cooling_until = float("-inf")
        self.value, self.fetched_at = value, now

    def current(self, *, now: float) -> T | None:
        """The value, unless it has become too old to be believed."""
        return self.value if now - self.fetched_at <= STALE_AGE else None
