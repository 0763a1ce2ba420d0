"""`AsyncSqlStore`: a store in a SQL database, shared by threads and processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from rblx_oauth import _sql
from rblx_oauth._async.stores.base import LONGEST_LEASE, AsyncStore
from rblx_oauth._sql import statements
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.runtime.aio import Place
from rblx_oauth.vault import Vault


class AsyncSqlStore(AsyncStore):
    """Keeps grants and records in a SQLite file, or in PostgreSQL, MySQL or MariaDB.

    Safe for any number of threads, tasks and processes, of one machine with
    SQLite and of many with a server. It may be opened before a web server
    forks: a child makes its own connections.

    Every method sends one statement that commits by itself, where one is
    enough; each is atomic at every isolation level.

    Args:
        url: As `rblx_oauth.stores.open` takes them.
        vault: Seals what goes in.
        create: Make the file and the tables where there are none.
        timeout: Seconds to wait for a busy or silent database before
            `StoreUnavailable`.

    Raises:
        ConfigurationError: The URL, the file or the tables are not usable.
        StoreUnavailable: The database cannot be opened now.
    """

    def __init__(
        self, url: str, vault: Vault, *, create: bool = True, timeout: float = 5.0
    ) -> None:
        super().__init__(vault)
        self._database = _sql.database(url, timeout=timeout)
        self._new_engine()  # which finds out whether the driver is installed
        self._can_take = _sql.prepare(self._database, create=create)
        self._engines: dict[Place, AsyncEngine] = {}

    async def time(self) -> float | None:
        """The server's own; None with a file, whose processes share a machine."""
        if self._database.clock is None:
            return None
        return float((await self._rows(self._database.clock))[0]["seconds"])

    async def get_grant(self, grant_id: str) -> GrantRow | None:
        """The row, whatever its status."""
        found = await self._rows(statements.GET_GRANT, the_grant=grant_id)
        return statements.grant_row(found[0]) if found else None

    async def swap_grant(self, row: GrantRow, *, expected: int | None) -> bool:
        """Write `row` if the stored generation is `expected`; None: if there is no row."""
        values = msgspec.structs.asdict(row)
        if expected is None:
            return await self._insert(statements.ADD_GRANT, values)
        values["the_grant"] = values.pop("grant_id")
        return await self._change(statements.SWAP_GRANT, values | {"the_generation": expected}) == 1

    async def write_intent(self, grant_id: str, *, owner: str, generation: int) -> bool:
        """Note that `owner`, who holds the lease, is about to spend the refresh token."""
        values = {"the_grant": grant_id, "the_owner": owner, "the_generation": generation}
        return await self._change(statements.WRITE_INTENT, values) == 1

    async def acquire_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Take the lease if it is free or has run out; False while another holds it."""
        values = {
            "the_grant": grant_id,
            "the_owner": owner,
            "the_time": now,
            "the_end": now + ttl,
            "the_latest": now + ttl * LONGEST_LEASE,
        }
        return await self._change(statements.ACQUIRE_LEASE, values) == 1

    async def renew_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Extend the lease; False when it is no longer `owner`'s."""
        values = {"the_grant": grant_id, "the_owner": owner, "the_end": now + ttl}
        return await self._change(statements.RENEW_LEASE, values) == 1

    async def release_lease(self, grant_id: str, *, owner: str) -> None:
        """Give the lease back, if it is still `owner`'s."""
        await self._change(statements.RELEASE_LEASE, {"the_grant": grant_id, "the_owner": owner})

    async def reseal_grant(self, row: GrantRow, *, before: bytes) -> bool:
        """Put `row.sealed` in the place of `before`, and change nothing else."""
        values = {
            "the_grant": row.grant_id,
            "the_generation": row.generation,
            "the_sealed": before,
            "sealed": row.sealed,
        }
        return await self._change(statements.RESEAL_GRANT, values) == 1

    async def list_grants(self, *, after: str = "", limit: int = 500) -> Sequence[GrantRow]:
        """Rows of every status whose ids come after `after`, in the order of their ids."""
        found = await self._rows(statements.LIST_GRANTS, the_grant=after, the_limit=limit)
        return [statements.grant_row(row) for row in found]

    async def delete_grant(self, grant_id: str) -> bool:
        """Forget a grant that is not live, its tombstone included; False when there was none."""
        return await self._change(statements.DELETE_DEAD_GRANT, {"the_grant": grant_id}) == 1

    async def sweep_grants(self, *, before: float, limit: int = 500) -> int:
        """Delete up to `limit` rows that are not live and were written before then; how many."""
        named = {"the_time": before, "the_limit": limit}
        return await self._sweep(statements.LIST_DEAD_GRANTS, named, statements.DELETE_DEAD_GRANT)

    async def add_record(self, record: Record) -> bool:
        """Insert; False when (kind, id) exists and has not expired at `record.created_at`."""
        # Each step leaves the others' work alone: of two that find an expired one, the first
        # replaces it, and the second then finds nothing that has expired.
        values = msgspec.structs.asdict(record)
        return (
            await self._insert(statements.ADD_RECORD, values)
            or await self._change(statements.REPLACE_EXPIRED, statements.successor(record)) == 1
            or await self._insert(statements.ADD_RECORD, values)  # it was swept in between
        )

    async def get_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """The record, unless it has expired."""
        found = await self._rows(statements.GET_RECORD, the_kind=kind, the_id=id, the_time=now)
        return statements.record(found[0]) if found else None

    async def take_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """Get and delete in one step: of many callers, one gets it."""
        named = {"the_kind": kind, "the_id": id, "the_time": now}
        for attempt in self._database.changes():
            with attempt:
                if self._can_take:
                    found = await self._fetch(statements.TAKE_RECORD, named)
                else:
                    found = await self._lock_and_delete(named)
                return statements.record(found[0]) if found else None
        raise AssertionError("the last attempt raises")

    async def update_record(self, record: Record) -> bool:
        """Replace payload, `seen_at` and `expires_at` of an existing record; False if gone."""
        return await self._change(statements.UPDATE_RECORD, statements.changes(record)) == 1

    async def swap_record(self, record: Record, *, before: bytes) -> bool:
        """As `update_record`, if the payload is still `before`."""
        values = statements.changes(record) | {"the_payload": before}
        return await self._change(statements.SWAP_RECORD, values) == 1

    async def delete_record(self, kind: str, id: str) -> bool:
        """Delete; False when there was none."""
        return await self._change(statements.DELETE_RECORD, {"the_kind": kind, "the_id": id}) == 1

    async def list_records(
        self, kind: str, *, now: float, owner: str | None = None, limit: int = 1000
    ) -> Sequence[Record]:
        """Unexpired records of a kind (of one owner), newest first."""
        if owner is None:
            found = await self._rows(
                statements.LIST_KIND, the_kind=kind, the_time=now, the_limit=limit
            )
        else:
            found = await self._rows(
                statements.LIST_OWNED, the_kind=kind, the_time=now, the_limit=limit, the_owner=owner
            )
        return [statements.record(row) for row in found]

    async def scan_records(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> Sequence[Record]:
        """Records of all kinds whose (kind, id) comes after `after`, in that order."""
        kind, id = after
        named = {"the_kind": kind, "the_limit": limit}
        found = list(await self._rows(statements.SCAN_KIND, the_id=id, **named))
        if len(found) < limit:
            named["the_limit"] = limit - len(found)
            found += await self._rows(statements.SCAN_LATER_KINDS, **named)
        return [statements.record(row) for row in found]

    async def delete_owned(self, kind: str, owner: str) -> int:
        """Delete every record of a kind and owner; how many there were."""
        return await self._change(statements.DELETE_OWNED, {"the_kind": kind, "the_owner": owner})

    async def sweep(self, *, now: float, limit: int = 500) -> int:
        """Delete up to `limit` expired records; how many were deleted."""
        named = {"the_time": now, "the_limit": limit}
        return await self._sweep(statements.LIST_EXPIRED, named, statements.DELETE_RECORD)

    def __repr__(self) -> str:
        """The URL without a password, and without options, which may hold another."""
        return f"{type(self).__name__}({self._database.url.set(query={}).render_as_string()!r})"

    async def _disconnect(self) -> None:
        engine = self._engines.pop(Place.here(), None)
        if engine is not None:
            await engine.dispose()

    @property
    def _engine(self) -> AsyncEngine:
        """The engine of this process and event loop, outside which no connection works.

        A child of a fork leaves its parent's where it is: to close a connection
        would end the parent's as well.
        """
        here = Place.here()
        engine = self._engines.get(here)
        if engine is None:
            for place in [each for each in self._engines if each.is_gone()]:
                del self._engines[place]
            engine = self._engines.setdefault(here, self._new_engine())
        return engine

    def _new_engine(self) -> AsyncEngine:
        driver = self._database.async_driver
        engine = create_async_engine(driver.url, **driver.options)
        self._database.set_up(engine.sync_engine)
        return engine

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that may write; committed unless the block raises."""
        async with self._engine.connect() as connection:
            try:
                await connection.exec_driver_sql(self._database.begin)
                yield connection
                await connection.commit()
            except BaseException:
                await connection.invalidate()  # its transaction ends with it
                raise

    async def _sweep(
        self, find: statements.Statement, named: Mapping[str, object], remove: statements.Statement
    ) -> int:
        """Delete what `find` finds; how many rows that were."""
        for attempt in self._database.changes():
            with attempt:
                async with self._writing() as connection:
                    result = await connection.execute(find, named)
                    found = [dict(row) for row in result.mappings()]
                    if found:
                        await connection.execute(remove, found)
                    return len(found)
        raise AssertionError("the last attempt raises")

    async def _lock_and_delete(self, named: Mapping[str, object]) -> Sequence[statements.Found]:
        """Take a record where a DELETE gives nothing back."""
        async with self._writing() as connection:
            found = (await connection.execute(statements.LOCK_RECORD, named)).mappings().all()
            if found:
                await connection.execute(statements.DELETE_RECORD, named)
            return found

    async def _fetch(
        self, statement: statements.Statement, values: Mapping[str, object]
    ) -> Sequence[statements.Found]:
        """What one statement gives, at one go."""
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, values)).mappings().all()

    async def _rows(
        self, statement: statements.Statement, **values: object
    ) -> Sequence[statements.Found]:
        """What a statement that only reads finds."""
        for attempt in self._database.reads():
            with attempt:
                return await self._fetch(statement, values)
        raise AssertionError("the last attempt raises")

    async def _change(self, statement: statements.Statement, values: Mapping[str, object]) -> int:
        """How many rows one statement changed. Alone it needs no transaction."""
        for attempt in self._database.changes():
            with attempt:
                async with self._engine.connect() as connection:
                    return (await connection.execute(statement, values)).rowcount
        raise AssertionError("the last attempt raises")

    async def _insert(self, statement: statements.Statement, values: Mapping[str, object]) -> bool:
        """Insert one row; False when its key is taken."""
        try:
            await self._change(statement, values)
        except _sql.KeyTaken:
            return False
        return True
