"""What is particular to the SQLite store, and opening a store by URL."""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from rblx_oauth import aio_stores, stores
from rblx_oauth.errors import ConfigurationError, StoreUnavailable
from rblx_oauth.vault import Vault
from tests.support.colours import Colour
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database will be."""
    return tmp_path / "tokens.db"


def open_store(path: Path, **options: Any) -> stores.Store:
    """A sync store on that file."""
    return stores.open(f"sqlite:///{path}", keys=[KEY], **options)


def in_threads(work: Callable[[], None], count: int) -> None:
    """Run `work` in so many threads at once; their errors are raised here."""
    with ThreadPoolExecutor(count) as pool:
        for begun in [pool.submit(work) for _ in range(count)]:
            begun.result(30)


def test_a_new_database_can_be_read_by_its_owner_alone(path: Path) -> None:
    """The file, its log and its index have mode 0600, whatever the umask."""
    before = os.umask(0)
    try:
        with open_store(path) as store:
            store.add_record(RECORD)
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) == {"tokens.db", "tokens.db-wal", "tokens.db-shm"}
    assert set(modes.values()) == {0o600}


def test_commits_are_written_through_to_the_disk(colour: Colour, path: Path) -> None:
    """Connections run in write-ahead mode with synchronous=FULL, and wait for each other."""
    opener = aio_stores.open if colour.name == "async" else stores.open
    store: Any = colour.keep(opener(f"sqlite:///{path}", keys=[KEY]))

    async def read_async(pragma: str) -> object:
        async with store._engine.connect() as connection:
            return (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar()

    def read_sync(pragma: str) -> object:
        with store._engine.connect() as connection:
            return connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()

    read = read_async if colour.name == "async" else read_sync
    assert [colour(read(name)) for name in ("journal_mode", "synchronous", "busy_timeout")] == [
        "wal",
        2,
        5000,
    ]


def test_the_tables_stay_when_a_store_is_opened_again(path: Path) -> None:
    """What one store wrote, the next one reads; create=False is enough by then."""
    with open_store(path) as store:
        store.swap_grant(ROW, expected=None)
    with open_store(path, create=False) as store:
        assert store.get_grant("g1") == ROW


def test_create_false_makes_nothing(path: Path) -> None:
    """Neither the file nor the tables, and the error says what to do."""
    with pytest.raises(ConfigurationError, match="create=True"):
        open_store(path, create=False)
    assert not path.exists()
    path.touch()
    with pytest.raises(ConfigurationError, match="create=True"):
        open_store(path, create=False)
    assert path.read_bytes() == b"" or b"rblx_oauth" not in path.read_bytes()


def test_a_site_may_keep_its_own_tables_beside_ours(path: Path) -> None:
    """Only the tables that are missing are made."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE articles (id INTEGER)")
    with open_store(path) as store:
        assert store.add_record(RECORD)
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert {"articles", "rblx_oauth_grants", "rblx_oauth_records"} <= names


def test_tables_of_a_newer_version_are_refused(path: Path) -> None:
    """The error says to upgrade, and nothing is changed."""
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE rblx_oauth_schema SET version = 99")
    with pytest.raises(ConfigurationError, match=r"version 99.*Upgrade"):
        open_store(path)


def test_listing_by_owner_and_sweeping_use_an_index(path: Path) -> None:
    """SQLite plans a search, not a scan."""
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        for condition in ("kind = 'a' AND owner = 'b'", "expires_at <= 1"):
            plan = connection.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM rblx_oauth_records WHERE {condition}"  # noqa: S608
            ).fetchall()
            assert "SEARCH" in plan[0][3], plan


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("sqlite:///:memory:", "memory://"),
        ("sqlite://", "memory://"),
        ("sqlite:///file::memory:?uri=true", "memory://"),
        ("sqlite:///x.db?mode=memory&uri=true", "memory://"),
        ("oracle://u:hunter2@h/db", "sqlite:///"),
        ("postgresql+asyncpg://u:hunter2@h/db", "postgresql://user"),
        ("postgresql://u:hunter2@h", "names no database"),
        ("postgresql://u:hunter2@h:port/db", "postgresql://user"),
        ("postgresql://u:hunter2@h/db?prepare_threshold=soon", "prepare_threshold"),
        ("mysql://u:hunter2@h", "names no database"),
        ("mysql+mysqldb://u:hunter2@h/db", "mysql://user"),
        ("mysql://u:hunter2@h/db?colour=blue", "option in its URL that the driver does not know"),
        ("mysql://u:hunter2@h/db?ssl_ca=/no/such/file", "has an option in its URL"),
        ("mysql://u:hunter2@h/db?ssl=hunter2", "value cannot be used"),
        ("mysql://u:hunter2@h/db?connect_timeout=soon", "value cannot be used"),
        ("tokens.db", "sqlite:///"),
        ("", "sqlite:///"),
        ("sqlite:////no/such/directory/x.db", "/no/such/directory"),
        ("sqlite://tokens.db", "three slashes"),
        ("sqlite://u:hunter2@h/tokens.db", "three slashes"),
        ("sqlite://:hunter2@/tokens.db", "three slashes"),
        ("sqlite://:5000/tokens.db", "three slashes"),
        ("sqlite+pysqlcipher://:hunter2@/tokens.db", "three slashes"),
        ("sqlite:///tokens.db?timeout=soon", "three slashes"),
        ("sqlite:///tokens\0.db", "not a file"),
        ("sqlite:////tmp", "not a file"),
    ],
)
def test_a_url_that_cannot_work_is_refused_with_the_remedy(url: str, hint: str) -> None:
    """In both colours, without repeating a password."""
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError) as caught:
            opener(url, keys=[KEY])
        assert hint in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_a_database_without_keys_is_refused() -> None:
    """Only memory:// may make a key, which is lost with the process."""
    with pytest.raises(ConfigurationError, match="generate_key"):
        stores.open("sqlite:///tokens.db", keys=[])
    stores.open("memory://")


@pytest.mark.parametrize(
    ("module", "missing"),
    [("stores", "sqlalchemy"), ("aio_stores", "sqlalchemy"), ("aio_stores", "aiosqlite")],
)
def test_a_missing_extra_is_named(module: str, missing: str, tmp_path: Path) -> None:
    """Without it the doors still import, and opening SQLite says what to install."""
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from rblx_oauth import errors, {module}\n"
        f"{module}.open('memory://')\n"
        f"try: {module}.open('sqlite:///{tmp_path}/x.db', keys=[{KEY!r}])\n"
        "except errors.ConfigurationError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert f"needs {missing}" in result.stdout, result.stderr
    assert "rblx-oauth[sql]" in result.stdout


def test_f26_a_file_that_is_no_database_is_unavailable(path: Path) -> None:
    """The error says so without the file's path or content."""
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnavailable) as caught:
        open_store(path)
    assert "SQLITE_NOTADB" in str(caught.value)
    assert "Restore it from a backup" in str(caught.value)


@pytest.mark.parametrize("driver", ["pysqlite", "aiosqlite"])
def test_a_driver_may_be_named(colour: Colour, path: Path, driver: str) -> None:
    """Each colour has its own driver, whichever the URL names."""
    opener = aio_stores.open if colour.name == "async" else stores.open
    store: Any = colour.keep(opener(f"sqlite+{driver}:///{path}", keys=[KEY]))
    assert colour(store.get_grant("g1")) is None


def test_f26_a_deleted_or_replaced_file_is_noticed(colour: Colour, path: Path) -> None:
    """Nothing is written to a file that nobody else can see, and no empty one is made."""
    opener = aio_stores.open if colour.name == "async" else stores.open
    store: Any = colour.keep(opener(f"sqlite:///{path}", keys=[KEY]))
    colour(store.add_record(RECORD))
    for file in path.parent.iterdir():
        file.unlink()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="SQLITE_CANTOPEN"):
            colour(store.add_record(replace(RECORD, id="s2")))
    assert not path.exists()
    with open_store(path) as other:
        other.add_record(replace(RECORD, id="s3"))
    assert colour(store.get_record("session", "s3", now=1500.0)) is not None
    assert colour(store.get_record("session", "s1", now=1500.0)) is None


def test_f28_a_locked_database_is_waited_for_within_bounds(colour: Colour, path: Path) -> None:
    """A writer waits for the lock, no longer than its timeout; readers are not disturbed."""
    if colour.name == "async":
        from rblx_oauth._async.stores.sql import AsyncSqlStore as Store
    else:
        from rblx_oauth._sync.stores.sql import SqlStore as Store  # type: ignore[assignment]
    store: Any = colour.keep(Store(f"sqlite:///{path}", Vault([KEY]), timeout=0.2))
    colour(store.add_record(RECORD))
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        for change in (store.add_record, store.update_record):
            with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
                colour(change(replace(RECORD, id="s2")))
        assert time.monotonic() - started < 3
        assert colour(store.get_record("session", "s1", now=1500.0)) == RECORD
        holder.execute("ROLLBACK")
    assert colour(store.add_record(replace(RECORD, id="s2")))


def test_swaps_from_many_threads_never_fail_and_one_wins_each(path: Path) -> None:
    """Eight threads with stores of their own climb one generation after another together."""
    with open_store(path) as store:
        store.swap_grant(replace(ROW, generation=0), expected=None)
    wins: list[int] = []
    start = threading.Barrier(8)

    def climb() -> None:
        with open_store(path) as mine:
            start.wait()
            for generation in range(10):
                row = replace(ROW, generation=generation + 1, sealed=secrets.token_bytes(8))
                if mine.swap_grant(row, expected=generation):
                    wins.append(generation)
                while mine.get_grant("g1").generation <= generation:  # type: ignore[union-attr]
                    pass

    in_threads(climb, 8)
    assert sorted(wins) == list(range(10))


def test_a_record_is_taken_by_one_of_many_threads(path: Path) -> None:
    """Eight threads with stores of their own race for forty records: each is had once."""
    names = [f"s{number}" for number in range(40)]
    with open_store(path) as store:
        for name in names:
            store.add_record(replace(RECORD, id=name))
    taken: list[str] = []
    start = threading.Barrier(8)

    def race() -> None:
        with open_store(path) as mine:
            for name in names:
                start.wait(10)
                if mine.take_record("session", name, now=1500.0):
                    taken.append(name)

    in_threads(race, 8)
    assert sorted(taken) == sorted(names)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_store_survives_a_fork(path: Path) -> None:
    """Opened before a server forks: the child makes its own connections, the parent goes on."""
    with open_store(path) as store:
        store.add_record(RECORD)
        inherited = store._engine  # type: ignore[attr-defined]
        child = os.fork()
        if child == 0:
            status = 1
            try:
                mine = store._engine  # type: ignore[attr-defined]
                fresh = mine is not inherited and store.get_record("session", "s1", now=1500.0)
                status = 0 if fresh and store.add_record(replace(RECORD, id="s2")) else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.get_record("session", "s2", now=1500.0)
        assert store.add_record(replace(RECORD, id="s3"))


def test_an_async_store_serves_one_event_loop_after_another(path: Path) -> None:
    """Nothing is left on a loop that ended, so that every asyncio.run works and ends."""
    program = (
        "import asyncio\n"
        "from rblx_oauth import aio_stores\n"
        f"store = aio_stores.open('sqlite:///{path}', keys=[{KEY!r}])\n"
        "for _ in range(3):\n"
        "    print(asyncio.run(store.get_grant('g1')))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.stdout, result.returncode) == ("None\n" * 3, 0), result.stderr


def test_c48_a_store_shows_neither_keys_nor_content(path: Path) -> None:
    """Its repr is its URL."""
    with open_store(path) as store:
        assert repr(store) == f"SqlStore('sqlite:///{path}')"


def test_a_file_restored_from_a_backup_is_in_write_ahead_mode(path: Path) -> None:
    """A backup may come without it, and readers would then wait for writers."""
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_begins_beside_another_waits_until_the_file_is_free(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite fails a change of the journal at once where another writes; so it is tried again."""
    pauses: list[float] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                other.execute("ROLLBACK")

        monkeypatch.setattr(time, "sleep", pause)
        with open_store(path) as store:
            assert store.add_record(RECORD)
    assert len(pauses) == 3


def test_who_begins_beside_one_that_never_ends_is_told_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that a store has for an answer."""
    now = 0.0

    def pause(_: float) -> None:
        nonlocal now
        now += 1.0

    monkeypatch.setattr(time, "sleep", pause)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
            open_store(path)
    assert now == 6.0
