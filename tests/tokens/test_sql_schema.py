"""The version of the tables: made once, checked, migrated, and refused when it is too new."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, inspect, text

from rblx_oauth import _sql, aio_stores, stores
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.stores import SchemaChange
from tests.support.programs import DatabaseServer
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW

NEWEST = _sql.SCHEMA_VERSION
COLOURS = [stores, aio_stores]


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without our tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/t.db"
        return
    server: DatabaseServer = request.getfixturevalue(request.param)
    server.drop()
    yield server.url
    server.drop()


@pytest.fixture
def database(url: str) -> Iterator[Engine]:
    """The same database, by SQLAlchemy alone."""
    known = _sql.database(url, timeout=5.0)
    known.make(create=True)
    engine = known.engine()
    yield engine
    engine.dispose()


def run(database: Engine, *statements: str) -> None:
    """Some SQL."""
    with database.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def indexes(database: Engine) -> set[str | None]:
    """The names of our indexes."""
    return {
        index["name"]
        for table in ("rblx_oauth_grants", "rblx_oauth_records")
        for index in inspect(database).get_indexes(table)
    }


def make_version_1(url: str, database: Engine) -> None:
    """The tables as the first version made them, with a grant and a record."""
    with stores.open(url, keys=[KEY]) as store:
        store.swap_grant(ROW, expected=None)
        store.add_record(RECORD)
    ends = {"mysql": " ON {}"}.get(database.dialect.name, "")
    run(
        database,
        "DROP INDEX rblx_oauth_grants_by_status" + ends.format("rblx_oauth_grants"),
        "DROP INDEX rblx_oauth_records_by_age" + ends.format("rblx_oauth_records"),
        "CREATE INDEX rblx_oauth_records_by_owner ON rblx_oauth_records (kind, owner)",
        "UPDATE rblx_oauth_schema SET version = 1",
    )


@pytest.mark.parametrize("module", COLOURS)
def test_init_makes_the_tables_once(url: str, module: ModuleType) -> None:
    """It says from which version to which; afterwards create=False is enough."""
    assert module.init(url) == SchemaChange(before=0, after=NEWEST)
    assert module.init(url) == SchemaChange(before=NEWEST, after=NEWEST)
    module.open(url, keys=[KEY], create=False)


@pytest.mark.parametrize("module", COLOURS)
def test_an_older_version_is_migrated_when_asked_and_keeps_its_rows(
    url: str, database: Engine, module: ModuleType
) -> None:
    """Opening refuses and names the command; init migrates; every row is there, every index too."""
    make_version_1(url, database)
    with pytest.raises(ConfigurationError, match=r"version 1.*flask roblox init-store.*init\(url"):
        module.open(url, keys=[KEY])
    assert module.init(url) == SchemaChange(before=1, after=NEWEST)
    with stores.open(url, keys=[KEY], create=False) as store:
        assert store.get_grant("g1") == ROW
        assert store.get_record("session", "s1", now=1500.0) == RECORD
    assert indexes(database) == {
        "rblx_oauth_grants_by_status",
        "rblx_oauth_records_by_age",
        "rblx_oauth_records_by_expiry",
    }


def test_a_migration_that_was_cut_off_is_finished_later(url: str, database: Engine) -> None:
    """Where a change of tables cannot be undone, half of it may be there: that is no obstacle."""
    make_version_1(url, database)
    run(
        database,
        "CREATE INDEX rblx_oauth_grants_by_status ON rblx_oauth_grants (status, updated_at)",
    )
    assert stores.init(url) == SchemaChange(before=1, after=NEWEST)


@pytest.mark.parametrize("work", [stores.init, lambda url: stores.open(url, keys=[KEY])])
def test_a_newer_version_is_refused_and_nothing_touched(
    url: str, database: Engine, work: Callable[[str], object]
) -> None:
    """By opening and by init; the error says to upgrade."""
    stores.init(url)
    run(database, "UPDATE rblx_oauth_schema SET version = 99", "DROP TABLE rblx_oauth_records")
    with pytest.raises(ConfigurationError, match=r"version 99.*Upgrade"):
        work(url)
    assert not inspect(database).has_table("rblx_oauth_records")


@pytest.mark.parametrize("work", [stores.init, lambda url: stores.open(url, keys=[KEY])])
def test_a_table_that_went_missing_is_named(
    url: str, database: Engine, work: Callable[[str], object]
) -> None:
    """It is not made anew in silence: somebody may have a backup of it."""
    stores.init(url)
    run(database, "DROP TABLE rblx_oauth_grants")
    with pytest.raises(ConfigurationError, match="lacks the table rblx_oauth_grants"):
        work(url)


def test_tables_that_were_never_finished_are_finished(url: str, database: Engine) -> None:
    """The version is written last: without it there was nothing to lose."""
    stores.init(url)
    run(database, "DELETE FROM rblx_oauth_schema", "DROP TABLE rblx_oauth_records")
    with stores.open(url, keys=[KEY]) as store:
        assert store.add_record(RECORD)


@pytest.mark.parametrize("old", [False, True], ids=["empty", "version 1"])
def test_many_that_begin_at_once_do_no_harm(url: str, database: Engine, old: bool) -> None:
    """Eight workers on an empty or old database: one makes or migrates, all can go on."""
    if old:
        make_version_1(url, database)
    with ThreadPoolExecutor(8) as pool:
        changes = [begun.result(60) for begun in [pool.submit(stores.init, url) for _ in range(8)]]
    assert sorted(change.before for change in changes) == [int(old)] + [NEWEST] * 7
    assert {change.after for change in changes} == {NEWEST}
    with database.connect() as connection:
        versions = connection.execute(text("SELECT version FROM rblx_oauth_schema")).scalars().all()
    assert versions == [NEWEST]


def test_processes_that_open_an_empty_database_at_once(url: str) -> None:
    """Four of them, as a server's workers do at their first start: each can write."""
    program = (
        "import sys\n"
        "from rblx_oauth import stores\n"
        "sys.stdin.readline()\n"
        f"store = stores.open({url!r}, keys=[{KEY!r}])\n"
        "print(store.sweep(now=1.0))\n"
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    ended = [worker.communicate(timeout=60) for worker in workers]
    assert [out for out, _ in ended] == ["0\n"] * 4, ended


def test_a_store_without_tables_has_nothing_to_make() -> None:
    """Its version is none."""
    assert stores.init("memory://") == SchemaChange(before=0, after=0)
