"""PostgreSQL and MariaDB: servers that go away, stand still, refuse, and come back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from rblx_oauth import aio_stores, stores
from rblx_oauth.errors import ConfigurationError, StoreUnavailable
from tests.support.colours import Colour
from tests.support.mariadb import MariadbServer
from tests.support.postgres import PostgresServer
from tests.support.programs import DatabaseServer, free_port
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW, Bench

SHORT = 0.5
"""Seconds of patience, where a test uses them up."""

LONG = 8.0
"""Seconds after which a wait counts as unbounded; psycopg gives a connection 2 at least."""


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """Each server, which runs again when the test is over."""
    server: DatabaseServer = request.getfixturevalue(request.param)
    yield server
    server.start()


@pytest.fixture
def store(colour: Colour, server: DatabaseServer) -> Bench:
    """A store of each colour on each server, with a record and a grant."""
    bench = Bench(colour, server.url)
    bench.add_record(RECORD)
    bench.swap_grant(ROW, expected=None)
    return bench


def hasty(store: Bench, server: DatabaseServer) -> Bench:
    """Another store, which waits for a short while only."""
    return Bench(store.colour, server.url, timeout=SHORT)


@contextmanager
def within(seconds: float = LONG) -> Iterator[None]:
    """It takes no longer."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


def look(store: Bench) -> Any:
    """The record."""
    return store.get_record("session", "s1", now=1500.0)


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


READ_ONLY = {
    PostgresServer: (
        "ALTER DATABASE site SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off",
        "ALTER DATABASE site RESET default_transaction_read_only",
    ),
    MariadbServer: ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0", "SELECT 1"),
}


def test_f26_a_read_only_database_answers_reads_and_takes_no_writes(
    store: Bench, server: DatabaseServer
) -> None:
    """As a replica does, or a primary in a fail-over. Opening it needs no write."""
    begin, *end = READ_ONLY[type(server)]
    server.execute(begin)
    try:
        mine = Bench(store.colour, server.url)
        assert look(mine) == RECORD
        for change in (mine.update_record, mine.add_record):
            with pytest.raises(StoreUnavailable, match=r"ReadOnlySqlTransaction|1290"):
                change(replace(RECORD, payload=b"new"))
    finally:
        server.execute(*end)
    assert look(store) == RECORD


FULL = {
    PostgresServer: """
        CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END$$;
        CREATE TRIGGER full_disk BEFORE UPDATE ON rblx_oauth_records
        FOR EACH ROW EXECUTE FUNCTION full_disk()""",
    MariadbServer: """
        CREATE TRIGGER full_disk BEFORE UPDATE ON rblx_oauth_records FOR EACH ROW
        SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'no space left'""",
}
"""What has the server say that its disk is full."""

ON_TABLE = {PostgresServer: " ON rblx_oauth_records", MariadbServer: ""}


WHICH = {PostgresServer: "SELECT pg_backend_pid()", MariadbServer: "SELECT connection_id()"}


def test_f26_a_connection_to_what_became_a_replica_is_left(
    store: Bench, server: DatabaseServer
) -> None:
    """After a write that it did not take: the address may lead to the new primary by now."""
    begin, *end = READ_ONLY[type(server)]
    server.execute(begin)
    try:
        mine = Bench(store.colour, server.url)
        before = told(mine, WHICH[type(server)])
        for work in (lambda: mine.update_record(RECORD), lambda: mine.sweep(now=3000.0)):
            with pytest.raises(StoreUnavailable, match=r"ReadOnlySqlTransaction|1290"):
                work()
            after = told(mine, WHICH[type(server)])
            assert after != before
            before = after
    finally:
        server.execute(*end)


def test_f26_a_full_disk_is_unavailable(store: Bench, server: DatabaseServer) -> None:
    """The error names it, and the row is as it was."""
    server.execute(FULL[type(server)])
    try:
        with pytest.raises(StoreUnavailable, match=r"DiskFull|1021"):
            store.update_record(replace(RECORD, payload=b"new"))
        assert look(store) == RECORD
    finally:
        server.execute("DROP TRIGGER full_disk" + ON_TABLE[type(server)])


@pytest.mark.parametrize(
    ("right", "wrong", "kind", "hint"),
    [
        ("hunter2", "hunter3", ConfigurationError, "refuses the user or the password"),
        ("/site$", "/other", ConfigurationError, "no such database|not let this user use the data"),
        (r"127\.0\.0\.1", "no.such.host.invalid", StoreUnavailable, "host name is not known"),
        ("$", "?colour=blue", ConfigurationError, "has an option"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_in_a_sentence(
    server: DatabaseServer, right: str, wrong: str, kind: type[Exception], hint: str
) -> None:
    """Whose mending it needs, in both colours, and never the password."""
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(kind, match=hint) as caught:
            opener(re.sub(right, wrong, server.url), keys=[KEY])
        assert "hunter" not in str(caught.value)


LOCKED_OUT = {
    PostgresServer: (
        "guest",
        (
            "CREATE ROLE guest LOGIN PASSWORD 'hunter2'",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO guest",
        ),
        "ALTER ROLE guest PASSWORD 'hunter3'",
        ("DROP OWNED BY guest", "DROP ROLE guest"),
    ),
    MariadbServer: (
        "site",
        (),
        "ALTER USER site IDENTIFIED BY 'hunter3'",
        ("ALTER USER site IDENTIFIED BY 'hunter2'",),
    ),
}
"""Who uses the store, how that user is made, loses the password, and is tidied away."""


def test_f26_a_server_that_lets_us_in_no_more_logs_nobody_out(
    store: Bench, server: DatabaseServer
) -> None:
    """A store that is running is unavailable; one that is opened is set up wrongly."""
    user, make, change, undo = LOCKED_OUT[type(server)]
    url = server.url.replace("//site:", f"//{user}:")
    server.execute(*make)
    try:
        mine = Bench(store.colour, url)
        server.execute(change)
        with pytest.raises(StoreUnavailable, match="refuses the user or the password"):
            look(mine)
        with pytest.raises(ConfigurationError, match="refuses the user or the password"):
            Bench(store.colour, url)
    finally:
        server.execute(*undo)


ENCRYPTED = {PostgresServer: "sslmode=require", MariadbServer: "ssl_verify_cert=false"}


def test_c48_a_server_without_tls_gets_no_password(server: DatabaseServer) -> None:
    """Where the URL asks for TLS, nothing goes out in the clear instead."""
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError, match="does not speak TLS"):
            opener(f"{server.url}?{ENCRYPTED[type(server)]}", keys=[KEY])


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_f26_a_port_on_which_nobody_listens(scheme: str) -> None:
    """It is down, which passes."""
    if scheme == "mysql":
        pytest.importorskip("aiomysql")
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(StoreUnavailable, match="nothing listens at its address"):
            opener(f"{scheme}://u:hunter2@127.0.0.1:{free_port()}/site", keys=[KEY])


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


def told(store: Bench, sql: str) -> Any:
    """What the store's own connection says."""

    async def ask() -> Any:
        async with store.store._engine.connect() as connection:
            return (await connection.exec_driver_sql(sql)).scalar()

    if store.colour.name == "async":
        return store.colour(ask())
    with store.store._engine.connect() as connection:
        return connection.exec_driver_sql(sql).scalar()


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
    for store in (plain, pooled):
        for _ in range(8):
            look(store)
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
