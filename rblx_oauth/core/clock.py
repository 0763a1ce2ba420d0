"""Time as the library sees it: one object to ask, one object to replace in a test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What every part that cares about time is given."""

    def now(self) -> float:
        """Seconds since the epoch, for what is written down or compared with Roblox's times."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps, for deadlines and waits."""
        ...

    def sleep(self, seconds: float) -> None:
        """Pause this thread."""
        ...

    async def async_sleep(self, seconds: float) -> None:
        """Pause this task."""
        ...


def aware(seconds: float) -> datetime:
    """Epoch seconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
