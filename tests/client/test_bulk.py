"""Many entries at once: what is sent, in what company, and what is said when some fail."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest

from rblx_oauth import AsyncClient, Client, RequestEvent, ResponseEvent, errors
from rblx_oauth.core.bulk import MOST_AT_ONCE
from rblx_oauth.runtime import aio, threads
from rblx_oauth.sandbox import Sandbox
from tests.client.answers import entry, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import Exchange, RawServer

NO = reply(403, {"code": "PERMISSION_DENIED", "message": "no"})


@pytest.fixture
def ledger(colour: Colour) -> Any:
    """A data store of the sandbox, for a client of the colour under test."""
    with Sandbox() as cloud:
        info: Any = cloud.info()
        kind = Client if colour.name == "sync" else AsyncClient
        client = colour.keep(
            kind(
                api_key=info["api_key"],
                api_base=info["api_base"],
                transport=colour.transport(),
                clock=ManualClock(),
            )
        )
        yield client.universe(3000001).data_store("ledger")


def test_many_are_written_read_and_deleted(colour: Colour, ledger: Any) -> None:
    """What is written is read under its own key, in the order asked for; gaps are None."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 (to repeat a failure)
    chance = random.Random(seed)
    values = {f"k{n}/@ #?": chance.randrange(10**6) for n in range(60)}
    written = colour(ledger.set_many(values, concurrency=8))
    assert {key: each.value for key, each in written.items()} == values
    asked = [*values, "missing", "k0/@ #?"]
    chance.shuffle(asked)
    found = colour(ledger.get_many(iter(asked), concurrency=8))
    assert list(found) == list(dict.fromkeys(asked))
    assert {key: each and each.value for key, each in found.items()} == {**values, "missing": None}
    gone = colour(ledger.delete_many(["missing", *values]))
    assert list(gone.items()) == [("missing", False), *((key, True) for key in values)]
    assert set(colour(ledger.get_many(values)).values()) == {None}


def test_none_at_all_sends_nothing(colour: Colour, store: Any, server: RawServer) -> None:
    """No keys, no requests."""
    server.script(NO)
    assert colour(store.get_many([])) == {}
    assert colour(store.set_many({})) == {}
    assert colour(store.delete_many(())) == {}
    assert server.requests == []


def test_pairs_do_as_well_as_a_mapping(colour: Colour, store: Any, server: RawServer) -> None:
    """Each is one PATCH that creates or replaces, with the value alone."""
    server.script(entry())
    assert list(colour(store.set_many([("a", 1), ("b", [2])], concurrency=1))) == ["a", "b"]
    assert [line.rpartition("/")[2] for line in server.lines] == [
        f"{key}?allowMissing=true" for key in "ab"
    ]
    assert [sent_json(each) for each in server.requests] == [{"value": 1}, {"value": [2]}]


@pytest.mark.parametrize("act", ["get_many", "set_many", "delete_many"])
def test_no_more_are_under_way_than_allowed(
    colour: Colour, store: Any, server: RawServer, act: str
) -> None:
    """Eight at a time are eight at a time: none waits for no reason, and none is too many."""
    together = threading.Barrier(8, timeout=30)
    under_way: list[int] = []
    lock = threading.Lock()
    now = 0

    def answer(exchange: Exchange) -> None:
        nonlocal now
        with lock:
            now += 1
            under_way.append(now)
        together.wait()
        with lock:
            now -= 1
        together.wait()
        exchange.sock.sendall(entry())

    server.script(answer)
    keys = [f"k{n}" for n in range(40)]
    work = dict.fromkeys(keys, 1) if act == "set_many" else keys
    assert list(colour(getattr(store, act)(work, concurrency=8))) == keys
    assert max(under_way) == 8
    assert len(server.requests) == 40


def test_all_that_are_allowed_at_once_keep_their_connections(
    colour: Colour, store: Any, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The most there can be under way are connected once each, and nothing is logged of it."""
    everyone = threading.Barrier(MOST_AT_ONCE)

    def together(exchange: Exchange) -> None:
        everyone.wait(30)
        exchange.sock.sendall(entry())

    server.script(together)
    keys = [f"key {number}" for number in range(2 * MOST_AT_ONCE)]
    assert len(colour(store.get_many(keys, concurrency=MOST_AT_ONCE))) == len(keys)
    assert server.connections == MOST_AT_ONCE
    assert caplog.records == []


def test_failed_write_is_accounted_for(colour: Colour, store: Any, server: RawServer) -> None:
    """The error says which keys were written, which failed, and which were never sent."""
    server.script(entry(), NO)
    with pytest.raises(
        errors.BulkFailed, match="set_many: 1 keys were done, 1 failed, 2 were not tried"
    ) as caught:
        colour(store.set_many(dict.fromkeys("abcd", 1), concurrency=1))
    error = caught.value
    assert (error.done, list(error.failed), error.untried) == (("a",), ["b"], ("c", "d"))
    assert isinstance(error.failed["b"], errors.PermissionDenied)
    assert error.__cause__ is error.failed["b"]
    assert len(server.requests) == 2


def test_doubtful_write_is_not_repeated(colour: Colour, store: Any, server: RawServer) -> None:
    """A write that may have been done counts as failed, and says so."""
    server.script(reply(503))
    with pytest.raises(errors.BulkFailed) as caught:
        colour(store.set_many({"a": 1}))
    assert isinstance(caught.value.failed["a"], errors.AmbiguousOutcome)
    assert len(server.requests) == 1


def test_those_under_way_are_let_end(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A failure does not tear down its neighbour, whose success is not lost."""
    refused = threading.Event()

    def slow(exchange: Exchange) -> None:
        refused.wait(30)
        exchange.sock.sendall(entry())

    def watch(event: RequestEvent | ResponseEvent) -> None:
        if isinstance(event, ResponseEvent) and event.status == 403:
            refused.set()

    server.script(slow, NO)
    store = make_client(on_event=watch).universe(1).data_store("coins")
    with pytest.raises(errors.BulkFailed) as caught:
        colour(store.set_many({"a": 1, "b": 2}, concurrency=2))
    error = caught.value
    assert {*error.done, *error.failed} == {"a", "b"}
    assert (len(error.done), error.untried) == (1, ())
    assert len(server.requests) == 2


def test_missing_is_a_failure_only_of_writes(colour: Colour, store: Any, server: RawServer) -> None:
    """A 404 to a write means that there is no such universe."""
    server.script(reply(404))
    assert colour(store.get_many(["a"])) == {"a": None}
    assert colour(store.delete_many(["a"])) == {"a": False}
    with pytest.raises(errors.BulkFailed):
        colour(store.set_many({"a": 1}))


def test_failed_read_raises_as_it_is(colour: Colour, store: Any, server: RawServer) -> None:
    """Reading changes nothing, so there is nothing to account for."""
    server.script(entry(), NO)
    with pytest.raises(errors.PermissionDenied):
        colour(store.get_many(["a", "b", "c"], concurrency=1))
    assert len(server.requests) == 2


def test_failed_delete_is_accounted_for(colour: Colour, store: Any, server: RawServer) -> None:
    """What was not there counts as dealt with."""
    server.script(reply(), reply(404), NO)
    with pytest.raises(errors.BulkFailed, match="delete_many: 2 keys were done") as caught:
        colour(store.delete_many(["a", "b", "c", "d"], concurrency=1))
    assert (caught.value.done, caught.value.untried) == (("a", "b"), ("d",))


WRONG: list[tuple[Callable[[Any], Any], str]] = [
    (lambda store: store.get_many("abc"), "keys must be an iterable of keys, not one"),
    (lambda store: store.get_many(["a", ""]), r"keys\[1\]: key must not be empty"),
    (lambda store: store.delete_many(["a", "k" * 51]), r"keys\[1\]: key has 51 .* limit is 50"),
    (lambda store: store.get_many(["a", 5]), r"keys\[1\]: key must be a str"),
    (lambda store: store.set_many([("a", 1), ("b", None)]), r"entries\[1\]: value must not be"),
    (lambda store: store.set_many({"a": 1, "b": 2**64}), r"entries\[1\]: value is an integer of"),
    (lambda store: store.set_many([("a", 1), ("a", 2)]), r"entries\[1\] has a key that came"),
    (lambda store: store.set_many(["ab"]), r"entries\[0\] must be a pair"),
    (lambda store: store.set_many([("a", 1, 2)]), r"entries\[0\] must be a pair"),
    (lambda store: store.get_many(["a"], concurrency=0), "concurrency must be from 1 to 256"),
    (lambda store: store.get_many(["a"], concurrency=257), "concurrency must be from 1 to 256"),
    (lambda store: store.set_many({"a": 1}, concurrency=True), "concurrency must be an int"),
]


@pytest.mark.parametrize(("act", "says"), WRONG, ids=[says for _, says in WRONG])
def test_wrong_arguments_are_refused_before_sending(
    colour: Colour, store: Any, server: RawServer, act: Callable[[Any], Any], says: str
) -> None:
    """One wrong entry among many is named by its place, and none of them is sent."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(act(store))
    assert server.requests == []


def test_cancelled_caller_leaves_nothing_running() -> None:
    """Cancelling the whole cancels what is under way, and waits for it; nothing more is begun."""
    begun: list[int] = []
    ended: list[int] = []

    async def scene() -> None:
        full = asyncio.Event()

        async def work(item: int) -> None:
            begun.append(item)
            if len(begun) == 3:
                full.set()
            try:
                await asyncio.Event().wait()
            finally:
                for _ in range(item):  # some need longer to tidy up than others
                    await asyncio.sleep(0)
                ended.append(item)

        task = asyncio.create_task(aio.for_each(work, range(10), at_once=3))
        await full.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert begun == ended == [0, 1, 2]

    asyncio.run(scene())


def test_threads_see_the_context_of_their_caller() -> None:
    """What a context variable says holds in the work too, as it does in tasks."""
    request_id: ContextVar[str] = ContextVar("request_id")
    request_id.set("r-1")
    seen: list[str] = []
    threads.for_each(lambda _: seen.append(request_id.get()), range(5), at_once=2)
    assert seen == ["r-1"] * 5
