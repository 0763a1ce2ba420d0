"""PostgreSQL and MariaDB: servers that go away, stand still, and come back; drivers; values."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

from rblx_oauth import stores
from rblx_oauth.errors import StoreUnavailable
from tests.support.colours import Colour
from tests.support.postgres import PostgresServer
from tests.support.programs import DatabaseServer, free_port
from tests.tokens.kit import KEY
from tests.tokens.sql_servers import SHORT, hasty, look, server, store, told, within
from tests.tokens.test_stores import RECORD, ROW, Bench

__all__ = ["server", "store"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_f26_a_restart_is_not_noticed_by_those_who_read(
    store: Bench, server: DatabaseServer, end: str
) -> None:
    """The connection is dead, and the read is done again on a new one."""
    getattr(server, end)()
    server.start()
    assert look(store) == RECORD
    assert store.get_grant("g1") == ROW


def test_f26_a_write_whose_fate_is_unknown_is_not_repeated(
    store: Bench, server: DatabaseServer
) -> None:
    """On a connection that died it is StoreUnavailable, once; the layers above read and decide."""
    server.kill()
    server.start()
    with pytest.raises(StoreUnavailable):
        store.swap_grant(replace(ROW, generation=8), expected=7)
    assert store.get_grant("g1") == ROW
    assert store.swap_grant(replace(ROW, generation=8), expected=7)


def test_f26_a_server_that_is_down_is_unavailable_until_it_is_back(
    store: Bench, server: DatabaseServer
) -> None:
    """Reads, writes and opening say so; afterwards all goes on without a restart."""
    server.kill()
    works: list[Callable[[], Any]] = [
        lambda: look(store),
        lambda: store.take_record("session", "s1", now=1500.0),
        lambda: store.sweep(now=1500.0),
        lambda: Bench(store.colour, server.url),
    ]
    for work in works:
        with pytest.raises(StoreUnavailable, match=r"nothing listens|did not answer"):
            work()
    server.start()
    assert look(store) == RECORD
    assert store.take_record("session", "s1", now=1500.0) == RECORD


def test_f28_a_server_that_stands_still_is_waited_for_within_bounds(
    store: Bench, server: DatabaseServer
) -> None:
    """On a connection that is there, on a new one, in a transaction, and when opening."""
    mine = hasty(store, server)
    assert look(mine) == RECORD
    works: list[Callable[[], Any]] = [
        lambda: look(mine),
        lambda: look(mine),
        lambda: mine.update_record(RECORD),
        lambda: mine.sweep(now=1500.0),
        lambda: hasty(store, server),
    ]
    with server.paused():
        for work in works:
            with within(), pytest.raises(StoreUnavailable):
                work()
    assert look(mine) == RECORD
    assert mine.update_record(RECORD)


def test_f28_a_transaction_that_is_cut_off_leaves_no_lock(
    store: Bench, server: DatabaseServer
) -> None:
    """When the server goes on, others have the rows at once."""
    mine = hasty(store, server)
    mine.add_record(replace(RECORD, id="old", expires_at=1100.0))
    with server.paused(), pytest.raises(StoreUnavailable):
        mine.sweep(now=1500.0)
    assert store.sweep(now=1500.0) + mine.sweep(now=1500.0) <= 1
    assert store.add_record(replace(RECORD, id="old"))


def test_f28_a_lock_that_somebody_holds_is_waited_for_within_bounds(
    store: Bench, server: DatabaseServer
) -> None:
    """A writer gives up, a reader is not disturbed, and a sweep passes by."""
    mine = hasty(store, server)
    for number in range(3):
        mine.add_record(replace(RECORD, id=f"old{number}", expires_at=1100.0))
    with closing(server.connect()) as holder:
        holder.cursor().execute("BEGIN")
        holder.cursor().execute(
            "UPDATE rblx_oauth_records SET seen_at = 1.0 "
            "WHERE kind = 'session' AND id IN ('s1', 'old0')"
        )
        with within(), pytest.raises(StoreUnavailable):
            mine.update_record(RECORD)
        with within(), pytest.raises(StoreUnavailable):
            mine.take_record("session", "s1", now=1500.0)
        assert look(mine) == RECORD
        assert mine.sweep(now=1500.0) == 2
    assert mine.update_record(RECORD)
    assert mine.sweep(now=1500.0) == 1


def test_f28_a_full_pool_is_waited_for_within_bounds(store: Bench, server: DatabaseServer) -> None:
    """With every connection in use the next caller is told so, and served when one is free."""
    mine = hasty(store, server)
    colour = mine.colour

    async def take_all() -> list[Any]:
        return [await mine.store._engine.connect() for _ in range(15)]

    in_use = (
        [mine.store._engine.connect() for _ in range(15)]
        if colour.name == "sync"
        else colour(take_all())
    )
    with within(), pytest.raises(StoreUnavailable, match="TimeoutError"):
        look(mine)
    for connection in in_use:
        colour(connection.close())
    assert look(mine) == RECORD


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_store_survives_a_fork(server: DatabaseServer) -> None:
    """Opened and used before a server forks: parent and child each go on with their own."""
    with stores.open(server.url, keys=[KEY]) as store:
        store.add_record(RECORD)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                seen = store.get_record("session", "s1", now=1500.0)
                status = 0 if seen and store.add_record(replace(RECORD, id="s2")) else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.get_record("session", "s2", now=1500.0)
        assert store.add_record(replace(RECORD, id="s3"))


def test_an_async_store_serves_one_event_loop_after_another(server: DatabaseServer) -> None:
    """Connections are made anew in each, and nothing is said about the old ones."""
    program = (
        "import asyncio\n"
        "from rblx_oauth import aio_stores\n"
        f"store = aio_stores.open({server.url!r}, keys=[{KEY!r}])\n"
        "for _ in range(3):\n"
        "    print(asyncio.run(store.get_grant('g1')))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.stdout, result.returncode) == ("None\n" * 3, 0), result.stderr


@pytest.mark.parametrize(
    ("module", "missing", "scheme", "extra"),
    [
        ("stores", "psycopg", "postgresql+psycopg", "postgresql"),
        ("aio_stores", "psycopg", "postgresql", "postgresql"),
        ("stores", "pymysql", "mysql", "mysql"),
        ("aio_stores", "aiomysql", "mariadb+pymysql", "mysql"),
    ],
)
def test_a_missing_driver_is_named(module: str, missing: str, scheme: str, extra: str) -> None:
    """And the extra that brings it, before anything is sent."""
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from rblx_oauth import errors, {module}\n"
        f"try: {module}.open('{scheme}://u:hunter2@127.0.0.1:1/db', keys=[{KEY!r}])\n"
        "except errors.ConfigurationError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert f"needs {missing}" in result.stdout, result.stderr
    assert f"rblx-oauth[{extra}]" in result.stdout


def test_f26_of_several_hosts_the_one_that_takes_writes_is_found(
    colour: Colour, postgres: PostgresServer
) -> None:
    """Where the first is gone, and nobody has told its URL from the others'."""
    hosts = f"host=127.0.0.1:{free_port()}&host=127.0.0.1:{postgres.port}"
    url = postgres.url.replace(f"127.0.0.1:{postgres.port}", "")
    store = Bench(colour, f"{url}?{hosts}&target_session_attrs=read-write")
    assert store.add_record(RECORD)
    assert look(store) == RECORD


PREPARED = "SELECT count(*) FROM pg_prepared_statements"


def test_settings_of_the_driver_pass_through_the_url(
    colour: Colour, postgres: PostgresServer
) -> None:
    """Its own options too, after ours, so that they win."""
    query = "application_name=site&sslmode=disable&options=-c%20statement_timeout%3D1234"
    store = Bench(colour, f"{postgres.url}?{query}")
    assert told(store, "SHOW application_name") == "site"
    assert told(store, "SHOW statement_timeout") == "1234ms"
    assert told(store, "SHOW lock_timeout") == "5s"


def test_nothing_is_prepared_behind_a_pooler(colour: Colour, postgres: PostgresServer) -> None:
    """prepare_threshold=none: no statement and no setting stays with a connection."""
    plain = Bench(colour, postgres.url)
    pooled = Bench(colour, f"{postgres.url}?prepare_threshold=none")
    for each in (plain, pooled):
        for _ in range(8):
            look(each)
    assert told(plain, PREPARED) == 1
    assert told(pooled, PREPARED) == 0
    assert [told(store, "SHOW statement_timeout") for store in (plain, pooled)] == ["5s", "0"]


def test_f28_the_client_alone_keeps_the_bound_behind_a_pooler(
    colour: Colour, postgres: PostgresServer
) -> None:
    """A lock that another holds is waited for as long as without one."""
    store = Bench(colour, f"{postgres.url}?prepare_threshold=none", timeout=SHORT)
    store.add_record(RECORD)
    with postgres.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE rblx_oauth_records")
        with within(), pytest.raises(StoreUnavailable):
            look(store)
    assert look(store) == RECORD


def test_long_values_and_fractions_come_back_whole(store: Bench) -> None:
    """Tokens and claims are long, times have fractions, and bytes are any bytes."""
    sealed = bytes(range(256)) * 1000
    row = replace(ROW, grant_id="long", sealed=sealed, updated_at=1764355245.6312957)
    assert store.swap_grant(row, expected=None)
    assert store.get_grant("long") == row
    assert store.add_record(replace(RECORD, id="é" * 128, payload=sealed))
    assert store.get_record("session", "é" * 128, now=1500.0).payload == sealed


def test_a_value_that_does_not_fit_is_refused_and_not_cut_off(store: Bench) -> None:
    """An id longer than its column is the caller's mistake."""
    with pytest.raises(ValueError, match="too long"):
        store.add_record(replace(RECORD, id="x" * 600))


def test_c48_a_store_on_a_server_shows_no_password(store: Bench) -> None:
    """Its repr is its URL with stars."""
    assert "hunter2" not in repr(store.store)
    assert "***" in repr(store.store)
