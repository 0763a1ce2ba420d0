"""A store in a Redis that Sentinels watch over: the primary is found, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import aio_stores, stores
from rblx_oauth.errors import ConfigurationError, StoreUnavailable
from tests.support.certificates import Authority
from tests.support.colours import Colour
from tests.support.redis import RedisServer, new_redis
from tests.support.sentinel import PRIMARY, SentinelServer, replica_of
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, Bench

LONG = 30.0
"""Seconds that a Sentinel may take to see what is the matter."""


@pytest.fixture
def primary() -> Iterator[RedisServer]:
    """A Redis that replicas follow at once."""
    with new_redis("--repl-diskless-sync-delay", "0") as server:
        yield server


@pytest.fixture
def sentinel(primary: RedisServer) -> Iterator[SentinelServer]:
    """Which knows where it is."""
    with SentinelServer(primary) as server:
        yield server


@pytest.fixture
def replica(primary: RedisServer) -> Iterator[RedisServer]:
    """Another Redis, which has what the primary has."""
    with replica_of(primary) as server, primary.client() as client:
        client.set("something", "to follow")
        assert any(client.wait(1, 1000) for _ in range(30))
        yield server


def test_f26_a_primary_that_dies_is_followed_by_a_replica(
    primary: RedisServer, replica: RedisServer, sentinel: SentinelServer
) -> None:
    """StoreUnavailable until the Sentinel has promoted one, then the same stores go on."""
    colours = [Colour("sync"), Colour("async")]
    benches = [Bench(colour, sentinel.url) for colour in colours]
    assert benches[0].add_record(RECORD)
    with primary.client() as client:
        colours[0].until(lambda: bool(client.wait(1, 1000)), LONG)
    colours[0].until(sentinel.sees_a_replica, LONG)
    sentinel.kill()  # so that nobody promotes the replica while we look
    primary.kill()
    for store in benches:
        for work in (look, change):
            with pytest.raises(StoreUnavailable, match="Nothing was lost"):
                work(store)
    sentinel.start()
    colours[0].until(lambda: sentinel.names() == replica.port, LONG)
    for store in benches:
        assert look(store) == RECORD
        assert change(store)
    for colour in colours:
        colour.close()


def look(store: Bench) -> Any:
    """The record."""
    return store.get_record("session", "s1", now=1500.0)


def change(store: Bench) -> Any:
    """Write it again."""
    return store.update_record(RECORD)


def test_the_next_sentinel_is_asked_where_one_is_gone(
    colour: Colour, sentinel: SentinelServer
) -> None:
    """And the URL, without a password, is what the store is called."""
    url = sentinel.url.replace("//", "//127.0.0.1:1,")
    store = Bench(colour, url.replace("//", "//default:hunter2@") + "?client_name=site")
    assert store.add_record(RECORD)
    assert repr(store.store).endswith(f"RedisStore({url!r})")


def test_the_sentinel_may_have_a_password_of_its_own(colour: Colour, primary: RedisServer) -> None:
    """Which is not that of the Redis."""
    with SentinelServer(primary, password="hunter3") as sentinel:
        with pytest.raises(StoreUnavailable, match="No Sentinel") as caught:
            Bench(colour, sentinel.url)
        assert Bench(colour, f"{sentinel.url}?sentinel_password=hunter3").add_record(RECORD)
        assert "hunter" not in str(caught.value)


def test_all_of_it_works_over_tls(colour: Colour, tmp_path: Path) -> None:
    """The Sentinel is checked by the same authority as the Redis."""
    with (
        new_redis(authority=Authority(tmp_path)) as primary,
        SentinelServer(primary) as sentinel,
    ):
        assert sentinel.url.startswith("rediss+sentinel://")
        assert Bench(colour, sentinel.url).add_record(RECORD)


def test_a_name_that_no_sentinel_knows(colour: Colour, sentinel: SentinelServer) -> None:
    """It may come to know it: a Sentinel that has just started knows nothing yet."""
    with pytest.raises(StoreUnavailable, match="No Sentinel of the store URL"):
        Bench(colour, sentinel.url.replace(f"/{PRIMARY}/", "/secondary/"))


def test_what_is_no_sentinel_is_told(primary: RedisServer) -> None:
    """A Redis does not know where a Redis is."""
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError, match="refused a command"):
            opener(f"redis+sentinel://127.0.0.1:{primary.port}/{PRIMARY}", keys=[KEY])
