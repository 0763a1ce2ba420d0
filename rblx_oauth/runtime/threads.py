"""Threads: single flight, background renewal. The twin of `rblx_oauth.runtime.aio`."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait as wait_for
from contextlib import contextmanager, suppress
from contextvars import copy_context
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
    """Where a connection works: in one process."""

    process: int

    @classmethod
    def here(cls) -> Self:
        """Of the running thread."""
        return cls(os.getpid())

    def is_gone(self) -> bool:
        """Whether nothing will run there again, as far as this process can tell."""
        return False


def of_other_colour(transport: object) -> bool:
    """Whether a transport is surely one for tasks, by how it is closed."""
    return hasattr(transport, "aclose") and not hasattr(transport, "close")


def blocking(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """What `work` gives: this thread may wait for it."""
    return work(*args, **more)


def for_each(work: Callable[[S], object], items: Iterable[S], *, at_once: int) -> None:
    """Do `work` for every item, for so many at a time, on threads of its own.

    After an error no further item is begun, and it is raised when those under way
    have ended; of several, the first. So too after a Ctrl-C in the caller's thread.
    """
    waiting = deque(items)
    errors: list[BaseException] = []

    def lane() -> None:
        while waiting:
            try:
                item = waiting.popleft()
            except IndexError:  # another lane was faster
                return
            try:
                work(item)
            except BaseException as error:  # noqa: BLE001 (handed to the caller)
                errors.append(error)
                waiting.clear()

    lanes = min(at_once, len(waiting))
    if not lanes:
        return
    with ThreadPoolExecutor(lanes, thread_name_prefix="rblx-oauth-each") as pool:
        try:
            wait_for([pool.submit(copy_context().run, lane) for _ in range(lanes)])
        finally:
            waiting.clear()
    if errors:
        raise errors[0]


class SingleFlight(Generic[T]):
    """Callers of one key share one run; the run outlives the caller who began it.

    It has a thread of its own, which a Ctrl-C in the caller's does not reach (it
    may hold a single-use token on the wire), and which the end of the program
    waits for.
    """

    def __init__(self) -> None:
        # Changed by single dict operations only, so there is no lock that a
        # fork could leave locked; and a child ignores its parent's flights.
        self._flights: dict[tuple[int, str], Future[T]] = {}

    def run(self, key: str, work: Callable[[], T]) -> T:
        """The result of the run under way for `key`, or of a new one."""
        mine: Future[T] = Future()
        flight = self._flights.setdefault((os.getpid(), key), mine)
        if flight is mine:
            self._begin(key, mine, work)
        return flight.result()

    def run_alone(self, key: str, work: Callable[[], T]) -> T | None:
        """The result of a new run, or None at once while another is under way."""
        mine: Future[T] = Future()
        if self._flights.setdefault((os.getpid(), key), mine) is not mine:
            return None
        self._begin(key, mine, work)
        return mine.result()

    def finish(self, work: Callable[[], None]) -> None:
        """Do `work`, shared with nobody: a thread is not cancelled."""
        work()

    def wait(self) -> None:
        """Return when what is under way in this process has ended, well or badly."""
        here = os.getpid()
        wait_for([flight for (pid, _), flight in list(self._flights.items()) if pid == here])

    def _begin(self, key: str, flight: Future[T], work: Callable[[], T]) -> None:
        context = copy_context()
        thread = threading.Thread(
            target=context.run,
            args=(self._fly, (os.getpid(), key), flight, work),
            name="rblx-oauth-flight",
        )
        try:
            thread.start()
        except BaseException as error:
            if not thread.is_alive():  # there is no room for a thread: nobody may wait for it
                del self._flights[os.getpid(), key]
                flight.set_exception(error)
            raise

    def _fly(self, name: tuple[int, str], flight: Future[T], work: Callable[[], T]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (handed to those who wait)
            del self._flights[name]
            flight.set_exception(error)
        else:
            del self._flights[name]
            flight.set_result(result)


class Ahead(Generic[T]):
    """Work begun on a thread of its own before its result is asked for."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._process = os.getpid()
        self._future: Future[T] = Future()
        context = copy_context()
        threading.Thread(
            target=context.run, args=(self._run,), name="rblx-oauth-ahead", daemon=True
        ).start()

    def _run(self) -> None:
        try:
            self._future.set_result(self._work())
        except BaseException as error:  # noqa: BLE001 (handed to the one who asks)
            self._future.set_exception(error)

    def begun(self) -> None:
        """It has: a thread starts by itself."""

    def result(self) -> T:
        """What the work gave; or its error."""
        if self._process != os.getpid() and not self._future.done():
            return self._work()  # by a forked child, whose parent kept the thread
        return self._future.result()

    def abandon(self) -> None:
        """Let it go: it ends by itself, and nobody will ask for the result."""


class Insistence:
    """Work that is tried again in the background until it succeeds: by one thread, a daemon.

    Args:
        every: Seconds between tries. They are the machine's, not those of a clock given.
    """

    def __init__(self, *, every: float) -> None:
        self._every = every
        self._under_way: dict[int, _Insisting] = {}
        self._last: _Insisting | None = None

    def begin(self, work: Callable[[], bool]) -> None:
        """Try until `work` returns True and raises nothing; nothing new if that is under way."""
        mine = self._last = _Insisting(work)
        if self._under_way.setdefault(os.getpid(), mine) is not mine:
            return
        thread = threading.Thread(
            target=self._insist, args=(mine,), name="rblx-oauth-insistence", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # there is no room for it, or the program is about to end
            del self._under_way[os.getpid()]

    def finish(self) -> None:
        """Let it go, wherever it was under way, after one last try."""
        found = self._under_way.get(os.getpid())
        if found is not None:
            found.over.set()
            found.ended.wait()
        if self._last is not None:
            self._last.succeeds()

    def _insist(self, mine: _Insisting) -> None:
        while not mine.over.wait(self._every) and not mine.succeeds():
            pass
        del self._under_way[os.getpid()]
        # Somebody may have come with more while this still seemed to be under way.
        again = not mine.over.is_set() and not mine.succeeds()
        mine.ended.set()
        if again:
            self.begin(mine.work)


class _Insisting:
    """What is tried, and whether that is over."""

    def __init__(self, work: Callable[[], bool]) -> None:
        self.work = work
        self.over = threading.Event()
        self.ended = threading.Event()

    def succeeds(self) -> bool:
        try:
            return self.work()
        except RobloxError:
            return False


@contextmanager
def renewing(renew: Callable[[], bool], *, every: float) -> Iterator[None]:
    """Call `renew` every so many seconds while the block runs, until it returns False.

    A store that fails for a moment does not end the renewals. These are
    seconds of the machine, not of a clock given: they stand for a process
    that is alive.
    """
    done = threading.Event()

    def beat() -> None:
        while not done.wait(every):
            with suppress(StoreError):
                if not renew():
                    return

    thread = threading.Thread(target=beat, name="rblx-oauth-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
