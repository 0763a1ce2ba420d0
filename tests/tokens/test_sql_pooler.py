"""A store behind PgBouncer, which lends a connection of PostgreSQL for each transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from rblx_oauth import stores
from tests.support.colours import Colour
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer
from tests.tokens.kit import KEY
from tests.tokens.refused import refusal
from tests.tokens.sql_servers import told
from tests.tokens.test_sql_servers import PREPARED
from tests.tokens.test_stores import RECORD, ROW, Bench

OFTEN = 8
"""Uses of a statement after which psycopg would have prepared it."""


def pooled(server: PgBouncer) -> str:
    """The URL that the documentation advises."""
    return f"{server.url}?prepare_threshold=none"


def test_a_pooler_is_shared_by_more_than_it_has_connections(
    colour: Colour, pgbouncer: PgBouncer
) -> None:
    """Reads, writes and transactions, each of them whole."""
    store = Bench(colour, pooled(pgbouncer))
    store.swap_grant(ROW, expected=None)
    old = [replace(RECORD, id=f"old{number}", expires_at=1100.0) for number in range(12)]
    assert colour.at_once([lambda each=each: store.store.add_record(each) for each in old])
    works = [lambda: store.store.get_grant("g1"), lambda: store.store.sweep(now=1500.0, limit=4)]
    found = colour.at_once(works * 6)
    assert found[::2] == [ROW] * 6
    assert sum(found[1::2]) + store.sweep(now=1500.0) == len(old)
    assert colour.at_once([lambda: store.store.swap_grant(ROW, expected=7)] * 6) == [True] * 6


def test_what_to_write_behind_a_pooler_is_told(pgbouncer: PgBouncer) -> None:
    """PgBouncer takes none of our settings, and the error says what to do about it."""
    refusal(pgbouncer.url, "pooler: its URL needs prepare_threshold=none")
    refusal(f"{pooled(pgbouncer)}&options=-c%20a.b%3D1", "must hold no options")


def test_a_wrong_password_is_told_by_a_pooler_too(pgbouncer: PgBouncer) -> None:
    """In words of its own."""
    refusal(pooled(pgbouncer).replace("hunter2", "hunter3"), "refuses the user or the password")


def test_nothing_is_prepared_behind_a_pooler_that_hides(
    colour: Colour, pgbouncer: PgBouncer
) -> None:
    """One that takes our settings and drops them is found out: statements would be mixed up."""
    pgbouncer.reconfigure("ignore_startup_parameters = options")
    store = Bench(colour, pgbouncer.url)
    store.add_record(RECORD)
    for _ in range(OFTEN):
        assert store.get_record("session", "s1", now=1500.0) == RECORD
    assert told(store, PREPARED) == 0


def test_who_prepares_behind_a_pooler_is_told_what_comes_of_it(pgbouncer: PgBouncer) -> None:
    """A number in the URL is obeyed; two clients then meet in one connection."""
    pgbouncer.reconfigure("ignore_startup_parameters = options\ndefault_pool_size = 1")
    url = f"{pgbouncer.url}?prepare_threshold=0"
    stores.open(url, keys=[KEY]).close()
    refusal(url, "prepare_threshold=none")


def test_tables_are_made_once_through_a_pooler(
    pgbouncer: PgBouncer, postgres: PostgresServer
) -> None:
    """The lock is of a transaction, so it stays with the connection that was lent for it."""
    postgres.drop()
    with ThreadPoolExecutor(6) as pool:
        changes = list(pool.map(lambda _: stores.init(pooled(pgbouncer)), range(6)))
    assert sorted(each.before for each in changes) == [0, *[changes[0].after] * 5]


def test_f26_a_restart_behind_a_pooler_is_not_noticed_by_those_who_read(
    colour: Colour, pgbouncer: PgBouncer, postgres: PostgresServer
) -> None:
    """Of PostgreSQL, or of the pooler."""
    store = Bench(colour, pooled(pgbouncer))
    store.add_record(RECORD)
    for server in (postgres, pgbouncer):
        server.kill()
        server.start()
        assert store.get_record("session", "s1", now=1500.0) == RECORD


def test_f28_limits_of_a_user_hold_behind_a_pooler(
    pgbouncer: PgBouncer, postgres: PostgresServer, colour: Colour
) -> None:
    """They are the server's own, where none can be sent."""
    postgres.execute("ALTER ROLE site SET statement_timeout = '1234ms'")
    try:
        pgbouncer.reconfigure("")  # its connections are made anew
        assert told(Bench(colour, pooled(pgbouncer)), "SHOW statement_timeout") == "1234ms"
    finally:
        postgres.execute("ALTER ROLE site RESET statement_timeout")
