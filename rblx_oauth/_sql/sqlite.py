"""SQLite: a file, shared by the processes of one machine."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, event, exc
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from rblx_oauth._sql.database import INIT, Database, Driver, unanswered
from rblx_oauth.errors import ConfigurationError, StoreUnavailable

DRIVERS = ("sqlite", "sqlite+pysqlite", "sqlite+aiosqlite")
UNREADABLE = (
    "The store URL cannot be used. A SQLite file is named with three slashes and nothing else: "
    "sqlite:///tokens.db, or sqlite:////srv/tokens.db for an absolute path."
)
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
_PAUSE = 0.01
"""Seconds between two goes at what SQLite itself does not wait for."""


class Sqlite(Database):
    """A file in write-ahead mode, written through to the disk."""

    begin = "BEGIN IMMEDIATE"
    """A deferred transaction that turns writer part-way cannot wait for another's write:
    SQLite fails it at once."""

    def __init__(self, url: URL, *, timeout: float) -> None:
        database = url.database or ":memory:"
        if url.host or url.port is not None or url.username or url.password:
            raise ConfigurationError(UNREADABLE)
        if ":memory:" in database or "memory" in url.query.get("mode", ""):
            raise ConfigurationError(
                "A SQLite database in memory is lost between connections: use memory:// for a "
                "store in this process, or name a file: sqlite:///tokens.db"
            )
        if url.query:
            raise ConfigurationError(UNREADABLE)
        if "\0" in database or Path(database).is_dir():
            raise ConfigurationError("The store URL names something that is not a file.")
        super().__init__(url.set(drivername="sqlite"), timeout=timeout)
        self._path = Path(database)
        # Never made anew, as SQLite would otherwise do with one that is gone.
        self._existing = url.set(
            database=f"file:{quote(str(self._path.absolute()))}",
            query={"mode": "rw", "uri": "true"},
        )

    @property
    def sync_driver(self) -> Driver:
        """The standard library's."""
        options = self._options | {"poolclass": QueuePool, "pool_timeout": self.timeout}
        return Driver(self._existing.set(drivername="sqlite+pysqlite"), options)

    @property
    def async_driver(self) -> Driver:
        """Aiosqlite.

        Each of its connections is a thread that outlives the event loop and
        keeps the program from ending, so none is kept.
        """
        options = self._options | {"poolclass": NullPool}
        options["connect_args"] = {"timeout": self.timeout, "factory": _Connection}
        return Driver(self._existing.set(drivername="sqlite+aiosqlite"), options)

    @property
    def _options(self) -> dict[str, object]:
        # Statements commit by themselves; what needs a transaction begins it.
        return {
            "isolation_level": "AUTOCOMMIT",
            "hide_parameters": True,
            "connect_args": {"timeout": self.timeout},
        }

    def set_up(self, engine: Engine) -> None:
        """Have every connection write through to the disk, into the file that is there.

        With ``synchronous=FULL`` a commit survives a power cut, without which a
        spent refresh token would be all that is left of a grant. A kept connection
        whose file was deleted or replaced would go on writing to the old one, which
        nobody else can see: it is dropped.
        """
        path = self._path.absolute()

        @event.listens_for(engine, "connect")
        def on_connect(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
            with closing(connection.cursor()) as cursor:
                cursor.execute("PRAGMA synchronous=FULL")
            entry.info["file"] = _identity(path)

        @event.listens_for(engine, "checkout")
        def on_checkout(_: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
            if entry.info["file"] != _identity(path):
                raise exc.DisconnectionError

    def make(self, *, create: bool) -> None:
        """Make the file, readable by its owner alone."""
        if self._path.exists():
            return
        if not create:
            raise ConfigurationError(
                f"There is no token store at {self._path}: open it once with create=True, "
                f"or {INIT}."
            )
        try:
            # SQLite gives its -wal and -shm files the same mode.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except FileNotFoundError:
            raise ConfigurationError(
                f"The directory of the token store does not exist: create {self._path.parent}"
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"The token store {self._path} cannot be made: {error.strerror}"
            ) from error

    def engine(self) -> Engine:
        """As for every database; it puts the file into write-ahead mode, where it then stays."""
        engine = super().engine()

        @event.listens_for(engine, "connect")
        def on_connect(connection: DBAPIConnection, _entry: object) -> None:
            with closing(connection.cursor()) as cursor:
                _write_ahead(cursor, self.timeout)

        return engine

    def lock_schema(self, connection: Connection) -> None:
        """The transaction is the lock."""
        connection.exec_driver_sql(self.begin)

    def explain(self, error: BaseException) -> Exception | None:
        """SQLite names its errors."""
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if name in _DAMAGED:
            return StoreUnavailable(
                f"The token store's file is damaged or no database ({name}). Restore it from a "
                "backup, or remove it: everybody then logs in again."
            )
        return unanswered(name)

    def lost_race(self, error: BaseException) -> bool:  # noqa: ARG002 (the base class names it)
        """Writers wait for each other, and none is undone."""
        return False


class _Connection(sqlite3.Connection):
    """One whose statements end with it.

    For tasks alone: threads are not cancelled. A task that is may leave a statement
    half-read. SQLite keeps such a
    statement, and its lock on the file, beyond the end of its connection: nobody could
    write until Python happens to collect it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *args: Any, **options: Any) -> Any:
        """A cursor, remembered."""
        cursor = super().cursor(*args, **options)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        """End every statement, then the connection."""
        for cursor in list(self._cursors):
            cursor.close()
        super().close()


def _write_ahead(cursor: DBAPICursor, timeout: float) -> None:
    """Put the file into write-ahead mode.

    The change begins as a reader and turns writer. Of several that begin on a new file
    SQLite fails all but one at once, as it does every such transaction, whatever the
    connection's timeout: so the waiting is done here.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another of the same name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
