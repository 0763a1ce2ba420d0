"""Faults f26 and f28 of a Redis that keeps a store: away, silent, full, a replica."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from msgspec.structs import replace
from redis import Redis, ResponseError

from rblx_oauth import aio_stores, stores
from rblx_oauth.errors import ReauthorizationRequired, StoreUnavailable
from tests.oauth.provider import Provider
from tests.support.colours import Colour
from tests.support.redis import RedisServer, connections
from tests.tokens.kit import KEY, Kit
from tests.tokens.test_stores import RECORD, ROW, Bench


@pytest.fixture
def store(colour: Colour, redis_url: str) -> Bench:
    """A store of each colour in an empty Redis."""
    return Bench(colour, redis_url)


def test_f26_redis_that_goes_and_comes_back(colour: Colour, redis_server: RedisServer) -> None:
    """StoreUnavailable while it is away, and the same store works when it is back."""
    store = Bench(colour, redis_server.url)
    store.add_record(RECORD)
    redis_server.stop()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="Nothing was lost"):
            store.get_record("session", "s1", now=1500.0)
        with pytest.raises(StoreUnavailable):
            store.update_record(RECORD)
    redis_server.start()
    assert store.add_record(RECORD)
    assert store.get_record("session", "s1", now=1500.0) == RECORD


def test_f26_redis_out_of_reach_at_the_start() -> None:
    """StoreUnavailable, without the address or the password."""
    with pytest.raises(StoreUnavailable) as caught:
        stores.open("redis://:hunter2@127.0.0.1:1/0", keys=[KEY])
    assert "hunter2" not in str(caught.value)


def test_f28_redis_that_stands_still_is_waited_for_within_bounds(
    colour: Colour, redis_server: RedisServer
) -> None:
    """No answer in time is StoreUnavailable for reads and writes; it goes on when Redis does."""
    opener = aio_stores.open if colour.name == "async" else stores.open
    store: Any = colour.keep(opener(redis_server.url, keys=[KEY], timeout=0.2))
    colour(store.add_record(RECORD))
    with redis_server.paused():
        for work in (lambda: store.get_grant("g1"), lambda: store.update_record(RECORD)):
            with pytest.raises(StoreUnavailable, match="TimeoutError"):
                colour(work())
    assert colour(store.get_record("session", "s1", now=1500.0)) == RECORD


def test_f26_a_connection_that_redis_closed_is_made_anew(
    store: Bench, colour: Colour, raw_redis: Redis
) -> None:
    """Neither a read nor a write notices."""
    store.add_record(RECORD)
    for work in (lambda: store.get_record("session", "s1", now=1.0), lambda: store.sweep(now=1.0)):
        raw_redis.client_kill_filter(_type="normal", skipme=True)
        for _ in range(3):  # turns of the loop, which notices what was closed
            colour(asyncio.sleep(0)) if colour.name == "async" else None
        work()


@pytest.fixture
def redis_kit(colour: Colour, provider: Provider, redis_server: RedisServer) -> Iterator[Kit]:
    """An application of each colour, with a store in a Redis of its own."""
    kit = Kit(colour, provider, redis_server.url)
    yield kit
    kit.close()


def test_f28_a_valid_token_is_served_while_redis_stands_still(
    redis_kit: Kit, redis_server: RedisServer
) -> None:
    """A token that could be refreshed goes out as it is; nothing is sent to Roblox."""
    kit = redis_kit
    grant = kit.grant(kit.log_in(), store=kit.new_store(timeout=0.2))
    token = kit(grant.token())
    kit.clock.advance(800)
    with redis_server.paused():
        assert kit(grant.token()) == token
    assert kit.rotation.submitted == []


def test_f26_redis_that_is_silent_logs_nobody_out(
    redis_kit: Kit, redis_server: RedisServer
) -> None:
    """StoreUnavailable where a refresh is due, no call to Roblox, and all is well afterwards."""
    kit = redis_kit
    grant = kit.grant(kit.log_in(), store=kit.new_store(timeout=0.2))
    kit.clock.advance(899)
    with redis_server.paused():
        for work in (grant.token, grant.end):
            with pytest.raises(StoreUnavailable):
                kit(work())
    assert kit.rotation.submitted == []
    assert kit(grant.token()).refresh_token == kit.rotation.live


def test_redis_that_lost_everything_asks_for_a_new_login(
    redis_kit: Kit, redis_server: RedisServer
) -> None:
    """The grant is missing, nothing loops, and a login mends it."""
    kit = redis_kit
    grant_id = kit.log_in()
    redis_server.stop()
    redis_server.start()
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired) as caught:
            kit(kit.grant(grant_id).token())
        assert caught.value.reason == "missing"
    assert kit.log_in() == grant_id
    assert kit(kit.grant(grant_id).token())


class Cutting:
    """A way to Redis that breaks right after a request with some word has been passed on.

    Attributes:
        url: To be used in place of the server's.
        seen: How many requests with that word came by.
    """

    def __init__(self, server: RedisServer, word: bytes, times: int) -> None:
        self._upstream, self._word, self._times = server.port, word, times
        self.seen = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(("127.0.0.1", self._upstream))
            threading.Thread(target=self._pass, args=(client, upstream), daemon=True).start()
            threading.Thread(target=self._pass, args=(upstream, client), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with closing(source), closing(target), suppress(OSError):
            while chunk := source.recv(65536):
                if self._word in chunk:
                    self.seen += 1
                    if self.seen <= self._times:
                        source.shutdown(socket.SHUT_RDWR)
                target.sendall(chunk)
            target.shutdown(socket.SHUT_RDWR)  # whoever waits for it there is let go

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()


@contextmanager
def cutting(server: RedisServer, word: bytes, times: int) -> Iterator[Cutting]:
    """One that is closed at the end."""
    with closing(Cutting(server, word, times)) as way:
        yield way


def test_f26_a_read_is_asked_again_once_when_the_connection_breaks(
    colour: Colour, lasting_redis: RedisServer
) -> None:
    """The first break goes unnoticed; after a second one in a row the store is unavailable."""
    with cutting(lasting_redis, b"HMGET", times=1) as way:
        store = Bench(colour, way.url)
        assert store.get_grant("g1") is None
        assert way.seen == 2
    with cutting(lasting_redis, b"HMGET", times=2) as way:
        store = Bench(colour, way.url)
        with pytest.raises(StoreUnavailable):
            store.get_grant("g1")
        assert way.seen == 2


def test_f26_a_write_is_not_repeated_when_its_answer_is_lost(
    colour: Colour, lasting_redis: RedisServer, store: Bench
) -> None:
    """It is sent once, and the caller is told; here it had been done."""
    assert store.swap_grant(ROW, expected=None)
    with cutting(lasting_redis, b"EVALSHA", times=1) as way:
        broken = Bench(colour, way.url)
        with pytest.raises(StoreUnavailable):
            broken.swap_grant(replace(ROW, generation=8), expected=7)
        assert way.seen == 1
    colour.until(lambda: store.get_grant("g1").generation == 8)


def test_f26_redis_without_memory_takes_no_writes_and_answers_reads(
    store: Bench, redis_config: Callable[..., None]
) -> None:
    """The error names maxmemory; nothing is half written."""
    store.add_record(RECORD)
    redis_config(maxmemory="1")
    for work in (
        lambda: store.add_record(replace(RECORD, id="s2")),
        lambda: store.swap_grant(ROW, expected=None),
    ):
        with pytest.raises(StoreUnavailable, match="maxmemory"):
            work()
    assert store.get_record("session", "s1", now=1500.0) == RECORD
    redis_config(maxmemory="0")
    assert [each.id for each in store.scan_records()] == ["s1"]
    assert list(store.list_grants()) == []


def test_f26_redis_without_enough_replicas_is_unavailable(
    store: Bench, redis_config: Callable[..., None]
) -> None:
    """As in the moments after a failover: it takes no writes, and nobody is to blame."""
    store.swap_grant(ROW, expected=None)
    redis_config(min_replicas_to_write="1")
    with pytest.raises(StoreUnavailable, match="min-replicas-to-write"):
        store.swap_grant(replace(ROW, generation=8), expected=7)
    assert store.get_grant("g1") == ROW


def test_f26_redis_that_is_busy_with_a_script_is_unavailable(
    colour: Colour, store: Bench, redis_config: Callable[..., None], lasting_redis: RedisServer
) -> None:
    """Somebody's endless script keeps it from answering anybody."""
    redis_config(lua_time_limit="50")
    with ThreadPoolExecutor(1) as pool, lasting_redis.client() as raw:
        script = pool.submit(lasting_redis.client().eval, "while true do end", 0)
        try:
            colour.until(lambda: is_busy(raw))
            with pytest.raises(StoreUnavailable, match="busy"):
                store.swap_grant(ROW, expected=None)
        finally:
            raw.script_kill()
        with pytest.raises(ResponseError):
            script.result(10)
    assert store.swap_grant(ROW, expected=None)


def is_busy(raw: Redis) -> bool:
    """Whether it answers nobody."""
    try:
        raw.ping()
    except ResponseError:
        return True
    return False


def test_f26_a_primary_that_became_a_replica_is_left(
    colour: Colour, lasting_redis: RedisServer, store: Bench, raw_redis: Redis
) -> None:
    """Its old connections are dropped, so that the next call asks the address who is there now."""
    others = connections(raw_redis)
    store.add_record(RECORD)
    before = connections(raw_redis) - others
    assert before
    raw_redis.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailable, match="read-only replica"):
            store.update_record(RECORD)
    finally:
        raw_redis.replicaof("NO", "ONE")
    assert store.update_record(RECORD)
    assert not before & connections(raw_redis)
