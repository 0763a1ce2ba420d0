"""Rate budgets: what waits, what is refused at once, and who shares a count."""

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

from rblx_oauth import (
    AsyncClient,
    AsyncRateBudget,
    Client,
    RateBudget,
    aio_stores,
    api,
    errors,
    stores,
)
from rblx_oauth.catalog import RateLimit, operation
from rblx_oauth.core import windows
from rblx_oauth.core.budget import Bucket
from tests.client.answers import entry, reply
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset
from tests.support.redis import RedisServer

LIMIT = operation("get_user").token_limit
assert LIMIT is not None
COUNT, SECONDS = LIMIT.count, LIMIT.seconds
USER = reply(body={"id": "1"})
NOWHERE = "redis://:canary-password@127.0.0.1:1/0"


def budget(colour: Colour, storage: Any = "memory://", **options: Any) -> Any:
    """A budget of the colour under test."""
    kind = RateBudget if colour.name == "sync" else AsyncRateBudget
    return colour.keep(kind(storage, **options))


def ask(colour: Colour, client: Any, **options: Any) -> None:
    """One request that counts against the token's limit for `get_user`."""
    assert colour(client.send(api.users.get_user(user_id=1), **options)).id == 1


def use_up(colour: Colour, client: Any) -> None:
    """All the requests that the limit allows."""
    for _ in range(COUNT):
        ask(colour, client)


def at_once(colour: Colour, client: Any, number: int) -> list[object]:
    """So many requests together: what each gave or raised."""
    call = api.users.get_user(user_id=1)
    return colour.at_once([partial(client.send, call)] * number)


def refusals(outcomes: list[object]) -> int:
    """How many of them the budget refused."""
    return sum(isinstance(each, errors.BudgetExhausted) for each in outcomes)


@pytest.fixture
def on_the_clock(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    """Move the time inside `limits` with the test's clock."""
    for module in (limits.storage.redis, limits.aio.storage.redis.redispy):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=clock.now))


def test_waits_for_room(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """One more than the limit: the last waits until the first is a window ago."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour), timeout=100)
    use_up(colour, client)
    assert clock.sleeps == []
    clock.advance(20)
    ask(colour, client)
    assert clock.sleeps == [pytest.approx(SECONDS - 20)]
    assert len(server.requests) == COUNT + 1


def test_refuses_at_once_with_the_time_to_wait(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """Told not to wait, the budget says how long it would be, and nothing is sent."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, wait=False))
    use_up(colour, client)
    clock.advance(20)
    with pytest.raises(errors.BudgetExhausted, match=r"^get_user: not sent, .* for 40 s") as caught:
        ask(colour, client)
    assert isinstance(caught.value, errors.RateLimited)
    assert caught.value.retry_after == pytest.approx(SECONDS - 20)
    assert (clock.sleeps, len(server.requests)) == ([], COUNT)
    clock.advance(caught.value.retry_after)
    ask(colour, client)


@pytest.mark.parametrize(("options", "timeout"), [({}, 30), ({"max_wait": 30}, 100)])
def test_never_waits_past_the_deadline_or_its_patience(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    clock: ManualClock,
    options: dict[str, Any],
    timeout: float,
) -> None:
    """A wait that cannot end in time is not begun."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, **options), timeout=timeout)
    use_up(colour, client)
    with pytest.raises(errors.BudgetExhausted) as caught:
        ask(colour, client)
    assert caught.value.retry_after == pytest.approx(SECONDS)
    assert (clock.sleeps, len(server.requests)) == ([], COUNT)


def test_exactly_as_many_pass_as_there_is_room_for(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Threads or tasks at once: the limit passes, the rest is refused."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, wait=False))
    assert refusals(at_once(colour, client, COUNT + 7)) == 7
    assert len(server.requests) == COUNT


def test_who_waits_together_is_let_through_in_turn(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """Three windows' worth at once: all are answered, and no earlier than three windows allow."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour), timeout=1e6)
    began = clock.monotonic()
    outcomes = at_once(colour, client, 3 * COUNT)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert len(server.requests) == 3 * COUNT
    assert clock.monotonic() - began >= 2 * SECONDS


def test_clients_share_what_they_share(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Two clients of one token share its limit; another token, or a key, has its own."""
    server.script(USER)
    shared = budget(colour, wait=False)
    use_up(colour, make_client(token="access-1", budget=shared))
    with pytest.raises(errors.BudgetExhausted):
        ask(colour, make_client(token="access-1", budget=shared))
    ask(colour, make_client(token="access-2", budget=shared))
    ask(colour, make_client(budget=shared))


def test_data_stores_count_per_universe(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Reads of a universe share a limit, whichever key; writes and other universes have theirs."""
    server.script(entry())
    shared = budget(colour, wait=False)
    first, second = (make_client(api_key=key, budget=shared) for key in ("key-1", "key-2"))
    store = first.universe(7).data_store("coins")
    for _ in range(150):
        colour(store.get("k"))
        colour(second.universe(7).data_store("coins").get("k"))
    with pytest.raises(errors.BudgetExhausted, match="get_data_store_entry"):
        colour(store.get("k"))
    with pytest.raises(errors.BudgetExhausted, match="list_data_store_entries"):
        colour.list(store.keys())
    colour(store.set("k", 1))
    colour(first.universe(8).data_store("coins").get("k"))


def test_each_try_counts(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """A retry takes a slot as the first try did."""
    server.script(reply(503), reply(503), USER)
    client = make_client(token="access-1", budget=budget(colour, wait=False))
    ask(colour, client)
    for _ in range(COUNT - 3):
        ask(colour, client)
    with pytest.raises(errors.BudgetExhausted):
        ask(colour, client)
    assert len(server.requests) == COUNT


def test_no_room_for_a_retry_raises_what_it_was_to_mend(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """That nothing was sent would not be true: the first try's failure is what the caller gets."""
    server.script(USER)
    client = make_client(token="access-1", budget=budget(colour, wait=False))
    for _ in range(COUNT - 1):
        ask(colour, client)
    server.script(reset)
    with pytest.raises(errors.ConnectionLost) as caught:
        ask(colour, client)
    assert isinstance(caught.value.__cause__, errors.BudgetExhausted)
    assert len(server.requests) == COUNT


def test_429_holds_back_everybody(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """One client is told to wait; another of the same key waits too, and sends nothing before."""
    shared = budget(colour)
    first, second = (make_client(budget=shared) for _ in range(2))
    server.script(reply(429, retry_after="25"))
    with pytest.raises(errors.RateLimited):
        ask(colour, first, timeout=20)
    server.script(USER)
    clock.advance(5)
    ask(colour, second)
    assert clock.sleeps == [20]
    assert len(server.requests) == 2


def test_429_is_waited_out_once(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """The retry's own pause is the budget's too: they do not add up."""
    server.script(reply(429, retry_after="7"), USER)
    ask(colour, make_client(budget=budget(colour)))
    assert clock.sleeps == [7]


def test_what_roblox_says_is_left_counts(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """The last request of a window, by Roblox's count: the next waits until it ends."""
    server.script(reply(body={"id": "1"}, x_ratelimit_remaining="0", x_ratelimit_reset="12"), USER)
    client = make_client(budget=budget(colour))
    ask(colour, client)
    ask(colour, client)
    assert clock.sleeps == [12]


@pytest.mark.parametrize(
    "storage", ["", "memory", "redis://", "redis://[::1", "redis://h:99999/0", "unix:///x", None, 7]
)
@pytest.mark.parametrize("kind", [RateBudget, AsyncRateBudget])
def test_storage_that_is_none_is_refused(kind: type[Any], storage: Any) -> None:
    """A storage is named by an URL of one of two kinds."""
    with pytest.raises(errors.ConfigurationError, match=r"memory:// .* redis://"):
        kind(storage)


@pytest.mark.parametrize("url", ["redis://h", "rediss://user:p@h:/2", "redis://[::1]:7"])
@pytest.mark.parametrize("kind", [RateBudget, AsyncRateBudget])
def test_any_redis_url_will_do(kind: type[Any], url: str) -> None:
    """A port may be left out; nothing is connected to yet."""
    kind(url)


@pytest.mark.parametrize("kind", [RateBudget, AsyncRateBudget])
def test_redis_url_is_not_quoted(kind: type[Any]) -> None:
    """A wrong URL may hold a password: the error says what it should be instead."""
    for url in ("http://:canary@h", "redis://:canary@h/?db=canary"):
        with pytest.raises(errors.ConfigurationError) as caught:
            kind(url)
        assert "canary" not in repr(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("wrong", [-1, float("nan")])
def test_patience_is_a_number_of_seconds(wrong: float) -> None:
    """It cannot be less than none."""
    with pytest.raises(errors.ConfigurationError, match="max_wait"):
        RateBudget(max_wait=wrong)


def test_budget_of_the_other_colour_is_refused() -> None:
    """Before anything is sent, and by the name of the right one."""
    with pytest.raises(errors.ConfigurationError, match=r"budget must be RateBudget\("):
        Client(api_key="k", budget=AsyncRateBudget())  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match=r"budget must be AsyncRateBudget\("):
        AsyncClient(api_key="k", budget=RateBudget())  # type: ignore[arg-type]


def test_extra_is_named_where_it_is_missing() -> None:
    """Counting in this process needs nothing more; counting in Redis says what to install."""
    code = (
        "import sys; sys.modules['limits'] = None\n"
        "from rblx_oauth import RateBudget, errors\n"
        "RateBudget()\n"
        "try: RateBudget('redis://h')\n"
        "except errors.ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'rblx-oauth[redis]'" in done.stdout


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
