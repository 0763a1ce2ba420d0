"""Opening a store in Redis: URLs, users, set-up, and servers that are none for it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from redis import Redis

from rblx_oauth import aio_stores, stores
from rblx_oauth._redis.keys import PREFIX
from rblx_oauth.errors import (
    ConfigurationError,
    StoreError,
    StoreUnavailable,
)
from tests.support.colours import Colour
from tests.support.redis import RedisServer
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW, Bench

GROUPS = ["+@read", "+@write", "+@scripting", "+@connection", "+time"]
"""What the store says that it needs."""


@pytest.fixture
def store(colour: Colour, redis_url: str) -> Bench:
    """A store of each colour in an empty Redis."""
    return Bench(colour, redis_url)


def open_store(url: str, **options: Any) -> stores.Store:
    """A sync store."""
    return stores.open(url, keys=[KEY], **options)


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
        "redis+other://:hunter2@h/0",
        "redis+sentinel://:hunter2@h",
        "redis+sentinel://:hunter2@/primary",
        "redis+sentinel://:hunter2@h,,i/primary",
        "redis+sentinel://:hunter2@h:0/primary",
        "redis+sentinel://:hunter2@h:no,i/primary",
        "redis+sentinel://:hunter2@h/primary/zero",
        "redis+sentinel://:hunter2@h/primary?sentinel_nonsense=1",
        "redis://:hunter2@h/0?sentinel_password=hunter2",
        "rediss://:hunter2@h/0?ssl_cert_reqs=nonsense",
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


def user(raw_redis: Redis, lasting_redis: RedisServer, *rules: str) -> str:
    """The URL for a user whom these rules are made for, and no others."""
    raw_redis.execute_command("ACL SETUSER", "tester", "reset", "on", ">hunter2", *rules)
    return lasting_redis.url.replace("//", "//tester:hunter2@")


def test_c48_a_store_shows_no_password(lasting_redis: RedisServer, raw_redis: Redis) -> None:
    """Neither in its repr nor when Redis refuses it."""
    url = user(raw_redis, lasting_redis, f"~{PREFIX}*", "+@all")
    with open_store(url) as store:
        assert repr(store) == f"RedisStore('{lasting_redis.url}')"
    with pytest.raises(ConfigurationError, match="user name or password") as caught:
        open_store(url.replace("hunter2", "hunter3"))
    assert "hunter" not in str(caught.value)


def test_a_user_needs_few_permissions_and_missing_ones_are_named(
    lasting_redis: RedisServer, raw_redis: Redis
) -> None:
    """The store's keys and what the error names are enough; without, the start fails."""
    with open_store(user(raw_redis, lasting_redis, f"~{PREFIX}*", *GROUPS)) as store:
        assert store.add_record(RECORD)
        assert store.list_records("session", now=1500.0) == [RECORD]
        assert store.sweep(now=2000.0) == 1
        assert store.swap_grant(ROW, expected=None)
        assert store.time()
    with pytest.raises(ConfigurationError, match=r"~\{rblx-oauth\}:\*.*@scripting"):
        open_store(user(raw_redis, lasting_redis, "~other:*", *GROUPS))


def test_permissions_taken_away_later_log_nobody_out(
    lasting_redis: RedisServer, raw_redis: Redis
) -> None:
    """A store that is running says that it is unavailable, not that it is set up wrongly."""
    with open_store(user(raw_redis, lasting_redis, "~*", "+@all")) as store:
        raw_redis.execute_command("ACL SETUSER", "tester", "-@read")
        with pytest.raises(StoreUnavailable, match="may not do"):
            store.get_grant("g1")


def test_a_set_up_that_loses_what_is_kept_is_told(
    store: Bench, redis_config: Callable[..., None]
) -> None:
    """Eviction and missing persistence, a sentence each; none where all is well."""
    (nothing_saved,) = store.weaknesses()
    assert "appendonly" in nothing_saved
    redis_config(save="3600 1")
    assert list(store.weaknesses()) == []
    redis_config(maxmemory_policy="volatile-lru")
    (evicts,) = store.weaknesses()
    assert "deletes sessions" in evicts
    assert "volatile-lru" in evicts
    redis_config(maxmemory_policy="allkeys-lfu", save="")
    evicts, nothing_saved = store.weaknesses()
    assert "deletes grants and sessions" in evicts
    assert "saves no snapshots" in nothing_saved
    redis_config(maxmemory_policy="noeviction", appendonly="yes")
    assert list(store.weaknesses()) == []


def test_what_cannot_be_looked_up_is_told(lasting_redis: RedisServer, raw_redis: Redis) -> None:
    """A user who may not ask for CONFIG, or for INFO, is told what is not known."""
    told: list[str] = []
    for allowed in (["+info", "+config|get"], ["+info"], []):
        with open_store(user(raw_redis, lasting_redis, f"~{PREFIX}*", *GROUPS, *allowed)) as store:
            told += store.weaknesses()
    hints = ["off and saves no snapshots", "off and perhaps saves no", "does not tell"]
    assert [hint in each for hint, each in zip(hints, told, strict=True)] == [True] * 3


REPLIES = {
    "LOADING Redis is loading the dataset in memory": "loading its data",
    "MISCONF Redis is redis_config to save RDB snapshots, but cannot": "cannot save",
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
