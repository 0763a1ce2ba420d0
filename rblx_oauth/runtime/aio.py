"""Tasks of one event loop after another: single flight, background renewal."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Generic, ParamSpec, Self, TypeVar

from rblx_oauth.errors import RobloxError, StoreError

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

Lock = threading.Lock
"""Guards a few lines that never wait, in either colour."""


@dataclass(frozen=True)
class Place:
    """Where a connection works: in one event loop of one process."""

    process: int
    loop: asyncio.AbstractEventLoop

    @classmethod
    def here(cls) -> Self:
        """Of the running task."""
        return cls(os.getpid(), asyncio.get_running_loop())

    def is_gone(self) -> bool:
        """Whether nothing will run there again."""
        return self.loop.is_closed() and self.process == os.getpid()


def of_other_colour(transport: object) -> bool:
    """Whether a transport is surely one for threads, by how it is closed."""
    return hasattr(transport, "close") and not hasattr(transport, "aclose")


async def blocking(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """What `work` gives, done off the event loop's thread.

    A caller who is cancelled waits for its end before it goes, since what the
    work uses may then be taken away.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **more))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def for_each(
    work: Callable[[S], Awaitable[object]], items: Iterable[S], *, at_once: int
) -> None:
    """Do `work` for every item, for so many at a time.

    After an error no further item is begun, and it is raised when those under way
    have ended; of several, the first. A caller who is cancelled cancels them, and
    waits for their end before it goes.
    """
    waiting = deque(items)
    errors: list[Exception] = []

    async def lane() -> None:
        while waiting:
            try:
                await work(waiting.popleft())
            except Exception as error:  # noqa: BLE001 (handed to the caller)
                errors.append(error)
                waiting.clear()

    if not waiting:
        return
    lanes = [asyncio.ensure_future(lane()) for _ in range(min(at_once, len(waiting)))]
    try:
        await asyncio.wait(lanes)
    except asyncio.CancelledError:
        for each in lanes:
            each.cancel()
        await asyncio.wait(lanes)
        raise
    if errors:
        raise errors[0]
    for each in lanes:
        each.result()  # one that was cancelled by itself left items undone


class SingleFlight(Generic[T]):
    """Callers of one key share one run; the run outlives the caller who began it."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[int, str], asyncio.Task[T]] = {}
        self._finishing: set[asyncio.Task[None]] = set()

    async def run(self, key: str, work: Callable[[], Coroutine[object, object, T]]) -> T:
        """The result of the run under way for `key`, or of a new one.

        A cancelled caller leaves the run going (it may hold a single-use
        token on the wire); the others still get its result.
        """
        return await asyncio.shield(self._under_way(key) or self._begin(key, work))

    async def run_alone(
        self, key: str, work: Callable[[], Coroutine[object, object, T]]
    ) -> T | None:
        """The result of a new run, or None at once while another is under way."""
        if self._under_way(key) is not None:
            return None
        return await asyncio.shield(self._begin(key, work))

    async def finish(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Do `work`, shared with nobody; it too outlives a caller who is cancelled."""
        task = asyncio.get_running_loop().create_task(work())
        self._finishing.add(task)
        task.add_done_callback(self._finished)
        await asyncio.shield(task)

    async def wait(self) -> None:
        """Return when what is under way on this loop has ended, well or badly."""
        loop = asyncio.get_running_loop()
        under_way = (*self._tasks.values(), *self._finishing)
        tasks = [task for task in under_way if task.get_loop() is loop]
        if tasks:
            await asyncio.wait(tasks)

    def _under_way(self, key: str) -> asyncio.Task[T] | None:
        # Loops do not share tasks: a flight belongs to the loop it began on,
        # and a new loop may have the id of one that is gone.
        loop = asyncio.get_running_loop()
        task = self._tasks.get((id(loop), key))
        return task if task is not None and task.get_loop() is loop else None

    def _begin(self, key: str, work: Callable[[], Coroutine[object, object, T]]) -> asyncio.Task[T]:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work())
        self._tasks[id(loop), key] = task
        task.add_done_callback(lambda done: self._landed((id(loop), key), done))
        return task

    def _landed(self, key: tuple[int, str], task: asyncio.Task[T]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        _see(task)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._finishing.discard(task)
        _see(task)


def _see(task: asyncio.Task[object]) -> None:
    """Look at the error of a task whose callers may all have left, lest the loop complain."""
    if not task.cancelled():
        task.exception()


class Ahead(Generic[T]):
    """Work begun before its result is asked for."""

    def __init__(self, work: Callable[[], Coroutine[object, object, T]]) -> None:
        self._task = asyncio.get_running_loop().create_task(work())

    async def begun(self) -> None:
        """Let the work go as far as its first wait: a task by itself starts only later."""
        await asyncio.sleep(0)

    async def result(self) -> T:
        """What the work gave; or its error."""
        return await self._task

    def abandon(self) -> None:
        """Let it go: nobody will ask for the result."""
        if not self._task.cancel() and not self._task.cancelled():
            self._task.exception()  # seen, lest the loop complain


class Insistence:
    """Work that is tried again in the background until it succeeds: by one task of a loop.

    Args:
        every: Seconds between tries. They are the machine's, not those of a clock given.
    """

    def __init__(self, *, every: float) -> None:
        self._every = every
        self._under_way: dict[asyncio.AbstractEventLoop, _Insisting] = {}
        self._last: _Insisting | None = None

    def begin(self, work: Callable[[], Awaitable[bool]]) -> None:
        """Try until `work` returns True and raises nothing; nothing new if that is under way."""
        loop = asyncio.get_running_loop()
        self._under_way = {
            where: each for where, each in self._under_way.items() if not each.task.done()
        }
        if loop not in self._under_way:
            self._under_way[loop] = self._last = _Insisting(work, every=self._every)

    async def finish(self) -> None:
        """Let it go, wherever it was under way, after one last try."""
        found = self._under_way.get(asyncio.get_running_loop())
        if found is not None:
            found.over.set()
            await asyncio.wait([found.task])
        if self._last is not None:
            await self._last.succeeds()


class _Insisting:
    """What is tried, and whether that is over."""

    def __init__(self, work: Callable[[], Awaitable[bool]], *, every: float) -> None:
        self._work = work
        self._every = every
        self.over = asyncio.Event()
        self.task = asyncio.get_running_loop().create_task(self._insist())

    async def succeeds(self) -> bool:
        try:
            return await self._work()
        except RobloxError:
            return False

    async def _insist(self) -> None:
        while not await self._is_over() and not await self.succeeds():
            pass

    async def _is_over(self) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self._every)
        return self.over.is_set()


@asynccontextmanager
async def renewing(renew: Callable[[], Awaitable[bool]], *, every: float) -> AsyncIterator[None]:
    """Call `renew` every so many seconds while the block runs, until it returns False.

    A store that fails for a moment does not end the renewals. These are
    seconds of the machine, not of a clock given: they stand for a process
    that is alive.
    """

    async def beat() -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(StoreError):
                if not await renew():
                    return

    task = asyncio.get_running_loop().create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
