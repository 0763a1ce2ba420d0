"""What is particular to the store in Redis: its keys, its faults, its connections."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from redis import Redis

from rblx_oauth import aio_stores, stores
from rblx_oauth._redis_scripts import PREFIX
from rblx_oauth.errors import ConfigurationError, StoreError, StoreUnavailable
from tests.support.colours import Colour
from tests.support.redis import RedisServer, new_redis
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW, Bench

HOUR = 3600
FOREIGN = "holds something under"


@pytest.fixture
def server(lasting_redis: RedisServer, redis_url: str) -> RedisServer:
    """The server that all tests share, emptied."""
    return lasting_redis


@pytest.fixture
def raw(server: RedisServer) -> Iterator[Redis]:
    """A look at what is stored, past the store."""
    with server.client() as client:
        yield client


@pytest.fixture
def store(colour: Colour, redis_url: str) -> Bench:
    """A store in each colour."""
    return Bench(colour, redis_url)


def open_store(url: str, **options: Any) -> stores.Store:
    """A sync store."""
    return stores.open(url, keys=[KEY], **options)


def commands_of(raw: Redis, work: Callable[[], object]) -> dict[str, int]:
    """What commands Redis is given while `work` runs, and how often."""
    raw.config_resetstat()
    work()
    found = raw.info("commandstats")
    counted = {name.removeprefix("cmdstat_"): each["calls"] for name, each in found.items()}
    return {name: calls for name, calls in counted.items() if name != "config|resetstat"}


# One round trip.


def test_a_look_at_a_record_or_a_grant_is_one_round_trip(store: Bench, raw: Redis) -> None:
    """Redis sees one command, on a connection that is there."""
    store.add_record(RECORD)
    store.swap_grant(ROW, expected=None)
    looks: list[Callable[[], object]] = [
        lambda: store.get_record("session", "s1", now=1500.0),
        lambda: store.get_record("session", "s2", now=1500.0),
        lambda: store.get_grant("g1"),
        lambda: store.get_grant("g2"),
    ]
    assert [commands_of(raw, look) for look in looks] == [{"hmget": 1}] * 4


def test_a_change_is_one_script(store: Bench, raw: Redis) -> None:
    """Redis is sent one command for it; and when it has forgotten the script, the script anew."""
    assert store.add_record(RECORD)
    assert commands_of(raw, lambda: store.update_record(RECORD))["evalsha"] == 1
    raw.script_flush()
    counted = commands_of(raw, lambda: store.update_record(RECORD))
    assert (counted["evalsha"], counted["eval"]) == (1, 1)
    assert store.update_record(RECORD)


# Expiry and indexes.


def test_redis_lets_a_record_go_an_hour_after_its_end(store: Bench, raw: Redis) -> None:
    """The time it has left by its own times counts, and each change sets that anew."""
    key = f"{PREFIX}record:session\0s1"
    store.add_record(RECORD)
    assert HOUR + 990 < raw.ttl(key) <= HOUR + 1000
    assert HOUR + 990 < raw.ttl(f"{PREFIX}owner:session\0g1") <= HOUR + 1000
    store.update_record(replace(RECORD, seen_at=1900.0))
    assert HOUR + 90 < raw.ttl(key) <= HOUR + 100
    store.swap_record(replace(RECORD, expires_at=9000.0), before=b"payload")
    assert HOUR + 7990 < raw.ttl(key) <= HOUR + 8000
    assert HOUR + 7990 < raw.ttl(f"{PREFIX}owner:session\0g1") <= HOUR + 8000
    store.add_record(replace(RECORD, id="s2", expires_at=float("inf")))
    assert raw.ttl(f"{PREFIX}record:session\0s2") > 9 * 365 * 24 * HOUR


def test_a_grant_has_no_time_to_live(store: Bench, raw: Redis) -> None:
    """Neither the row nor what it is found by."""
    store.swap_grant(ROW, expected=None)
    store.swap_grant(replace(ROW, generation=8, status="ended"), expected=7)
    assert {raw.ttl(key) for key in raw.keys("*")} == {-1}
    assert len(raw.keys("*grant*")) == 3


def test_indexes_do_not_grow_where_nobody_sweeps(store: Bench, raw: Redis) -> None:
    """What Redis let go of leaves them as new records come."""
    for number in range(40):
        store.add_record(replace(RECORD, id=f"s{number}", expires_at=2000.0 + number))
        raw.delete(f"{PREFIX}record:session\0s{number}")  # as its time to live does
    indexes = ["records", "records:expiry", "owner:session\0g1"]
    assert [raw.zcard(f"{PREFIX}{name}") for name in indexes] == [1, 1, 1]


def test_a_change_leaves_nothing_of_a_deleted_record_behind(store: Bench, raw: Redis) -> None:
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
        assert raw.keys("*") == [f"{PREFIX}schema".encode()]
    store.swap_grant(replace(ROW, status="lost"), expected=None)
    assert store.delete_grant("g1")
    store.swap_grant(replace(ROW, status="lost"), expected=None)
    assert store.sweep_grants(before=9e9) == 1
    assert raw.keys("*") == [f"{PREFIX}schema".encode()]


def test_a_record_that_changes_hands_leaves_its_old_owner(store: Bench) -> None:
    """An expired one that is added anew is listed for the new owner alone."""
    store.add_record(RECORD)
    store.add_record(replace(RECORD, owner="g2", created_at=2000.0, expires_at=3000.0))
    assert store.delete_owned("session", "g1") == 0
    assert store.delete_owned("session", "g2") == 1


def test_walking_does_not_stop_at_gaps(store: Bench, raw: Redis) -> None:
    """What Redis let go of is left out, and the portion is filled up from behind it."""
    for number in range(9):
        store.add_record(replace(RECORD, id=f"s{number}", created_at=1000.0 + number))
        store.swap_grant(replace(ROW, grant_id=f"g{number}"), expected=None)
    for number in range(6):
        raw.delete(f"{PREFIX}record:session\0s{number}", f"{PREFIX}grant:g{number}")
    assert [each.id for each in store.scan_records(limit=2)] == ["s6", "s7"]
    assert [each.grant_id for each in store.list_grants(limit=2)] == ["g6", "g7"]
    for owner in (None, "g1"):
        listed = store.list_records("session", now=1500.0, owner=owner, limit=2)
        assert [each.id for each in listed] == ["s8", "s7"]


def test_a_whole_kind_is_listed_in_portions(
    store: Bench, raw: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is never asked for all of it at once, and the newest come first all the same."""
    for module in ("_async", "_sync"):
        monkeypatch.setattr(f"rblx_oauth.{module}.stores.redis.PORTION", 2)
    for number, kind in enumerate(["b", "a", "session", "session", "session", "session", "z"]):
        store.add_record(replace(RECORD, kind=kind, id=f"{number}", created_at=1000.0 + number))
    listed = store.list_records("session", now=1500.0, limit=3)
    assert [each.id for each in listed] == ["5", "4", "3"]
    counted = commands_of(raw, lambda: store.list_records("session", now=1500.0))
    assert counted == {"zrangebylex": 3, "hmget": 4}


# What is stored.


def test_what_a_newer_version_stored_is_refused(redis_url: str, raw: Redis) -> None:
    """The error says to upgrade, and nothing is changed."""
    open_store(redis_url).close()
    raw.set(f"{PREFIX}schema", 99)
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError, match=r"version 99.*Upgrade"):
            opener(redis_url, keys=[KEY])
    assert raw.get(f"{PREFIX}schema") == b"99"


def test_a_store_opens_again_where_redis_lost_everything(redis_url: str, raw: Redis) -> None:
    """There is nothing to make first: create=False finds all that it needs."""
    with open_store(redis_url) as store:
        store.swap_grant(ROW, expected=None)
        raw.flushdb()
        with open_store(redis_url, create=False) as other:
            assert other.get_grant("g1") is None
            assert other.swap_grant(ROW, expected=None)
        assert store.get_grant("g1") == ROW


def test_somebody_elses_data_is_an_error_and_is_left_alone(store: Bench, raw: Redis) -> None:
    """A value of another type, or fields that are not a row's; nothing of a row is written."""
    raw.set(f"{PREFIX}record:session\0s1", "theirs")
    raw.hset(f"{PREFIX}grant:g1", mapping={"generation": "seven"})
    raw.hset(f"{PREFIX}record:session\0s2", mapping={"owner": "x", "expires_at": "soon"})
    raw.set(f"{PREFIX}grants", "theirs")
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
    assert raw.get(f"{PREFIX}record:session\0s1") == b"theirs"
    assert not raw.exists(f"{PREFIX}grant:g2", f"{PREFIX}records")


def test_a_foreign_version_is_refused_at_the_start(redis_url: str, raw: Redis) -> None:
    """Whatever stands there is neither a version nor overwritten."""
    raw.set(f"{PREFIX}schema", "theirs")
    with pytest.raises(ConfigurationError, match=FOREIGN):
        open_store(redis_url)
    raw.delete(f"{PREFIX}schema")
    raw.lpush(f"{PREFIX}schema", "theirs")
    with pytest.raises(ConfigurationError, match=FOREIGN):
        open_store(redis_url)


# URLs, users and set-up.


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@h:no/0",
        "redis://:hunter2@h:70000/0",
        "redis://:hunter2@h/zero",
        "redis://:hunter2@h/0?db=zero",
        "redis://:hunter2@h/0?decode_responses=1",
        "redis://:hunter2@h/0?retry_on_timeout=yes",
        "redis://:hunter2@h/0?ssl_nonsense=1",
        "redis://:hunter2@[h/0",
        "unix://",
    ],
)
def test_a_url_that_cannot_work_is_refused_without_its_password(url: str) -> None:
    """Nothing is connected to; the error shows what a URL looks like."""
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError, match="redis://host:6379/0") as caught:
            opener(url, keys=[KEY])
        assert "hunter2" not in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("module", ["stores", "aio_stores"])
def test_a_missing_extra_is_named(module: str) -> None:
    """Without redis-py the doors still import, and opening says what to install."""
    program = (
        "import sys; sys.modules['redis'] = None\n"
        f"from rblx_oauth import errors, {module}\n"
        f"try: {module}.open('redis://h/0', keys=[{KEY!r}])\n"
        "except errors.ConfigurationError as error: print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "needs redis" in result.stdout, result.stderr
    assert "rblx-oauth[redis]" in result.stdout


def user(raw: Redis, server: RedisServer, *rules: str) -> str:
    """The URL for a user whom these rules are made for, and no others."""
    raw.execute_command("ACL SETUSER", "tester", "reset", "on", ">hunter2", *rules)
    return server.url.replace("//", "//tester:hunter2@")


def test_c48_a_store_shows_no_password(server: RedisServer, raw: Redis) -> None:
    """Neither in its repr nor when Redis refuses it."""
    url = user(raw, server, f"~{PREFIX}*", "+@all")
    with open_store(url) as store:
        assert repr(store) == f"RedisStore('{server.url}')"
    with pytest.raises(ConfigurationError, match="user name or password") as caught:
        open_store(url.replace("hunter2", "hunter3"))
    assert "hunter" not in str(caught.value)


def test_a_user_needs_few_permissions_and_missing_ones_are_named(
    server: RedisServer, raw: Redis
) -> None:
    """The store's keys and three groups of commands are enough; without, the start fails."""
    groups = ["+@read", "+@write", "+@scripting"]
    with open_store(user(raw, server, f"~{PREFIX}*", *groups)) as store:
        assert store.add_record(RECORD)
        assert store.list_records("session", now=1500.0) == [RECORD]
        assert store.sweep(now=2000.0) == 1
        assert store.swap_grant(ROW, expected=None)
    with pytest.raises(ConfigurationError, match=r"~\{rblx-oauth\}:\*.*@scripting"):
        open_store(user(raw, server, "~other:*", *groups))


def test_permissions_taken_away_later_log_nobody_out(server: RedisServer, raw: Redis) -> None:
    """A store that is running says that it is unavailable, not that it is set up wrongly."""
    with open_store(user(raw, server, "~*", "+@all")) as store:
        raw.execute_command("ACL SETUSER", "tester", "-@read")
        with pytest.raises(StoreUnavailable, match="may not do"):
            store.get_grant("g1")


@pytest.fixture
def configured(raw: Redis) -> Iterator[Callable[..., None]]:
    """Change the shared server's configuration for one test."""
    before: dict[str, str] = {}

    def change(**settings: str) -> None:
        for name, value in settings.items():
            name = name.replace("_", "-")
            before.setdefault(name, raw.config_get(name)[name])
            raw.config_set(name, value)

    yield change
    for name, value in before.items():
        raw.config_set(name, value)


def test_a_set_up_that_loses_what_is_kept_is_told(
    store: Bench, configured: Callable[..., None]
) -> None:
    """Eviction and missing persistence, a sentence each; none where all is well."""
    (nothing_saved,) = store.weaknesses()
    assert "appendonly" in nothing_saved
    configured(save="3600 1")
    assert list(store.weaknesses()) == []
    configured(maxmemory_policy="volatile-lru")
    (evicts,) = store.weaknesses()
    assert "deletes sessions" in evicts
    assert "volatile-lru" in evicts
    configured(maxmemory_policy="allkeys-lfu", save="")
    evicts, nothing_saved = store.weaknesses()
    assert "deletes grants and sessions" in evicts
    assert "saves no snapshots" in nothing_saved
    configured(maxmemory_policy="noeviction", appendonly="yes")
    assert list(store.weaknesses()) == []


def test_what_cannot_be_looked_up_is_told(server: RedisServer, raw: Redis) -> None:
    """A user who may not ask for CONFIG, or for INFO, is told what is not known."""
    told: list[str] = []
    for denied in (["-config"], ["-config", "-info"]):
        with open_store(user(raw, server, "~*", "+@all", *denied)) as store:
            told += store.weaknesses()
    assert "perhaps saves no snapshots" in told[0]
    assert "does not tell" in told[1]
    assert len(told) == 2


# Faults.


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
        open_store("redis://:hunter2@127.0.0.1:1/0")
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
    store: Bench, colour: Colour, raw: Redis
) -> None:
    """Neither a read nor a write notices."""
    store.add_record(RECORD)
    for work in (lambda: store.get_record("session", "s1", now=1.0), lambda: store.sweep(now=1.0)):
        raw.client_kill_filter(_type="normal", skipme=True)
        for _ in range(3):  # turns of the loop, which notices what was closed
            colour(asyncio.sleep(0)) if colour.name == "async" else None
        work()


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
    colour: Colour, server: RedisServer
) -> None:
    """The first break goes unnoticed; after a second one in a row the store is unavailable."""
    with cutting(server, b"HMGET", times=1) as way:
        store = Bench(colour, way.url)
        assert store.get_grant("g1") is None
        assert way.seen == 2
    with cutting(server, b"HMGET", times=2) as way:
        store = Bench(colour, way.url)
        with pytest.raises(StoreUnavailable):
            store.get_grant("g1")
        assert way.seen == 2


def test_f26_a_write_is_not_repeated_when_its_answer_is_lost(
    colour: Colour, server: RedisServer, store: Bench
) -> None:
    """It is sent once, and the caller is told; here it had been done."""
    assert store.swap_grant(ROW, expected=None)
    with cutting(server, b"EVALSHA", times=1) as way:
        broken = Bench(colour, way.url)
        with pytest.raises(StoreUnavailable):
            broken.swap_grant(replace(ROW, generation=8), expected=7)
        assert way.seen == 1
    colour.until(lambda: store.get_grant("g1").generation == 8)


def test_f26_redis_without_memory_takes_no_writes_and_answers_reads(
    store: Bench, configured: Callable[..., None]
) -> None:
    """The error names maxmemory; nothing is half written."""
    store.add_record(RECORD)
    configured(maxmemory="1")
    for work in (
        lambda: store.add_record(replace(RECORD, id="s2")),
        lambda: store.swap_grant(ROW, expected=None),
    ):
        with pytest.raises(StoreUnavailable, match="maxmemory"):
            work()
    assert store.get_record("session", "s1", now=1500.0) == RECORD
    configured(maxmemory="0")
    assert [each.id for each in store.scan_records()] == ["s1"]
    assert list(store.list_grants()) == []


def connections(raw: Redis) -> set[str]:
    """The ids of those that others have open."""
    return {each["id"] for each in raw.client_list()} - {str(raw.client_id())}


def test_f26_a_primary_that_became_a_replica_is_left(
    colour: Colour, server: RedisServer, store: Bench, raw: Redis
) -> None:
    """Its old connections are dropped, so that the next call asks the address who is there now."""
    store.add_record(RECORD)
    before = connections(raw)
    raw.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailable, match="read-only replica"):
            store.update_record(RECORD)
    finally:
        raw.replicaof("NO", "ONE")
    assert store.update_record(RECORD)
    assert not before & connections(raw)


REPLIES = {
    "LOADING Redis is loading the dataset in memory": "loading its data",
    "MISCONF Redis is configured to save RDB snapshots, but cannot": "cannot save",
    "MASTERDOWN Link with MASTER is down": "lost its primary",
    "CLUSTERDOWN Hash slot not served": "cluster that is down",
    "ERR Error running script (call to f_1): @user_script:1: OOM command not allowed": "maxmemory",
    "ERR Error running script: -READONLY You can't write against a read only": "replica",
}


@contextmanager
def refusing(reply: str) -> Iterator[str]:
    """Where every command but those of the handshake is answered with an error."""

    def serve(client: socket.socket) -> None:
        with closing(client):
            while chunk := client.recv(65536):
                for _ in range(chunk.count(b"CLIENT") or 1):
                    client.sendall(b"+OK\r\n" if b"CLIENT" in chunk else f"-{reply}\r\n".encode())

    def accept() -> None:
        for _ in range(20):
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.parametrize("reply", REPLIES)
def test_f26_a_redis_that_refuses_is_told_from_one_that_is_silent(reply: str) -> None:
    """One sentence of why; these are not mistakes of the configuration."""
    with refusing(reply) as url, pytest.raises(StoreError, match=REPLIES[reply]):
        open_store(url)


@pytest.mark.parametrize(
    ("reply", "hint"),
    [("MOVED 1234 10.0.0.1:6379", "use a single Redis"), ("ERR unknown command", "refused")],
)
def test_a_server_that_cannot_keep_a_store_is_refused(reply: str, hint: str) -> None:
    """A node of a cluster that has the keys elsewhere, or no Redis at all."""
    with refusing(reply) as url, pytest.raises(ConfigurationError, match=hint):
        open_store(url)


def test_all_keys_are_in_one_slot(colour: Colour) -> None:
    """On a server in cluster mode that holds every slot no script reaches over its own."""
    with new_redis("--cluster-enabled", "yes") as server, server.client() as raw:
        raw.execute_command("CLUSTER ADDSLOTSRANGE 0 16383")
        colour.until(lambda: raw.cluster("info")["cluster_state"] == "ok", 20)
        store = Bench(colour, server.url)
        assert store.swap_grant(ROW, expected=None)
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


def test_an_async_store_serves_one_event_loop_after_another(redis_url: str, raw: Redis) -> None:
    """Connections belong to a loop; closing lets go of those of the loop that runs."""
    store = aio_stores.open(redis_url, keys=[KEY])
    before = connections(raw)

    async def use() -> None:
        async with store:
            await store.add_record(RECORD)
            assert await store.get_record("session", "s1", now=1500.0) == RECORD

    asyncio.run(use())
    asyncio.run(use())
    assert connections(raw) <= before


def test_a_closed_store_has_no_connections(store: Bench, colour: Colour, raw: Redis) -> None:
    """In both colours; used again, it makes new ones."""
    before = connections(raw)
    store.get_grant("g1")
    assert connections(raw) - before
    store.aclose() if colour.name == "async" else store.close()
    colour.until(lambda: connections(raw) <= before)
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
