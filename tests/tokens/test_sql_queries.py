"""What the database is asked: how often, and whether an index has the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import event

from rblx_oauth import _sql, stores
from rblx_oauth._sql import statements
from tests.support.colours import Colour
from tests.support.mariadb import MariadbServer
from tests.support.postgres import PostgresServer
from tests.tokens.test_stores import RECORD, ROW, Bench

LOOKS: list[Callable[[Bench], Any]] = [
    lambda store: store.get_record("session", "s1", now=1500.0),
    lambda store: store.get_record("session", "none", now=1500.0),
    lambda store: store.get_grant("g1"),
]


def filled(colour: Colour, url: str) -> Bench:
    """A store with a connection that has been used."""
    store = Bench(colour, url)
    store.add_record(RECORD)
    store.swap_grant(ROW, expected=None)
    for look in LOOKS * 2:
        look(store)
    return store


@pytest.fixture
def logged(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """It writes every statement into its log."""
    postgres.execute("ALTER DATABASE site SET log_statement = 'all'")
    yield postgres
    postgres.execute("ALTER DATABASE site RESET log_statement")


def test_one_query_per_request_on_postgresql(colour: Colour, logged: PostgresServer) -> None:
    """A look at a session or a grant is one statement, without BEGIN, COMMIT or a ping."""
    store = filled(colour, logged.url)
    log = logged.directory / "log"
    for look in LOOKS:
        before = log.stat().st_size
        look(store)
        said = log.read_bytes()[before:].decode()
        assert len(re.findall(r"LOG:  (?:statement|execute)", said)) == 1, said


def test_one_query_per_request_on_mariadb(colour: Colour, mariadb: MariadbServer) -> None:
    """The same, by the server's own count."""
    store = filled(colour, mariadb.url)

    def questions() -> int:
        ((_, count),) = mariadb.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
        return int(count)

    def cost(work: Callable[[], Any]) -> int:
        before = questions()
        work()
        return questions() - before

    nothing = cost(lambda: None)
    assert [cost(lambda look=look: look(store)) - nothing for look in LOOKS] == [1, 1, 1]


RECORDS = msgspec.structs.asdict(replace(RECORD, id="s500", owner="g500"))
GRANTS = msgspec.structs.asdict(replace(ROW, grant_id="g500"))
VALUES = (
    GRANTS
    | RECORDS
    | {f"the_{name}": value for name, value in (GRANTS | RECORDS).items()}
    | {"the_grant": "g500", "the_time": 10.0, "the_end": 20.0, "the_latest": 30.0, "the_limit": 100}
)
"""For every parameter, by its name."""

STATEMENTS = {
    name: statement
    for name, statement in vars(statements).items()
    if name.isupper() and not name.startswith(("_", "ADD_"))
}


@pytest.fixture(scope="module")
def crowded(lasting_postgres: PostgresServer) -> PostgresServer:
    """Twenty thousand grants and sessions, few of them due."""
    stores.init(lasting_postgres.url)
    lasting_postgres.empty()
    lasting_postgres.execute(
        "INSERT INTO rblx_oauth_grants SELECT 'g' || n, 'i', 'c', 's' || n, 1, 'sealed', n, "
        "CASE WHEN n % 100 = 0 THEN 'ended' ELSE 'live' END, '', '', '', 0 "
        "FROM generate_series(1, 20000) n",
        "INSERT INTO rblx_oauth_records SELECT CASE WHEN n % 50 = 0 THEN 'login' ELSE 'session' "
        "END, 's' || n, 'g' || n, 'payload', n, n, n FROM generate_series(1, 20000) n",
        "ANALYZE rblx_oauth_grants",
        "ANALYZE rblx_oauth_records",
    )
    return lasting_postgres


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_every_statement_finds_its_rows_by_an_index(crowded: PostgresServer, name: str) -> None:
    """What a request sends and what a sweep sends: PostgreSQL plans to scan no table."""
    statement: Any = STATEMENTS[name]
    engine = _sql.database(crowded.url, timeout=5.0).engine()
    plans: list[str] = []

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def explain(
        _connection: object, _cursor: object, sql: str, values: object, *_more: object
    ) -> tuple[str, object]:
        return f"EXPLAIN {sql}", values

    @event.listens_for(engine, "after_cursor_execute")
    def keep(_connection: object, cursor: Any, *_more: object) -> None:
        plans.extend(line for (line,) in cursor.fetchall())

    # Nobody lists a big kind but by owner.
    values = VALUES | ({"the_kind": "login"} if name == "LIST_KIND" else {})
    named = [each for each, value in statement.compile().params.items() if value is None]
    with engine.connect() as connection:
        connection.execute(statement, {each: values[each] for each in named})
    engine.dispose()
    said = "\n".join(plans)
    assert "Index" in said, said
    assert "Seq Scan" not in said, said
