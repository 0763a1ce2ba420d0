"""The sandbox's clock: the machine's, plus what tests have moved it forward."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rblx_oauth.runtime.clock import SystemClock

__all__ = ["SandboxClock", "parse_rfc3339", "rfc3339", "whole_microseconds"]

_END = 221_845_392_000.0  # the year 9000: what lasts for a while then can still be written

_LAST = math.nextafter(253_402_300_800.0, 0)
"""The last moment of the year 9999; a float has no finer one."""


class SandboxClock(SystemClock):
    """Seconds since the epoch, which a test can move forward.

    It is a `rblx_oauth.Clock`, so that the program under test can go by the same time: what is
    signed here is dated by this clock, and to a program with another it is old, or of the future.
    Who sleeps by it does so in real time.

    Args:
        source: Where time comes from; the machine's clock unless a test brings its own.

    Attributes:
        offset: Seconds that it is ahead of the source.
    """

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._moved_on = 0.0
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as the sandbox sees it."""
        return self._source() + self.offset

    def monotonic(self) -> float:
        """The machine's monotonic clock, and what this one was ever moved forward."""
        return time.monotonic() + self._moved_on

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` and return the new time.

        Raises:
            ValueError: `seconds` is negative or not a number; a token's past cannot be unlived.
                Or it would be the year 9000.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"the clock moves forward only, so not by {seconds} seconds")
        _checked(self.now() + seconds)
        self.offset += seconds
        self._moved_on += seconds
        return self.now()

    def set(self, moment: float) -> float:
        """Make it `moment`, in seconds since the epoch, and go on from there.

        Raises:
            ValueError: It is not a moment, or one before 1970 or after the year 9000.
        """
        if not math.isfinite(moment):
            raise ValueError(f"{moment} is no moment")
        offset = _checked(moment) - self._source()
        self._moved_on += max(0.0, offset - self.offset)
        self.offset = offset
        return self.now()

    def reset(self) -> None:
        """Go back to the source's time."""
        self.offset = 0.0


def _checked(moment: float) -> float:
    if not 0 <= moment < _END:
        raise ValueError("the clock goes from the year 1970 to the year 9000")
    return moment


def whole_microseconds(seconds: float) -> float:
    """That moment, as exact as `rfc3339` writes it, so that it equals itself when read back."""
    return datetime.fromtimestamp(seconds, UTC).timestamp()


def rfc3339(seconds: float) -> str:
    """That moment as Open Cloud writes it, in UTC with microseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 timestamp.

    Raises:
        ValueError: It is not one, it has no offset, or UTC has no such year.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a timestamp needs an offset, such as Z")
    try:
        return min(moment.astimezone(UTC).timestamp(), _LAST)
    except OverflowError:
        raise ValueError("years go from 1 to 9999") from None
