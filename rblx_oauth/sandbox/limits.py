"""Rate limits as Roblox counts them: so many requests in a window, per operation and caller."""

from __future__ import annotations

import math

import msgspec

from rblx_oauth.catalog import RateLimit

__all__ = ["RateWindows", "Standing"]

_SWEEP_AT = 4096


class Standing(msgspec.Struct, frozen=True):
    """Where a caller stands with a limit after one more request."""

    limit: RateLimit
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        """The ``x-ratelimit-*`` headers, and ``retry-after`` once the limit is passed."""
        count, seconds = self.limit.count, self.limit.seconds
        headers = {
            "x-ratelimit-limit": f"{count}, {count};w={seconds}",
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset),
        }
        if self.exceeded:
            headers["retry-after"] = str(self.reset)
        return headers


class RateWindows:
    """Counts requests in fixed windows that begin with a caller's first request."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def hit(
        self, operation: str, caller: str, limit: RateLimit, now: float, cost: int = 1
    ) -> Standing:
        """Count one more request of `caller`, or `cost` bytes, and say where that leaves it."""
        ends, used = self._windows.get((operation, caller), (0.0, 0))
        if now >= ends:
            self._sweep(now)
            ends, used = now + limit.seconds, 0
        exceeded = used + cost > limit.count
        used += 0 if exceeded else cost
        self._windows[operation, caller] = (ends, used)
        return Standing(
            limit=limit,
            remaining=limit.count - used,
            reset=max(1, math.ceil(ends - now)),
            exceeded=exceeded,
        )

    def _sweep(self, now: float) -> None:
        # Each access token brings a window of its own; without this they would pile up for ever.
        if len(self._windows) >= _SWEEP_AT:
            self._windows = {key: kept for key, kept in self._windows.items() if kept[0] > now}
