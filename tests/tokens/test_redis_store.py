"""What is particular to the store in Redis: its keys, its round trips, its connections."""

from __future__ import annotations

import asyncio
import gc
import os
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from redis import Redis

from rblx_oauth import aio_stores, stores
from rblx_oauth._redis.keys import PREFIX
from rblx_oauth.errors import (
    ConfigurationError,
    StoreError,
)
from tests.support.colours import Colour
from tests.support.redis import commands_of, connections, new_redis
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW, Bench

HOUR = 3600
FOREIGN = "holds something under"


@pytest.fixture
def store(colour: Colour, redis_url: str) -> Bench:
    """A store of each colour in an empty Redis."""
    return Bench(colour, redis_url)


def open_store(url: str, **options: Any) -> stores.Store:
    """A sync store."""
    return stores.open(url, keys=[KEY], **options)


# One round trip.


def test_a_look_at_a_record_or_a_grant_is_one_round_trip(store: Bench, raw_redis: Redis) -> None:
    """Redis sees one command, on a connection that is there."""
    store.add_record(RECORD)
    store.swap_grant(ROW, expected=None)
    looks: list[Callable[[], object]] = [
        lambda: store.get_record("session", "s1", now=1500.0),
        lambda: store.get_record("session", "s2", now=1500.0),
        lambda: store.get_grant("g1"),
        lambda: store.get_grant("g2"),
    ]
    assert [commands_of(raw_redis, look) for look in looks] == [{"hmget": 1}] * 4


def test_a_change_is_one_script(store: Bench, raw_redis: Redis) -> None:
    """Redis is sent one command for it; and when it has forgotten the script, the script anew."""
    assert store.add_record(RECORD)
    assert commands_of(raw_redis, lambda: store.update_record(RECORD))["evalsha"] == 1
    raw_redis.script_flush()
    counted = commands_of(raw_redis, lambda: store.update_record(RECORD))
    assert (counted["evalsha"], counted["eval"]) == (1, 1)
    assert store.update_record(RECORD)


# Expiry and indexes.


def test_redis_lets_a_record_go_an_hour_after_its_end(store: Bench, raw_redis: Redis) -> None:
    """The time it has left by its own times counts, and each change sets that anew."""
    key = f"{PREFIX}record:session\0s1"
    store.add_record(RECORD)
    assert HOUR + 990 < raw_redis.ttl(key) <= HOUR + 1000
    assert HOUR + 990 < raw_redis.ttl(f"{PREFIX}owner:session\0g1") <= HOUR + 1000
    store.update_record(replace(RECORD, seen_at=1900.0))
    assert HOUR + 90 < raw_redis.ttl(key) <= HOUR + 100
    store.swap_record(replace(RECORD, expires_at=9000.0), before=b"payload")
    assert HOUR + 7990 < raw_redis.ttl(key) <= HOUR + 8000
    assert HOUR + 7990 < raw_redis.ttl(f"{PREFIX}owner:session\0g1") <= HOUR + 8000
    store.add_record(replace(RECORD, id="s2", expires_at=float("inf")))
    assert raw_redis.ttl(f"{PREFIX}record:session\0s2") > 9 * 365 * 24 * HOUR


def test_a_grant_has_no_time_to_live(store: Bench, raw_redis: Redis) -> None:
    """Neither the row nor what it is found by."""
    store.swap_grant(ROW, expected=None)
    store.swap_grant(replace(ROW, generation=8, status="ended"), expected=7)
    assert {raw_redis.ttl(key) for key in raw_redis.keys("*")} == {-1}
    assert len(raw_redis.keys("*grant*")) == 3


def test_indexes_do_not_grow_where_nobody_sweeps(store: Bench, raw_redis: Redis) -> None:
    """What Redis let go of leaves them as new records come."""
    for number in range(40):
        store.add_record(replace(RECORD, id=f"s{number}", expires_at=2000.0 + number))
        raw_redis.delete(f"{PREFIX}record:session\0s{number}")  # as its time to live does
    indexes = ["records", "records:expiry", "owner:session\0g1"]
    assert [raw_redis.zcard(f"{PREFIX}{name}") for name in indexes] == [1, 1, 1]


def test_a_change_leaves_nothing_of_a_deleted_record_behind(store: Bench, raw_redis: Redis) -> None:
    """However it goes, its places in the indexes go with it."""
    ways: list[Callable[[], object]] = [
        lambda: store.delete_record("session", "s1"),
        lambda: store.take_record("session", "s1", now=1500.0),
        lambda: store.delete_owned("session", "g1"),
        lambda: store.sweep(now=2000.0),
    ]
    for way in ways:
        store.add_record(RECORD)
        assert way()
        assert raw_redis.keys("*") == [f"{PREFIX}schema".encode()]
    store.swap_grant(replace(ROW, status="lost"), expected=None)
    assert store.delete_grant("g1")
    store.swap_grant(replace(ROW, status="lost"), expected=None)
    assert store.sweep_grants(before=9e9) == 1
    assert raw_redis.keys("*") == [f"{PREFIX}schema".encode()]


@pytest.mark.parametrize("let_go", [False, True])
def test_a_record_that_changes_hands_leaves_its_old_owner(
    store: Bench, raw_redis: Redis, let_go: bool
) -> None:
    """An expired one that is added anew, whether or not Redis still had it, is the new owner's."""
    store.add_record(RECORD)
    if let_go:
        raw_redis.delete(f"{PREFIX}record:session\0s1")
    store.add_record(replace(RECORD, owner="g2", created_at=2000.0, expires_at=3000.0))
    assert list(store.list_records("session", now=1500.0, owner="g1")) == []
    assert store.delete_owned("session", "g1") == 0
    assert store.delete_owned("session", "g2") == 1


def test_walking_does_not_stop_at_gaps(store: Bench, raw_redis: Redis) -> None:
    """What Redis let go of is left out, and the portion is filled up from behind it."""
    for number in range(9):
        store.add_record(replace(RECORD, id=f"s{number}", created_at=1000.0 + number))
        store.swap_grant(replace(ROW, grant_id=f"g{number}"), expected=None)
    for number in range(6):
        raw_redis.delete(f"{PREFIX}record:session\0s{number}", f"{PREFIX}grant:g{number}")
    assert [each.id for each in store.scan_records(limit=2)] == ["s6", "s7"]
    assert [each.grant_id for each in store.list_grants(limit=2)] == ["g6", "g7"]
    for owner in (None, "g1"):
        listed = store.list_records("session", now=1500.0, owner=owner, limit=2)
        assert [each.id for each in listed] == ["s8", "s7"]


def test_a_whole_kind_is_listed_in_portions(
    store: Bench, raw_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is never asked for all of it at once, and the newest come first all the same."""
    for module in ("_async", "_sync"):
        monkeypatch.setattr(f"rblx_oauth.{module}.stores.redis.PORTION", 2)
    for number, kind in enumerate(["b", "a", "session", "session", "session", "session", "z"]):
        store.add_record(replace(RECORD, kind=kind, id=f"{number}", created_at=1000.0 + number))
    listed = store.list_records("session", now=1500.0, limit=3)
    assert [each.id for each in listed] == ["5", "4", "3"]
    counted = commands_of(raw_redis, lambda: store.list_records("session", now=1500.0))
    assert counted == {"zrangebylex": 3, "hmget": 4}


# What is stored.


def test_what_a_newer_version_stored_is_refused(redis_url: str, raw_redis: Redis) -> None:
    """The error says to upgrade, and nothing is changed."""
    open_store(redis_url).close()
    raw_redis.set(f"{PREFIX}schema", 99)
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError, match=r"version 99.*Upgrade"):
            opener(redis_url, keys=[KEY])
    assert raw_redis.get(f"{PREFIX}schema") == b"99"


def test_a_store_opens_again_where_redis_lost_everything(redis_url: str, raw_redis: Redis) -> None:
    """There is nothing to make first: create=False finds all that it needs."""
    with open_store(redis_url) as store:
        store.swap_grant(ROW, expected=None)
        raw_redis.flushdb()
        with open_store(redis_url, create=False) as other:
            assert other.get_grant("g1") is None
            assert other.swap_grant(ROW, expected=None)
        assert store.get_grant("g1") == ROW


def test_somebody_elses_data_is_an_error_and_is_left_alone(store: Bench, raw_redis: Redis) -> None:
    """A value of another type, or fields that are not a row's; nothing of a row is written."""
    raw_redis.set(f"{PREFIX}record:session\0s1", "theirs")
    raw_redis.hset(f"{PREFIX}grant:g1", mapping={"generation": "seven"})
    raw_redis.hset(f"{PREFIX}record:session\0s2", mapping={"owner": "x", "expires_at": "soon"})
    raw_redis.set(f"{PREFIX}grants", "theirs")
    works: list[Callable[[], object]] = [
        lambda: store.get_record("session", "s1", now=1.0),
        lambda: store.get_record("session", "s2", now=1.0),
        lambda: store.get_grant("g1"),
        lambda: store.add_record(RECORD),
        lambda: store.list_grants(),
        lambda: store.swap_grant(replace(ROW, grant_id="g2"), expected=None),
    ]
    for work in works:
        with pytest.raises(StoreError, match=FOREIGN):
            work()
    assert raw_redis.get(f"{PREFIX}record:session\0s1") == b"theirs"
    assert not raw_redis.exists(f"{PREFIX}grant:g2", f"{PREFIX}records")


def test_a_foreign_version_is_refused_at_the_start(redis_url: str, raw_redis: Redis) -> None:
    """Whatever stands there is neither a version nor overwritten."""
    raw_redis.set(f"{PREFIX}schema", "theirs")
    with pytest.raises(ConfigurationError, match=FOREIGN):
        open_store(redis_url)
    raw_redis.delete(f"{PREFIX}schema")
    raw_redis.lpush(f"{PREFIX}schema", "theirs")
    with pytest.raises(ConfigurationError, match=FOREIGN):
        open_store(redis_url)


def test_all_keys_are_in_one_slot(colour: Colour) -> None:
    """On a server in cluster mode that holds every slot no script reaches over its own."""
    with new_redis("--cluster-enabled", "yes") as server, server.client() as raw:
        raw.execute_command("CLUSTER ADDSLOTSRANGE 0 16383")
        colour.until(lambda: raw.cluster("info")["cluster_state"] == "ok", 20)
        store = Bench(colour, server.url)
        assert store.swap_grant(replace(ROW, status="lost"), expected=None)
        assert store.delete_grant("g1")
        assert store.add_record(RECORD)
        assert store.update_record(RECORD)
        assert store.delete_owned("session", "g1") == 1


# Connections and concurrency.


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_store_survives_a_fork(redis_url: str) -> None:
    """Opened before a server forks: the child makes its own connections, the parent goes on."""
    with open_store(redis_url) as store:
        store.add_record(RECORD)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                found = store.get_record("session", "s1", now=1500.0)
                status = 0 if found and store.add_record(replace(RECORD, id="s2")) else 2
                store.close()
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.get_record("session", "s2", now=1500.0)
        assert store.add_record(replace(RECORD, id="s3"))


def test_an_async_store_serves_one_event_loop_after_another(
    redis_url: str, raw_redis: Redis
) -> None:
    """Connections belong to a loop; closing lets go of those of the loop that runs."""
    store = aio_stores.open(redis_url, keys=[KEY])
    before = connections(raw_redis)

    async def use() -> None:
        async with store:
            await store.add_record(RECORD)
            assert await store.get_record("session", "s1", now=1500.0) == RECORD

    asyncio.run(use())
    asyncio.run(use())
    assert connections(raw_redis) <= before


def test_an_async_store_keeps_nothing_of_loops_that_ended(redis_url: str, raw_redis: Redis) -> None:
    """Whoever never closes it leaves no more connections than those of the last loop."""
    store = aio_stores.open(redis_url, keys=[KEY])
    before = connections(raw_redis)
    for _ in range(5):
        asyncio.run(_look(store))
        gc.collect()
    assert len(connections(raw_redis) - before) <= 2


async def _look(store: aio_stores.AsyncStore) -> None:
    assert await store.get_grant("g1") is None


def test_a_closed_store_has_no_connections(store: Bench, colour: Colour, raw_redis: Redis) -> None:
    """In both colours; used again, it makes new ones."""
    before = connections(raw_redis)
    store.get_grant("g1")
    assert connections(raw_redis) - before
    store.aclose() if colour.name == "async" else store.close()
    colour.until(lambda: connections(raw_redis) <= before)
    assert store.get_grant("g1") is None


def test_every_race_has_one_winner(colour: Colour, store: Bench) -> None:
    """Swaps, leases, inserts and takes by many workers at once, in a random mixture."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 (shown when it fails)
    rng = random.Random(seed)
    kept = store.store
    workers = 20  # of each kind
    for turn in range(5):
        grant, record = replace(ROW, grant_id=f"g{turn}"), replace(RECORD, id=f"s{turn}")
        swapped, leased = replace(record, id=f"swap{turn}"), replace(ROW, grant_id=f"l{turn}")
        store.swap_grant(grant, expected=None)
        store.swap_grant(leased, expected=None)
        store.add_record(record)
        store.add_record(swapped)
        races: dict[str, Callable[[int], Any]] = {
            "swap_grant": lambda n, row=grant: kept.swap_grant(
                replace(row, generation=8, sealed=b"%d" % n), expected=7
            ),
            "lease": lambda n, row=leased: kept.acquire_lease(
                row.grant_id, owner=f"w{n}", now=100.0, ttl=10.0
            ),
            "take": lambda _, row=record: kept.take_record("session", row.id, now=1500.0),
            "swap_record": lambda n, row=swapped: kept.swap_record(
                replace(row, payload=b"%d" % n), before=b"payload"
            ),
            "add": lambda n, turn=turn: kept.add_record(
                replace(RECORD, id=f"new{turn}", payload=b"%d" % n)
            ),
        }
        entries = [(name, number) for name in races for number in range(workers)]
        rng.shuffle(entries)
        works = [partial(races[name], number) for name, number in entries]
        results = colour.at_once(works)
        won = {
            name: [
                n for (each, n), got in zip(entries, results, strict=True) if each == name and got
            ]
            for name in races
        }
        assert {name: len(numbers) for name, numbers in won.items()} == dict.fromkeys(races, 1)
        assert store.get_grant(grant.grant_id).sealed == b"%d" % won["swap_grant"][0]
        found = store.get_record("session", swapped.id, now=1500.0)
        assert found.payload == b"%d" % won["swap_record"][0]
        assert store.renew_lease(leased.grant_id, owner=f"w{won['lease'][0]}", now=101.0, ttl=1.0)
