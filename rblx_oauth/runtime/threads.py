"""Threads: single flight, background renewal. The twin of `rblx_oauth.runtime.aio`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Callers of one key share one run, made by the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, Future[T]] = {}

    def run(self, key: str, work: Callable[[], T]) -> T:
        """The result of the run under way for `key`, or of one made here."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                mine: Future[T] = Future()
                self._flights[key] = mine
        if flight is not None:
            return flight.result()
        try:
            result = work()
        except BaseException as error:
            self._land(key)
            mine.set_exception(error)
            raise
        self._land(key)
        mine.set_result(result)
        return result

    def _land(self, key: str) -> None:
        with self._lock:
            del self._flights[key]


@contextmanager
def renewing(renew: Callable[[], bool], *, every: float) -> Iterator[None]:
    """Call `renew` every so many seconds while the block runs, until it returns False."""
    done = threading.Event()

    def beat() -> None:
        with suppress(Exception):  # a failed renewal is found out by the compare-and-swap
            while not done.wait(every) and renew():
                pass

    thread = threading.Thread(target=beat, name="rblx-oauth-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
