"""How long is waited before another try, and for an answer: limits, outages, deadlines."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest

from rblx_oauth import api, errors
from tests.client.answers import entry, reply
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, hang, http


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_f13_retry_after_is_obeyed(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock, form: str
) -> None:
    """429 with Retry-After: exactly that wait, whatever the operation."""
    wait = "7" if form == "seconds" else formatdate(int(clock.now()) + 7, usegmt=True)
    server.script(reply(429, retry_after=wait), entry(value=3))
    assert colour(store.increment("k", 3)).value == 3
    assert clock.sleeps == [pytest.approx(7, abs=1)]


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [500, 503])
def test_retry_after_of_an_outage_is_obeyed(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock, form: str, status: int
) -> None:
    """A server that says when it will be back is not asked before."""
    wait = "7" if form == "seconds" else formatdate(int(clock.now()) + 7, usegmt=True)
    server.script(reply(status, retry_after=wait), entry(value=3))
    assert colour(store.get("k")).value == 3
    assert clock.sleeps == [pytest.approx(7, abs=1)]


def test_outage_longer_than_the_deadline_is_raised(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """The caller learns at once when to come back."""
    server.script(reply(503, retry_after="120"))
    with pytest.raises(errors.ServerError) as caught:
        colour(store.get("k"))
    assert caught.value.retry_after == 120
    assert (clock.sleeps, len(server.requests)) == ([], 1)


def test_end_of_a_limits_window_says_nothing_of_an_outage(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """Roblox tells of its limits in any answer: only after a 429 are they why to wait."""
    server.script(reply(503, x_ratelimit_reset="25"), entry())
    colour(store.get("k"))
    assert sum(clock.sleeps) <= 0.25


def test_f13_retry_after_past_the_deadline_is_raised(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """A wait that the deadline does not allow is handed to the caller at once."""
    server.script(reply(429, {"errors": [{"code": 0, "message": "Too many"}]}, retry_after="120"))
    with pytest.raises(errors.RateLimited) as caught:
        colour(store.get("k"))
    assert caught.value.retry_after == 120
    assert clock.sleeps == []
    assert len(server.requests) == 1


def test_f14_limit_without_a_time_backs_off(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """429 without a time: pauses from one second, then the error."""
    server.script(reply(429))
    with pytest.raises(errors.RateLimited) as caught:
        colour(store.get("k"))
    assert caught.value.retry_after is None
    assert len(server.requests) == 3
    assert clock.sleeps[0] <= 1 < 3 >= sum(clock.sleeps)


def test_rate_limit_reset_header_counts_too(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """Roblox's own header tells the wait where Retry-After does not."""
    server.script(reply(429, x_ratelimit_reset="4"), entry())
    colour(store.get("k"))
    assert clock.sleeps == [4]


def test_deadline_is_one_for_all_tries(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """Each try gets what is left, and no try begins past the end."""
    server.script(reply(429, retry_after="20"))
    with pytest.raises(errors.RateLimited):
        colour(store.get("k"))
    assert clock.sleeps == [20]


@pytest.mark.parametrize("timeout", [float("inf"), 1e20, 0, -1, float("nan")])
def test_any_timeout_of_a_call_is_understood(
    colour: Colour, make_client: MakeClient, server: RawServer, timeout: float
) -> None:
    """For ever is longer than a socket can be told; what is no time at all sends nothing."""
    client = make_client()
    server.script(reply(body={"id": "1"}))
    question = api.users.get_user(user_id=1)
    if timeout > 0:
        assert colour(client.send(question, timeout=timeout)).id == 1
        return
    message = api.universes.publish_universe_message(universe_id=1, topic="t", message="m")
    for call in (question, message):  # nor is there any doubt about what was not sent
        with pytest.raises(errors.DeadlineExceeded, match="no time was left") as caught:
            colour(client.send(call, timeout=timeout))
        assert not caught.value.sent
    assert server.requests == []


@pytest.mark.parametrize(
    ("act", "kind"),
    [("get", errors.DeadlineExceeded), ("increment", errors.AmbiguousOutcome)],
)
def test_f04_silence_ends_at_the_deadline(
    colour: Colour, make_client: MakeClient, server: RawServer, act: str, kind: type[Exception]
) -> None:
    """No answer in time: a read says so, a write is in doubt."""
    server.script(hang)
    store = make_client(timeout=0.3).universe(1).data_store("coins")
    with pytest.raises(kind):
        colour(getattr(store, act)("k"))
    assert len(server.requests) == 1


class Waiting(ManualClock):
    """Time at which who sleeps is woken by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.woken = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Hold this thread, and all that is on it."""
        self.sleeps.append(seconds)
        assert self.woken.wait(10)

    async def async_sleep(self, seconds: float) -> None:
        """Hold this task alone."""
        self.sleeps.append(seconds)
        while not self.woken.is_set():  # noqa: ASYNC110 (both colours wait for this event)
            await asyncio.sleep(0)


def test_others_go_on_while_a_retry_waits(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """The pause of one call holds up its own thread or task, and no event loop."""
    clock = Waiting()
    server.script(http(503), entry("other"), entry("first"))
    store = make_client(clock=clock).universe(1).data_store("coins")

    async def tasks() -> list[str]:
        first = asyncio.create_task(store.get("first"))
        while not clock.sleeps:  # noqa: ASYNC110 (the clock tells nobody)
            await asyncio.sleep(0)
        other = await store.get("other")
        clock.woken.set()
        return [other.id, (await first).id]

    def threads() -> list[str]:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(store.get, "first")
            colour.until(lambda: bool(clock.sleeps))
            other = store.get("other")
            clock.woken.set()
            return [other.id, first.result().id]

    assert (threads() if colour.name == "sync" else colour(tasks())) == ["other", "first"]
