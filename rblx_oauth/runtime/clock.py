"""The clock on the wall."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's own time (see `rblx_oauth.core.clock.Clock`)."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Pause this thread."""
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Pause this task."""
        import asyncio  # which who awaits has imported, and nobody else needs

        await asyncio.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
