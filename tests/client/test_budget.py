"""Rate budgets: what waits, what is refused at once, and who shares a count."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from rblx_oauth import AsyncClient, AsyncRateBudget, Client, RateBudget, errors
from tests.client.answers import entry, reply
from tests.client.budgets import COUNT, SECONDS, USER, ask, at_once, budget, refusals, use_up
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset


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
