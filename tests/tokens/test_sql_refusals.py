"""PostgreSQL and MariaDB: servers that answer, and refuse; URLs that lead to none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from rblx_oauth import aio_stores, stores
from rblx_oauth.errors import ConfigurationError, StoreUnavailable
from tests.support.mariadb import MariadbServer
from tests.support.postgres import PostgresServer
from tests.support.programs import DatabaseServer, free_port
from tests.tokens.kit import KEY
from tests.tokens.sql_servers import look, server, store, told
from tests.tokens.test_stores import RECORD, Bench

__all__ = ["server", "store"]

READ_ONLY = {
    PostgresServer: (
        "ALTER DATABASE site SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off",
        "ALTER DATABASE site RESET default_transaction_read_only",
    ),
    MariadbServer: ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0", "SELECT 1"),
}
REFUSED = r"ReadOnlySqlTransaction|1290"
"""What names a write that was not taken for that."""


@contextmanager
def read_only(server: DatabaseServer) -> Iterator[None]:
    """It takes no writes on connections that are made meanwhile."""
    begin, *end = READ_ONLY[type(server)]
    server.execute(begin)
    try:
        yield
    finally:
        server.execute(*end)


def test_f26_a_read_only_database_answers_reads_and_takes_no_writes(
    store: Bench, server: DatabaseServer
) -> None:
    """As a replica does, or a primary in a fail-over. Opening it needs no write."""
    with read_only(server):
        mine = Bench(store.colour, server.url)
        assert look(mine) == RECORD
        for change in (mine.update_record, mine.add_record):
            with pytest.raises(StoreUnavailable, match=REFUSED):
                change(replace(RECORD, payload=b"new"))
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
    with read_only(server):
        mine = Bench(store.colour, server.url)
        before = told(mine, WHICH[type(server)])
        for work in (lambda: mine.update_record(RECORD), lambda: mine.sweep(now=3000.0)):
            with pytest.raises(StoreUnavailable, match=REFUSED):
                work()
            after = told(mine, WHICH[type(server)])
            assert after != before
            before = after


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
