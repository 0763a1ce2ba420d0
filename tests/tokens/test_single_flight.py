"""Sharing one run among callers, and renewing a lease beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from rblx_oauth.errors import StoreUnavailable
from rblx_oauth.runtime import aio, threads


def test_threads_share_one_run() -> None:
    """Ten callers of a key: one run, one result; another key has its own."""
    flights: threads.SingleFlight[int] = threads.SingleFlight()
    runs: list[int] = []
    go = threading.Event()

    def work() -> int:
        runs.append(1)
        go.wait(10)
        return len(runs)

    with ThreadPoolExecutor(10) as pool:
        results = [pool.submit(flights.run, "a", work) for _ in range(10)]
        assert flights.run("b", lambda: 7) == 7
        while not runs:
            time.sleep(0)
        assert flights.run_alone("a", work) is None
        go.set()
        assert {result.result(10) for result in results} <= {1, 2}
    assert flights.run_alone("a", lambda: 8) == 8


def test_threads_share_one_failure() -> None:
    """Everyone who waited sees the error; the next run starts clean."""
    flights: threads.SingleFlight[int] = threads.SingleFlight()

    def fail() -> int:
        raise ValueError("once")

    with pytest.raises(ValueError, match="once"):
        flights.run("a", fail)
    assert flights.run("a", lambda: 1) == 1


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Heeds it, also where the tests were started in the background of a shell, which does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals cannot be aimed here")
def test_an_interrupted_caller_leaves_the_run_going() -> None:
    """Ctrl-C strikes who waits; the run goes on, and the next caller gets its result."""
    flights: threads.SingleFlight[int] = threads.SingleFlight()
    go, runs = threading.Event(), []

    def work() -> int:
        runs.append(1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        go.wait(10)
        return 5

    with pytest.raises(KeyboardInterrupt):
        flights.run("a", work)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(flights.run, "a", work)
        time.sleep(0.01)
        go.set()
        assert waiting.result(10) == 5
    flights.wait()
    assert runs == [1]


def test_a_run_sees_what_its_caller_has_set() -> None:
    """Context variables go along, as they do with tasks."""
    name: ContextVar[str] = ContextVar("name")
    name.set("ada")
    assert threads.SingleFlight[str]().run("a", name.get) == "ada"


def test_a_thread_that_cannot_be_made_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller hears of it, and the next one begins anew."""
    flights: threads.SingleFlight[int] = threads.SingleFlight()

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            flights.run("a", lambda: 1)
    assert flights.run("a", lambda: 2) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_does_not_wait_for_its_parents_run() -> None:
    """A run that was under way at the fork goes on in the parent alone."""
    flights: threads.SingleFlight[int] = threads.SingleFlight()
    started, go = threading.Event(), threading.Event()

    def work() -> int:
        started.set()
        go.wait(10)
        return 1

    thread = threading.Thread(target=flights.run, args=("a", work))
    thread.start()
    started.wait(10)
    child = os.fork()
    if child == 0:
        os._exit(flights.run("a", lambda: 42))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    go.set()
    thread.join(10)


async def test_tasks_share_one_run_that_outlives_its_caller() -> None:
    """The caller who began it is cancelled; the other still gets the result of the one run."""
    flights: aio.SingleFlight[int] = aio.SingleFlight()
    go, runs = asyncio.Event(), []

    async def work() -> int:
        runs.append(1)
        await go.wait()
        return 3

    first = asyncio.create_task(flights.run("a", work))
    second = asyncio.create_task(flights.run("a", work))
    await asyncio.sleep(0)
    assert await flights.run_alone("a", work) is None
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    await flights.wait()
    assert (await second, runs, first.cancelled()) == (3, [1], True)


def test_a_run_stays_on_the_loop_it_began_on() -> None:
    """A loop that ended in mid-run does not make the next loop wait for it."""
    flights: aio.SingleFlight[int] = aio.SingleFlight()

    async def hang() -> int:
        await asyncio.Event().wait()
        return 1

    async def leave() -> None:
        task = asyncio.create_task(flights.run("a", hang))
        await asyncio.sleep(0)
        task.cancel()

    async def answer() -> int:
        return 2

    asyncio.run(leave())
    assert asyncio.run(flights.run("a", answer)) == 2


def test_renewals_survive_a_short_failure_and_end_with_the_block() -> None:
    """A store that fails once is asked again; after the block nobody is."""
    beats: list[int] = []
    enough = threading.Event()

    def renew() -> bool:
        beats.append(1)
        if len(beats) == 1:
            raise StoreUnavailable("once")
        if len(beats) == 3:
            enough.set()
        return True

    with threads.renewing(renew, every=0.01):
        assert enough.wait(10)
    count = len(beats)
    time.sleep(0.05)
    assert len(beats) == count


async def test_renewals_end_when_the_lease_is_lost() -> None:
    """Once told that it is another's, the task asks no more; a failure before does not end it."""
    beats: list[int] = []

    async def renew() -> bool:
        beats.append(1)
        if len(beats) == 1:
            raise StoreUnavailable("once")
        return len(beats) < 3

    async with aio.renewing(renew, every=0.005):
        await asyncio.sleep(0.1)
    assert len(beats) == 3
