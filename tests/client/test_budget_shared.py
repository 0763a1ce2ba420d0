"""Rate budgets that are shared by way of Redis or a token store."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from functools import partial
from types import SimpleNamespace
from typing import Any

import limits.aio.storage.redis.redispy
import limits.storage.redis
import pytest

from rblx_oauth import AsyncClient, AsyncRateBudget, RateBudget, aio_stores, api, errors, stores
from rblx_oauth.catalog import RateLimit
from rblx_oauth.core import windows
from rblx_oauth.core.budget import Bucket
from tests.client.budgets import COUNT, SECONDS, USER, ask, at_once, budget, refusals, use_up
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer
from tests.support.redis import RedisServer

NOWHERE = "redis://:canary-password@127.0.0.1:1/0"


@pytest.fixture
def on_the_clock(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    """Move the time inside `limits` with the test's clock."""
    for module in (limits.storage.redis, limits.aio.storage.redis.redispy):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=clock.now))


def test_redis_waits_for_room(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    clock: ManualClock,
    redis_server: RedisServer,
    on_the_clock: None,
) -> None:
    """Over Redis as in memory: the one too many waits until the first is a window ago."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, redis_server.url), timeout=100)
    use_up(colour, client)
    assert clock.sleeps == []
    clock.advance(20)
    ask(colour, client)
    assert clock.sleeps == [pytest.approx(SECONDS - 20, abs=0.01)]


def test_redis_is_shared_by_colours_and_budgets(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    redis_server: RedisServer,
) -> None:
    """Two budgets of one Redis count together, and what is kept there names no credential."""
    server.script(USER)
    for number in range(2):
        client = make_client(
            token="canary-token", budget=budget(colour, redis_server.url, wait=False)
        )
        outcomes = at_once(colour, client, COUNT)
        assert refusals(outcomes) == number * COUNT
    with redis_server.client() as client:
        keys = client.keys("*")
    assert len(keys) == 1
    assert b":rblx-oauth/" in keys[0]
    assert b"canary" not in keys[0]


CHILD = """
import sys
from rblx_oauth import Client, RateBudget, api, errors
base, storage, number = sys.argv[1:]
client = Client(token="access-1", api_base=base, budget=RateBudget(storage, wait=False))
sys.stdin.readline()
passed = 0
for _ in range(int(number)):
    try:
        client.send(api.users.get_user(user_id=1))
        passed += 1
    except errors.BudgetExhausted:
        pass
print(passed)
"""


def test_processes_share_one_budget(server: RawServer, redis_server: RedisServer) -> None:
    """Two processes at once, each with as many requests as the limit: the limit passes in all."""
    server.script(USER)
    arguments = [sys.executable, "-c", CHILD, server.url, redis_server.url, str(COUNT)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen(arguments, **pipes) for _ in range(2)]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    passed = [int(child.communicate(timeout=60)[0]) for child in children]
    assert sum(passed) == len(server.requests) == COUNT


def test_redis_out_of_reach_stops_nobody(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Calls go out, one warning is logged, and no password is in it."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, NOWHERE, wait=False))
    with caplog.at_level(logging.WARNING, "rblx_oauth"):
        for _ in range(2):
            use_up(colour, client)
    (record,) = caplog.records
    assert "in redis://127.0.0.1:1 " in record.getMessage()
    assert "canary" not in caplog.text


def test_redis_that_comes_back_counts_again(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    clock: ManualClock,
    redis_server: RedisServer,
    on_the_clock: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After an outage the count goes on, and a second outage is warned of again."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, redis_server.url, wait=False))
    ask(colour, client)
    for _ in range(3):
        redis_server.stop()
        ask(colour, client)
        redis_server.start()
        clock.advance(6)
        use_up(colour, client)
        with pytest.raises(errors.BudgetExhausted):
            ask(colour, client)
    assert [each.levelname for each in caplog.records] == ["WARNING"] * 3


def test_one_budget_serves_one_event_loop_after_another(
    server: RawServer, redis_server: RedisServer
) -> None:
    """Connections belong to a loop, counts do not."""
    server.script(USER)
    shared = AsyncRateBudget(redis_server.url, wait=False)

    async def some() -> None:
        async with (
            shared,
            AsyncClient(token="access-1", api_base=server.url, budget=shared) as client,
        ):
            for _ in range(COUNT // 2):
                await client.send(api.users.get_user(user_id=1))

    asyncio.run(some())
    asyncio.run(some())
    with pytest.raises(errors.BudgetExhausted):
        asyncio.run(some())


@pytest.fixture
def store(colour: Colour) -> Any:
    """A token store of the colour under test."""
    opener = stores.open if colour.name == "sync" else aio_stores.open
    return colour.keep(opener("memory://"))


def test_a_store_waits_for_room(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock, store: Any
) -> None:
    """In a token store as in memory, to the part of the window in which the first one was."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, store), timeout=100)
    use_up(colour, client)
    assert clock.sleeps == []
    clock.advance(20)
    ask(colour, client)
    assert clock.sleeps == [pytest.approx(SECONDS - 20, abs=SECONDS / windows.PARTS + 0.01)]


def test_a_store_that_is_down_stops_nobody(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    store: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Calls go out, and one warning is logged."""

    def refuse(*_: object, **__: object) -> None:
        raise errors.StoreUnavailable("down for the test")

    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, store, wait=False))
    monkeypatch.setattr(store, "get_record", refuse)
    with caplog.at_level(logging.WARNING, "rblx_oauth"):
        for _ in range(2):
            use_up(colour, client)
    (record,) = caplog.records
    assert "in the token store cannot be used (StoreUnavailable)" in record.getMessage()


def test_a_store_outlives_its_budget(colour: Colour, store: Any) -> None:
    """Closing the budget leaves the store open, and what was counted in it."""
    kept = Bucket("b", RateLimit(count=1, seconds=60))
    clock = ManualClock()
    for taken in (True, False):
        counter = budget(colour, store, wait=False)
        works = [partial(counter.acquire, [kept], operation="o", clock=clock, deadline=1e99)]
        assert (colour.at_once(works) == [None]) is taken
        colour(counter.aclose() if colour.name == "async" else counter.close())


def test_a_store_of_the_other_colour_is_refused() -> None:
    """When the budget is made, not at the first request."""
    for kind, wrong in ((RateBudget, aio_stores), (AsyncRateBudget, stores)):
        with pytest.raises(errors.ConfigurationError, match="or a store"):
            kind(wrong.open("memory://"))  # type: ignore[attr-defined, operator]
