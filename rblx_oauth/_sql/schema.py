"""The version of the tables: made, checked, migrated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import (
    Column,
    Connection,
    Index,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
    update,
)

from rblx_oauth._sql.database import INIT, Database, Refused
from rblx_oauth._sql.tables import (
    grants,
    grants_by_status,
    metadata,
    records,
    records_by_owner,
    schema,
)
from rblx_oauth.core.rows import SchemaChange
from rblx_oauth.errors import ConfigurationError


def _to_version_2(connection: Connection) -> None:
    """Sweeps of dead grants find them by an index; lists of an owner's records are in order."""
    _make_index(connection, grants_by_status)
    _make_index(connection, records_by_owner)
    old = Table(records.name, MetaData(), Column("kind", String))
    _drop_index(connection, Index("rblx_oauth_records_by_owner", old.c.kind))


_MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_to_version_2,)
"""From version 1 on. MySQL ends a transaction at every change of a table, so each can be run
again after it was cut off half-way."""

SCHEMA_VERSION = 1 + len(_MIGRATIONS)


def prepare(database: Database, *, create: bool) -> bool:
    """See that this version's tables are there.

    Args:
        database: Where.
        create: Make them where there are none.

    Returns:
        Whether the database can delete a row and give it back in one statement.

    Raises:
        ConfigurationError: There is nothing and `create` is false, or the
            tables are of another version, or some are missing.
        StoreUnavailable: The database cannot be opened now.
    """
    database.make(create=create)
    with _connected(database) as connection:
        version = _version(connection)
        if version == 0:
            if not create:
                raise ConfigurationError(
                    "The database has none of rblx_oauth's tables: open it once with create=True, "
                    f"or {INIT}."
                )
            with _locked(database, connection):
                version = _version(connection) or _create(connection)
        _check(connection, version)
        return connection.dialect.delete_returning


def migrate(database: Database) -> SchemaChange:
    """Make the tables, or bring them to this version; every row stays.

    Raises:
        ConfigurationError: They are of a newer version, or some are missing.
        StoreUnavailable: The database cannot be opened now.
    """
    database.make(create=True)
    with _connected(database) as connection, _locked(database, connection):
        before = _version(connection)
        if before == 0:
            _create(connection)
        _refuse_newer(before)
        for version, migration in enumerate(_MIGRATIONS, start=2):
            if 0 < before < version:
                migration(connection)
                connection.execute(update(schema).values(version=version))
        _check(connection, SCHEMA_VERSION)
        return SchemaChange(before, SCHEMA_VERSION)


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    engine = database.engine()
    try:
        with database.translated_errors(), engine.connect() as connection:
            yield connection
    except Refused as error:
        raise ConfigurationError(str(error)) from error
    finally:
        engine.dispose()


@contextmanager
def _locked(database: Database, connection: Connection) -> Iterator[None]:
    """A transaction in which nobody else changes the tables."""
    database.lock_schema(connection)
    try:
        yield
        connection.commit()
    except BaseException:
        connection.invalidate()  # which undoes what can be undone
        raise


def _version(connection: Connection) -> int:
    """The tables' version; 0 if they were never finished."""
    if not inspect(connection).has_table(schema.name):
        return 0
    return connection.execute(select(schema.c.version)).scalar() or 0


def _create(connection: Connection) -> int:
    # The version goes last: where it is, everything is.
    metadata.create_all(connection, tables=[grants, records])
    for index in (*grants.indexes, *records.indexes):
        _make_index(connection, index)
    metadata.create_all(connection, tables=[schema])
    connection.execute(insert(schema).values(version=SCHEMA_VERSION))
    return SCHEMA_VERSION


def _check(connection: Connection, version: int) -> None:
    _refuse_newer(version)
    if version < SCHEMA_VERSION:
        raise ConfigurationError(
            f"The token store's tables are version {version}; this rblx_oauth needs version "
            f"{SCHEMA_VERSION}. To bring them there, {INIT}. Every row stays."
        )
    present = inspect(connection)
    missing = [table.name for table in (grants, records) if not present.has_table(table.name)]
    if missing:
        raise ConfigurationError(
            f"The token store lacks the table {' and '.join(missing)}, which it had: restore it "
            f"from a backup, or drop {schema.name} as well to begin anew, which logs everybody out."
        )


def _refuse_newer(version: int) -> None:
    if version > SCHEMA_VERSION:
        raise ConfigurationError(
            f"The token store's tables are version {version}, made by a newer rblx_oauth; this "
            f"one knows version {SCHEMA_VERSION}. Upgrade rblx_oauth."
        )


def _has_index(connection: Connection, index: Index) -> bool:
    table = cast("Table", index.table)
    return inspect(connection).has_index(table.name, str(index.name))


def _make_index(connection: Connection, index: Index) -> None:
    if not _has_index(connection, index):
        index.create(connection)


def _drop_index(connection: Connection, index: Index) -> None:
    if _has_index(connection, index):
        index.drop(connection)
