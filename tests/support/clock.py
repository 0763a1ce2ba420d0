"""A clock that moves only when told."""

from __future__ import annotations

import asyncio
import threading
import time


class ManualClock:
    """Starts at the present; `advance` moves it, and sleeping on it moves it too."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = threading.Lock()
        self.sleeps: list[float] = []

    def now(self) -> float:
        """Epoch seconds."""
        return self._now

    def monotonic(self) -> float:
        """The same line of time: it never goes back."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on."""
        with self._lock:
            self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Move on, remember by how much, and let other threads run."""
        self.sleeps.append(seconds)
        self.advance(seconds)
        time.sleep(0)

    async def async_sleep(self, seconds: float) -> None:
        """Move on, remember by how much, and let other tasks run."""
        self.sleeps.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)
