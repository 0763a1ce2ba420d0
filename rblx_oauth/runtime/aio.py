"""Tasks of one event loop after another: single flight, background renewal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Callers of one key share one run; the run outlives the caller who began it."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[int, str], asyncio.Task[T]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[object, object, T]]) -> T:
        """The result of the run under way for `key`, or of a new one.

        A cancelled caller leaves the run going (it may hold a single-use
        token on the wire); the others still get its result.
        """
        # Loops do not share tasks: a flight belongs to the loop it began on.
        here = (id(asyncio.get_running_loop()), key)
        task = self._tasks.get(here)
        if task is None:
            task = asyncio.get_running_loop().create_task(work())
            self._tasks[here] = task
            task.add_done_callback(lambda done: self._landed(here, done))
        return await asyncio.shield(task)

    def _landed(self, key: tuple[int, str], task: asyncio.Task[T]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen here, should every caller have left


@asynccontextmanager
async def renewing(
    renew: Callable[[], Awaitable[bool]], *, every: float
) -> AsyncIterator[None]:
    """Call `renew` every so many seconds while the block runs, until it returns False."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(every)
            if not await renew():
                return

    task = asyncio.get_running_loop().create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
