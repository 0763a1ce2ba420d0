"""Memory store queues: adding, reading, discarding, consuming."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from rblx_oauth import errors
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http

BASE = "/cloud/v2/universes/1/memory-store/queues/job%2Fs/items"
EMPTY = reply(body={"readId": "", "items": []})


@pytest.fixture
def queue(make_client: MakeClient) -> Any:
    """The queue ``job/s`` of universe 1."""
    return make_client().universe(1).queue("job/s")


def read(read_id: str, *data: object) -> bytes:
    """What a read gives."""
    items = [{"id": f"i{at}", "data": each, "priority": 2} for at, each in enumerate(data)]
    return reply(body={"readId": read_id, "items": items})


def following(colour: Colour, batches: Any) -> Any:
    """The next batch."""
    return colour(anext(batches)) if colour.name == "async" else next(batches)


def deal(colour: Colour, batch: Any, work: Callable[[Sequence[Any]], None]) -> None:
    """Do something with the items of a batch, inside its block."""

    async def inside() -> None:
        async with batch as items:
            work(items)

    if colour.name == "async":
        colour(inside())
        return
    with batch as items:
        work(items)


def test_add_read_discard(colour: Colour, queue: Any, server: RawServer) -> None:
    """Durations travel in seconds, data as JSON; items come back typed."""
    server.script(
        reply(body={"id": "i1", "data": {"a": 1}, "expireTime": "2024-05-05T00:00:00Z"}),
        reply(body={"id": "i2"}),
        read("r/1", {"a": [1, None]}, "x"),
        reply(),
    )
    added = colour(queue.add({"a": 1}, priority=-1.5, ttl=timedelta(days=45)))
    assert (added.id, added.data) == ("i1", {"a": 1})
    assert added.expires_at == datetime(2024, 5, 5, tzinfo=UTC)
    colour(queue.add(0))
    got = colour(queue.read(200, invisibility=timedelta(seconds=1.5), all_or_nothing=True))
    assert got.read_id == "r/1"
    assert [(each.data, each.priority) for each in got.items] == [({"a": [1, None]}, 2), ("x", 2)]
    assert colour(queue.discard(got.read_id)) is None
    line, _, query = server.lines[2].partition("?")
    assert server.lines[:2] == [f"POST {BASE}"] * 2
    assert line == f"GET {BASE}:read"
    assert dict(parse_qsl(query)) == {
        "count": "200",
        "allOrNothing": "true",
        "invisibilityWindow": "1.5s",
    }
    assert server.lines[3] == f"POST {BASE}:discard"
    assert [sent_json(server.requests[at]) for at in (0, 1, 3)] == [
        {"data": {"a": 1}, "priority": -1.5, "ttl": "3888000s"},
        {"data": 0, "priority": 0},
        {"readId": "r/1"},
    ]


def test_empty_queue(colour: Colour, queue: Any, server: RawServer) -> None:
    """Nothing to read is nothing, however it is said; too few for all or nothing is NotFound."""
    server.script(EMPTY, http(204), reply(404, {"code": "NOT_FOUND", "message": "few"}))
    assert colour(queue.read()).items == []
    assert colour(queue.read()).items == []
    with pytest.raises(errors.NotFound, match="few"):
        colour(queue.read(5, all_or_nothing=True))


def test_nothing_is_added_or_read_twice(colour: Colour, queue: Any, server: RawServer) -> None:
    """What may have been done is not done again; a discard may be."""
    server.script(reply(503))
    for act in (lambda: queue.add(1), queue.read):
        with pytest.raises(errors.AmbiguousOutcome):
            colour(act())
    assert len(server.requests) == 2
    server.script(reply(503), reply(404))
    colour(queue.discard("r1"))
    assert len(server.requests) == 4


def test_consumed_batches_are_discarded(colour: Colour, queue: Any, server: RawServer) -> None:
    """Each batch is handed out, and discarded when its block ends well."""
    server.script(read("r1", "a", "b"), reply(), read("r2", "c"), reply())
    seen: list[object] = []
    batches = queue.consume(count=2, invisibility=timedelta(minutes=1))
    for _ in range(2):
        deal(colour, following(colour, batches), lambda items: seen.extend(i.data for i in items))
    assert seen == ["a", "b", "c"]
    assert [line.partition("?")[0].rpartition(":")[2] for line in server.lines] == [
        "read",
        "discard",
    ] * 2
    assert "count=2" in server.lines[0]
    assert "invisibilityWindow=60s" in server.lines[0]
    assert [sent_json(server.requests[at]) for at in (1, 3)] == [{"readId": "r1"}, {"readId": "r2"}]


def test_failed_batch_shows_again(colour: Colour, queue: Any, server: RawServer) -> None:
    """What a block raised over is not discarded; the consumer can go on."""
    server.script(read("r1", "a"), read("r2", "a"), reply())
    batches = queue.consume()

    def fail(items: Sequence[Any]) -> None:
        raise RuntimeError(items[0].data)

    with pytest.raises(RuntimeError, match="a"):
        deal(colour, following(colour, batches), fail)
    colour(following(colour, batches).discard())
    assert [line.partition("?")[0].rpartition(":")[2] for line in server.lines] == [
        "read",
        "read",
        "discard",
    ]
    assert sent_json(server.requests[2]) == {"readId": "r2"}


def test_consumer_waits_while_the_queue_is_empty(
    colour: Colour, queue: Any, server: RawServer, clock: ManualClock
) -> None:
    """It asks at once, then after every pause."""
    server.script(EMPTY, http(204), read("r1", "a"))
    batch = following(colour, queue.consume(idle=timedelta(seconds=3)))
    assert batch.items[0].data == "a"
    assert sum(clock.sleeps) == pytest.approx(6)


def test_consumer_obeys_429(
    colour: Colour, queue: Any, server: RawServer, clock: ManualClock
) -> None:
    """However long Roblox says, it waits and goes on."""
    server.script(reply(429, retry_after="99"), read("r1", "a"))
    assert following(colour, queue.consume()).read_id == "r1"
    assert sum(clock.sleeps) == pytest.approx(99)
    assert len(server.requests) == 2


def test_consumer_reads_on_after_a_doubtful_read(
    colour: Colour, queue: Any, server: RawServer
) -> None:
    """What a lost answer hid shows again by itself; an outage that lasts is raised."""
    server.script(*[reply(503)] * 4, read("r1", "a"), *[reply(503)] * 5)
    batches = queue.consume()
    assert following(colour, batches).read_id == "r1"
    with pytest.raises(errors.AmbiguousOutcome):
        following(colour, batches)
    assert len(server.requests) == 10


def test_consumer_raises_what_will_not_pass(colour: Colour, queue: Any, server: RawServer) -> None:
    """A refusal ends it."""
    server.script(reply(403, {"code": "PERMISSION_DENIED", "message": "no"}))
    with pytest.raises(errors.PermissionDenied):
        following(colour, queue.consume())


def test_consumer_stops_on_request(
    colour: Colour, queue: Any, server: RawServer, clock: ManualClock
) -> None:
    """Asked before each read and within half a second of a pause."""
    server.script(read("r1", "a"), EMPTY)
    answers = [False] * 5

    def stop() -> bool:
        return not answers or answers.pop()

    found = colour.list(queue.consume(idle=timedelta(hours=1), stop=stop))
    assert [each.read_id for each in found] == ["r1"]
    assert sum(clock.sleeps) <= 2
    assert len(server.requests) == 2
    assert colour.list(queue.consume(stop=lambda: True)) == []
    assert len(server.requests) == 2


LARGE = "x" * (32_768 - 2)

WRONG: list[tuple[Callable[[Any], Any], str]] = [
    (lambda queue: queue.add(None), "data must not be None"),
    (lambda queue: queue.add(LARGE + "x"), "data takes 32769 bytes of JSON; the limit is 32768"),
    (lambda queue: queue.add(math.nan), "data is nan"),
    (lambda queue: queue.add(1, priority="high"), "priority must be a number"),
    (lambda queue: queue.add(1, priority=math.inf), "priority is inf"),
    (lambda queue: queue.add(1, ttl=60), "ttl must be a timedelta"),
    (lambda queue: queue.add(1, ttl=timedelta()), "ttl must be more than 0"),
    (lambda queue: queue.add(1, ttl=timedelta(days=45, microseconds=1)), "ttl .* of 45 days"),
    (lambda queue: queue.read(0), "count must be from 1 to 200"),
    (lambda queue: queue.read(201), "count must be from 1 to 200"),
    (lambda queue: queue.read(True), "count must be an int"),
    (lambda queue: queue.read(invisibility=timedelta()), "invisibility must be more than 0"),
    (lambda queue: queue.read(all_or_nothing=1), "all_or_nothing must be a bool"),
    (lambda queue: queue.discard(""), "read_id must not be empty"),
    (lambda queue: queue.consume(count=201), "count must be from 1 to 200"),
    (lambda queue: queue.consume(idle=5), "idle must be a timedelta"),
    (lambda queue: queue.consume(invisibility=-timedelta(1)), "invisibility must be more than 0"),
]


@pytest.mark.parametrize(("act", "says"), WRONG, ids=[says for _, says in WRONG])
def test_wrong_arguments_are_refused_before_sending(
    colour: Colour, queue: Any, server: RawServer, act: Callable[[Any], Any], says: str
) -> None:
    """A wrong argument is named as the caller knows it, with its limit."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(act(queue))
    assert server.requests == []


def test_largest_item_is_sent(colour: Colour, queue: Any, server: RawServer) -> None:
    """Exactly the limit is allowed."""
    server.script(reply(body={"id": "i"}))
    assert colour(queue.add(LARGE)).id == "i"
