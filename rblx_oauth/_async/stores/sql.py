"""`AsyncSqlStore`: a store in a SQL database, shared by threads and processes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from rblx_oauth import _sql
from rblx_oauth._async.stores.base import LONGEST_LEASE, AsyncStore
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.vault import Vault


class AsyncSqlStore(AsyncStore):
    """Keeps grants and records in a SQLite file, in write-ahead mode.

    Safe for any number of threads, tasks and processes of one machine. It may
    be opened before a server forks: a child makes its own connections.

    Args:
        url: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.
        vault: Seals what goes in.
        create: Make the file and the tables where there are none.
        timeout: Seconds to wait for a busy database before `StoreUnavailable`.

    Raises:
        ConfigurationError: The URL, the file or the tables are not usable.
        StoreUnavailable: The database cannot be opened now.
    """

    def __init__(
        self, url: str, vault: Vault, *, create: bool = True, timeout: float = 5.0
    ) -> None:
        super().__init__(vault)
        self._url = _sql.parse_url(url)
        self._timeout = timeout
        _sql.prepare(self._url, create=create, timeout=timeout)
        self._engines: dict[int, AsyncEngine] = {os.getpid(): self._new_engine()}

    async def get_grant(self, grant_id: str) -> GrantRow | None:
        """The row, whatever its status."""
        found = await self._rows(_sql.GET_GRANT, the_grant=grant_id)
        return _sql.grant_row(found[0]) if found else None

    async def swap_grant(self, row: GrantRow, *, expected: int | None) -> bool:
        """Write `row` if the stored generation is `expected`; None: if there is no row."""
        values = msgspec.structs.asdict(row)
        if expected is None:
            return await self._insert(_sql.ADD_GRANT, values)
        values["the_grant"] = values.pop("grant_id")
        return await self._change(_sql.SWAP_GRANT, values | {"the_generation": expected}) == 1

    async def write_intent(self, grant_id: str, *, owner: str, generation: int) -> bool:
        """Note that `owner`, who holds the lease, is about to spend the refresh token."""
        values = {"the_grant": grant_id, "the_owner": owner, "the_generation": generation}
        return await self._change(_sql.WRITE_INTENT, values) == 1

    async def acquire_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Take the lease if it is free or has run out; False while another holds it."""
        values = {
            "the_grant": grant_id,
            "the_owner": owner,
            "the_time": now,
            "the_end": now + ttl,
            "the_latest": now + ttl * LONGEST_LEASE,
        }
        return await self._change(_sql.ACQUIRE_LEASE, values) == 1

    async def renew_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Extend the lease; False when it is no longer `owner`'s."""
        values = {"the_grant": grant_id, "the_owner": owner, "the_end": now + ttl}
        return await self._change(_sql.RENEW_LEASE, values) == 1

    async def release_lease(self, grant_id: str, *, owner: str) -> None:
        """Give the lease back, if it is still `owner`'s."""
        await self._change(_sql.RELEASE_LEASE, {"the_grant": grant_id, "the_owner": owner})

    async def reseal_grant(self, row: GrantRow, *, before: bytes) -> bool:
        """Put `row.sealed` in the place of `before`, and change nothing else."""
        values = {
            "the_grant": row.grant_id,
            "the_generation": row.generation,
            "the_sealed": before,
            "sealed": row.sealed,
        }
        return await self._change(_sql.RESEAL_GRANT, values) == 1

    async def list_grants(self, *, after: str = "", limit: int = 500) -> Sequence[GrantRow]:
        """Rows of every status whose ids come after `after`, in the order of their ids."""
        found = await self._rows(_sql.LIST_GRANTS, the_grant=after, the_limit=limit)
        return [_sql.grant_row(row) for row in found]

    async def delete_grant(self, grant_id: str) -> bool:
        """Forget a grant, its tombstone included; False when there was none."""
        return await self._change(_sql.DELETE_GRANT, {"the_grant": grant_id}) == 1

    async def sweep_grants(self, *, before: float, limit: int = 500) -> int:
        """Delete up to `limit` rows that are not live and were written before then; how many."""
        named = {"the_time": before, "the_limit": limit}
        return await self._sweep(_sql.LIST_DEAD_GRANTS, named, _sql.DELETE_DEAD_GRANT)

    async def add_record(self, record: Record) -> bool:
        """Insert; False when (kind, id) exists and has not expired at `record.created_at`."""
        expired = {
            "the_kind": record.kind,
            "the_id": record.id,
            "the_time": record.created_at,
        }
        try:
            async with self._writing() as connection:
                await connection.execute(_sql.DELETE_EXPIRED_RECORD, expired)
                await connection.execute(_sql.ADD_RECORD, msgspec.structs.asdict(record))
        except _sql.KeyTaken:
            return False
        return True

    async def get_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """The record, unless it has expired."""
        found = await self._rows(_sql.GET_RECORD, the_kind=kind, the_id=id, the_time=now)
        return _sql.record(found[0]) if found else None

    async def take_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """Get and delete in one step: of many callers, one gets it."""
        named = {"the_kind": kind, "the_id": id}
        async with self._writing() as connection:
            result = await connection.execute(_sql.GET_RECORD, named | {"the_time": now})
            found = result.mappings().first()
            if found is None:
                return None
            await connection.execute(_sql.DELETE_RECORD, named)
            return _sql.record(found)

    async def update_record(self, record: Record) -> bool:
        """Replace payload, `seen_at` and `expires_at` of an existing record; False if gone."""
        return await self._change(_sql.UPDATE_RECORD, _sql.changes(record)) == 1

    async def swap_record(self, record: Record, *, before: bytes) -> bool:
        """As `update_record`, if the payload is still `before`."""
        values = _sql.changes(record) | {"the_payload": before}
        return await self._change(_sql.SWAP_RECORD, values) == 1

    async def delete_record(self, kind: str, id: str) -> bool:
        """Delete; False when there was none."""
        return await self._change(_sql.DELETE_RECORD, {"the_kind": kind, "the_id": id}) == 1

    async def list_records(
        self, kind: str, *, now: float, owner: str | None = None, limit: int = 1000
    ) -> Sequence[Record]:
        """Unexpired records of a kind (of one owner), newest first."""
        if owner is None:
            found = await self._rows(_sql.LIST_KIND, the_kind=kind, the_time=now, the_limit=limit)
        else:
            found = await self._rows(
                _sql.LIST_OWNED, the_kind=kind, the_time=now, the_limit=limit, the_owner=owner
            )
        return [_sql.record(row) for row in found]

    async def scan_records(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> Sequence[Record]:
        """Records of all kinds whose (kind, id) comes after `after`, in that order."""
        kind, id = after
        found = await self._rows(_sql.SCAN_RECORDS, the_kind=kind, the_id=id, the_limit=limit)
        return [_sql.record(row) for row in found]

    async def delete_owned(self, kind: str, owner: str) -> int:
        """Delete every record of a kind and owner; how many there were."""
        return await self._change(_sql.DELETE_OWNED, {"the_kind": kind, "the_owner": owner})

    async def sweep(self, *, now: float, limit: int = 500) -> int:
        """Delete up to `limit` expired records; how many were deleted."""
        named = {"the_time": now, "the_limit": limit}
        return await self._sweep(_sql.LIST_EXPIRED, named, _sql.DELETE_RECORD)

    def __repr__(self) -> str:
        """The URL without a password."""
        return f"{type(self).__name__}({self._url.render_as_string()!r})"

    async def _disconnect(self) -> None:
        engine = self._engines.pop(os.getpid(), None)
        if engine is not None:
            await engine.dispose()

    @property
    def _engine(self) -> AsyncEngine:
        """This process's engine.

        A child of a fork leaves its parent's where it is: SQLite connections
        may not even be closed on the other side of a fork.
        """
        engine = self._engines.get(os.getpid())
        if engine is None:
            engine = self._engines[os.getpid()] = self._new_engine()
        return engine

    def _new_engine(self) -> AsyncEngine:
        url = self._url.set(drivername="sqlite+aiosqlite")
        options = _sql.engine_options(url, timeout=self._timeout)
        engine = create_async_engine(_sql.existing(url), **options)
        _sql.set_up(engine.sync_engine, url)
        return engine

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that may write; committed unless the block raises."""
        with _sql.translated_errors():
            async with self._engine.begin() as connection:
                await connection.exec_driver_sql(_sql.BEGIN)
                yield connection

    async def _sweep(
        self, find: _sql.Statement, named: Mapping[str, object], remove: _sql.Statement
    ) -> int:
        """Delete what `find` finds; how many rows that were."""
        async with self._writing() as connection:
            found = [dict(row) for row in (await connection.execute(find, named)).mappings()]
            if found:
                await connection.execute(remove, found)
            return len(found)

    async def _rows(self, statement: _sql.Statement, **values: object) -> Sequence[_sql.Found]:
        """What a statement that only reads finds."""
        with _sql.translated_errors():
            async with self._engine.connect() as connection:
                return (await connection.execute(statement, values)).mappings().all()

    async def _change(self, statement: _sql.Statement, values: Mapping[str, object]) -> int:
        """How many rows one statement changed. Alone it needs no transaction."""
        with _sql.translated_errors():
            async with self._engine.connect() as connection:
                return (await connection.execute(statement, values)).rowcount

    async def _insert(self, statement: _sql.Statement, values: Mapping[str, object]) -> bool:
        """Insert one row; False when its key is taken."""
        try:
            return await self._change(statement, values) == 1
        except _sql.KeyTaken:
            return False
