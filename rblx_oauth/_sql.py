"""The SQL behind the SQL stores: tables, statements, and how a database is opened.

Neither colour: `rblx_oauth._async.stores.sql` and its twin run what stands here.
SQLAlchemy is imported here and in those two modules only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    Executable,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    QueuePool,
    RowMapping,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    exc,
    insert,
    inspect,
    make_url,
    or_,
    select,
    update,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.errors import ConfigurationError, StoreUnavailable

SCHEMA_VERSION = 1

Statement: TypeAlias = Executable
Found: TypeAlias = RowMapping


class KeyTaken(Exception):
    """A row with this key is there already."""


metadata = MetaData()

schema = Table("rblx_oauth_schema", metadata, Column("version", Integer, primary_key=True))

grants = Table(
    "rblx_oauth_grants",
    metadata,
    Column("grant_id", String(64), primary_key=True),
    Column("issuer", String(255), nullable=False),
    Column("client_id", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("intent", String(64), nullable=False),
    Column("lease_owner", String(64), nullable=False, default=""),
    Column("lease_until", Double, nullable=False, default=0.0),
)

records = Table(
    "rblx_oauth_records",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("owner", String(128), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("rblx_oauth_records_by_owner", "kind", "owner"),
    Index("rblx_oauth_records_by_expiry", "expires_at"),
)

# Statements, built once. Parameters are named `the_...` where SQLAlchemy
# would otherwise take them for the column of an UPDATE.

_THE_GRANT = grants.c.grant_id == bindparam("the_grant")
_THE_OWNER_LEASES = grants.c.lease_owner == bindparam("the_owner")
_THE_RECORD = (records.c.kind == bindparam("the_kind")) & (records.c.id == bindparam("the_id"))
_UNEXPIRED = records.c.expires_at > bindparam("the_time")
_OF_KIND = records.c.kind == bindparam("the_kind")

GET_GRANT = select(*(grants.c[name] for name in GrantRow.__struct_fields__)).where(_THE_GRANT)
ADD_GRANT = insert(grants)
SWAP_GRANT = (
    update(grants)
    .where(_THE_GRANT, grants.c.generation == bindparam("the_generation"))
    .values({name: bindparam(name) for name in GrantRow.__struct_fields__ if name != "grant_id"})
)
RESEAL_GRANT = (
    update(grants)
    .where(
        _THE_GRANT,
        grants.c.generation == bindparam("the_generation"),
        grants.c.sealed == bindparam("the_sealed"),
    )
    .values(sealed=bindparam("sealed"))
)
LIST_GRANTS = (
    select(*(grants.c[name] for name in GrantRow.__struct_fields__))
    .where(grants.c.grant_id > bindparam("the_grant"))
    .order_by(grants.c.grant_id)
    .limit(bindparam("the_limit"))
)
DELETE_GRANT = delete(grants).where(_THE_GRANT)
LIST_DEAD_GRANTS = (
    select(grants.c.grant_id.label("the_grant"))
    .where(grants.c.status != "live", grants.c.updated_at < bindparam("the_time"))
    .limit(bindparam("the_limit"))
)
DELETE_DEAD_GRANT = DELETE_GRANT.where(grants.c.status != "live")
WRITE_INTENT = (
    update(grants)
    .where(_THE_GRANT, _THE_OWNER_LEASES, grants.c.generation == bindparam("the_generation"))
    .values(intent=bindparam("the_owner"))
)
ACQUIRE_LEASE = (
    update(grants)
    .where(
        _THE_GRANT,
        or_(
            _THE_OWNER_LEASES,
            grants.c.lease_until <= bindparam("the_time"),
            grants.c.lease_until > bindparam("the_latest"),
        ),
    )
    .values(lease_owner=bindparam("the_owner"), lease_until=bindparam("the_end"))
)
RENEW_LEASE = (
    update(grants).where(_THE_GRANT, _THE_OWNER_LEASES).values(lease_until=bindparam("the_end"))
)
RELEASE_LEASE = (
    update(grants).where(_THE_GRANT, _THE_OWNER_LEASES).values(lease_owner="", lease_until=0.0)
)

ADD_RECORD = insert(records)
GET_RECORD = select(records).where(_THE_RECORD, _UNEXPIRED)
UPDATE_RECORD = (
    update(records)
    .where(_THE_RECORD)
    .values({name: bindparam(name) for name in ("payload", "seen_at", "expires_at")})
)
SWAP_RECORD = UPDATE_RECORD.where(records.c.payload == bindparam("the_payload"))
DELETE_RECORD = delete(records).where(_THE_RECORD)
DELETE_EXPIRED_RECORD = delete(records).where(
    _THE_RECORD, records.c.expires_at <= bindparam("the_time")
)
DELETE_OWNED = delete(records).where(_OF_KIND, records.c.owner == bindparam("the_owner"))
LIST_KIND = (
    select(records)
    .where(_OF_KIND, _UNEXPIRED)
    .order_by(records.c.created_at.desc())
    .limit(bindparam("the_limit"))
)
LIST_OWNED = LIST_KIND.where(records.c.owner == bindparam("the_owner"))
SCAN_RECORDS = (
    select(records)
    .where(
        or_(
            records.c.kind > bindparam("the_kind"),
            _OF_KIND & (records.c.id > bindparam("the_id")),
        )
    )
    .order_by(records.c.kind, records.c.id)
    .limit(bindparam("the_limit"))
)
LIST_EXPIRED = (
    select(records.c.kind.label("the_kind"), records.c.id.label("the_id"))
    .where(records.c.expires_at <= bindparam("the_time"))
    .limit(bindparam("the_limit"))
)


def grant_row(found: Found) -> GrantRow:
    """A row of the grants table as a `GrantRow`."""
    return GrantRow(**dict(found))


def record(found: Found) -> Record:
    """A row of the records table as a `Record`."""
    return Record(**dict(found))


def changes(record: Record) -> dict[str, object]:
    """The parameters of `UPDATE_RECORD`."""
    return {
        "the_kind": record.kind,
        "the_id": record.id,
        "payload": record.payload,
        "seen_at": record.seen_at,
        "expires_at": record.expires_at,
    }


# Opening a database.

_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"})
_UNREADABLE = (
    "The store URL cannot be used. A SQLite file is named with three slashes and nothing else: "
    "sqlite:///tokens.db, or sqlite:////srv/tokens.db for an absolute path."
)
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def parse_url(text: str) -> URL:
    """A store URL that can be used.

    Raises:
        ConfigurationError: It is not a SQLite file's URL. The message never
            repeats the URL, which may hold a password.
    """
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise ConfigurationError(_UNREADABLE) from None
    if url.drivername not in _DRIVERS or url.host:
        raise ConfigurationError(_UNREADABLE)
    database = url.database or ":memory:"
    if ":memory:" in database or "memory" in url.query.get("mode", ""):
        raise ConfigurationError(
            "A SQLite database in memory is lost between connections: use memory:// for a store "
            "in this process, or name a file: sqlite:///tokens.db"
        )
    if url.query or url.username:
        raise ConfigurationError(_UNREADABLE)
    if "\0" in database or Path(database).is_dir():
        raise ConfigurationError("The store URL names something that is not a file.")
    return url.set(drivername="sqlite")


def prepare(url: URL, *, create: bool, timeout: float) -> None:
    """See that the database is there, in write-ahead mode, with this version's tables.

    Args:
        url: From `parse_url`.
        create: Make the file (readable by its owner alone) and the tables
            where there are none.
        timeout: Seconds to wait for a locked database.

    Raises:
        ConfigurationError: There is nothing and `create` is false, or a newer
            version of rblx_oauth made the tables.
        StoreUnavailable: The database cannot be opened now.
    """
    with translated_errors():
        _make_file(Path(url.database or ""), create=create)
        engine = create_engine(existing(url), **engine_options(url, timeout=timeout))
        set_up(engine, url)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.exec_driver_sql(BEGIN)
                _check_schema(connection, create=create)
        finally:
            engine.dispose()


BEGIN = "BEGIN IMMEDIATE"
"""Begins a transaction that writes. A deferred one that turns writer part-way cannot wait
for another's write: SQLite fails it at once."""


def engine_options(url: URL, *, timeout: float) -> Mapping[str, object]:
    """What `create_engine` is told, in both colours."""
    # Statements commit by themselves; what needs a transaction begins it with BEGIN.
    options: dict[str, object] = {
        "isolation_level": "AUTOCOMMIT",
        "hide_parameters": True,
        "connect_args": {"timeout": timeout},
    }
    if url.get_driver_name() == "aiosqlite":
        # Each of its connections is a thread that outlives the event loop and
        # keeps the program from ending, so none is kept.
        return options | {"poolclass": NullPool}
    return options | {"poolclass": QueuePool, "pool_timeout": timeout}


def existing(url: URL) -> URL:
    """The same database; never made anew, as SQLite would otherwise do with one that is gone."""
    path = quote(str(Path(url.database or "").absolute()))
    return url.set(database=f"file:{path}", query={"mode": "rw", "uri": "true"})


def set_up(engine: Engine, url: URL) -> None:
    """Have every connection of `engine` write through to the disk, into the file that is there.

    With ``synchronous=FULL`` a commit survives a power cut, without which a
    spent refresh token would be all that is left of a grant. A kept connection
    whose file was deleted or replaced would go on writing to the old one, which
    nobody else can see: it is dropped.
    """
    path = Path(url.database or "").absolute()

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
        entry.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def on_checkout(_: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
        if entry.info["file"] != _identity(path):
            raise exc.DisconnectionError


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another of the same name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the database raises into `StoreUnavailable`, without its URL or parameters."""
    try:
        yield
    except exc.IntegrityError:
        raise KeyTaken from None
    except (exc.DBAPIError, exc.TimeoutError) as error:
        original = getattr(error, "orig", None) or error
        name = getattr(original, "sqlite_errorname", type(original).__name__)
        if name in _DAMAGED:
            raise StoreUnavailable(
                f"The token store's file is damaged or no database ({name}). Restore it from a "
                "backup, or remove it: everybody then logs in again."
            ) from error
        raise StoreUnavailable(
            f"The token store did not answer ({name}). Nothing was lost; try again."
        ) from error


def _make_file(path: Path, *, create: bool) -> None:
    if path.exists():
        return
    if not create:
        raise ConfigurationError(f"There is no token store at {path}: open it with create=True.")
    try:
        # SQLite gives its -wal and -shm files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except FileNotFoundError:
        raise ConfigurationError(
            f"The directory of the token store does not exist: create {path.parent}"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The token store {path} cannot be made: {error.strerror}"
        ) from error


def _check_schema(connection: Connection, *, create: bool) -> None:
    if not inspect(connection).has_table(schema.name):
        if not create:
            raise ConfigurationError(
                "The database has none of rblx_oauth's tables: open it once with create=True."
            )
        metadata.create_all(connection)
        connection.execute(insert(schema).values(version=SCHEMA_VERSION))
    version = connection.execute(select(schema.c.version)).scalar_one()
    if version > SCHEMA_VERSION:
        raise ConfigurationError(
            f"The token store's tables are version {version}, made by a newer rblx_oauth; this "
            f"one knows version {SCHEMA_VERSION}. Upgrade rblx_oauth."
        )
