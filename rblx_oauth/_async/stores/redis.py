"""`AsyncRedisStore`: a store in Redis, shared by processes and machines."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.exceptions import NoScriptError

from rblx_oauth._async.redis_link import AsyncRedisLink
from rblx_oauth._async.stores.base import LONGEST_LEASE, AsyncStore
from rblx_oauth._redis import address, keys, opening, rows, scripts
from rblx_oauth._redis.errors import is_dropped, is_mistake, translated_errors
from rblx_oauth._redis.rows import Part
from rblx_oauth._redis.scripts import Script
from rblx_oauth._redis.weaknesses import weaknesses
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.errors import StoreError
from rblx_oauth.vault import Vault

PORTION = 500
"""Records that are fetched at once while a whole kind is looked through."""


class AsyncRedisStore(AsyncStore):
    """Keeps grants and records in one Redis, under keys that begin with ``{rblx-oauth}:``.

    Safe for any number of threads, tasks, processes and machines. Each change
    is one script, each look at a grant or a record one round trip. Redis lets
    expired records go by itself, an hour late; grants stay until they are
    deleted. It may be opened before a server forks: a child makes its own
    connections.

    All keys have one hash tag, so they are in one slot: a proxy that routes by
    slot serves the store. A bare node of Redis Cluster is refused, unless it
    holds that slot.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads them; or
            ``redis+sentinel://host:26379,host:26379/primary/0``.
        vault: Seals what goes in.
        timeout: Seconds to wait for a connection or an answer before `StoreUnavailable`.

    Raises:
        ConfigurationError: The URL, the password or what is stored is not usable.
        StoreUnavailable: Redis cannot be reached now.
    """

    def __init__(self, url: str, vault: Vault, *, timeout: float = 5.0) -> None:
        super().__init__(vault)
        where = address.read(url)
        self._name = where.name
        opening.prepare(where, timeout=timeout)
        self._link = AsyncRedisLink(where, timeout=timeout)

    async def time(self) -> float:
        """Redis's own."""
        seconds, microseconds = await self._read("TIME")
        return int(seconds) + int(microseconds) / 1e6

    async def get_grant(self, grant_id: str) -> GrantRow | None:
        """The row, whatever its status."""
        found = await self._read("HMGET", keys.grant_key(grant_id), *rows.GRANT_FIELDS)
        return rows.grant_row(grant_id, found)

    async def swap_grant(self, row: GrantRow, *, expected: int | None) -> bool:
        """Write `row` if the stored generation is `expected`; None: if there is no row."""
        return await self._change(
            scripts.SWAP_GRANT,
            keys.grant_key(row.grant_id),
            row.grant_id,
            "" if expected is None else expected,
            row.status,
            row.updated_at,
            *rows.parts(row, rows.GRANT_FIELDS),
        )

    async def write_intent(self, grant_id: str, *, owner: str, generation: int) -> bool:
        """Note that `owner`, who holds the lease, is about to spend the refresh token."""
        key = keys.grant_key(grant_id)
        return await self._change(scripts.WRITE_INTENT, key, owner, generation)

    async def acquire_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Take the lease if it is free or has run out; False while another holds it."""
        until, latest = now + ttl, now + ttl * LONGEST_LEASE
        key = keys.grant_key(grant_id)
        return await self._change(scripts.ACQUIRE_LEASE, key, owner, now, until, latest)

    async def renew_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Extend the lease; False when it is no longer `owner`'s."""
        key = keys.grant_key(grant_id)
        return await self._change(scripts.RENEW_LEASE, key, owner, now + ttl)

    async def release_lease(self, grant_id: str, *, owner: str) -> None:
        """Give the lease back, if it is still `owner`'s."""
        await self._change(scripts.RELEASE_LEASE, keys.grant_key(grant_id), owner)

    async def reseal_grant(self, row: GrantRow, *, before: bytes) -> bool:
        """Put `row.sealed` in the place of `before`, and change nothing else."""
        key = keys.grant_key(row.grant_id)
        return await self._change(scripts.RESEAL_GRANT, key, row.generation, before, row.sealed)

    async def list_grants(self, *, after: str = "", limit: int = 500) -> Sequence[GrantRow]:
        """Rows of every status whose ids come after `after`, in the order of their ids."""
        grants: list[GrantRow] = []
        while len(grants) < limit:
            ids = await self._names(keys.GRANTS, after, limit - len(grants))
            if not ids:
                break
            found = await self._read_all(
                [("HMGET", keys.grant_key(each), *rows.GRANT_FIELDS) for each in ids]
            )
            pairs = zip(ids, found, strict=True)
            grants += [row for id, each in pairs if (row := rows.grant_row(id, each))]
            after = ids[-1]
        return grants

    async def delete_grant(self, grant_id: str) -> bool:
        """Forget a grant that is not live, its tombstone included; False when there was none."""
        return await self._change(scripts.DELETE_GRANT, keys.grant_key(grant_id), grant_id)

    async def sweep_grants(self, *, before: float, limit: int = 500) -> int:
        """Delete up to `limit` rows that are not live and were written before then; how many."""
        return int(await self._run(scripts.SWEEP_GRANTS, keys.DEAD_GRANTS, before, limit))

    async def add_record(self, record: Record) -> bool:
        """Insert; False when (kind, id) exists and has not expired at `record.created_at`."""
        return await self._change(
            scripts.ADD_RECORD,
            keys.record_key(record.kind, record.id),
            record.kind,
            record.id,
            record.owner,
            record.created_at,
            record.expires_at,
            rows.milliseconds(record),
            *rows.parts(record, rows.RECORD_FIELDS),
        )

    async def get_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """The record, unless it has expired."""
        key = keys.record_key(kind, id)
        record = rows.record(kind, id, await self._read("HMGET", key, *rows.RECORD_FIELDS))
        return record if record is not None and record.expires_at > now else None

    async def take_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """Get and delete in one step: of many callers, one gets it."""
        key = keys.record_key(kind, id)
        found = await self._run(scripts.TAKE_RECORD, key, kind, id, now, *rows.RECORD_FIELDS)
        return rows.record(kind, id, found) if found else None

    async def update_record(self, record: Record) -> bool:
        """Replace payload, `seen_at` and `expires_at` of an existing record; False if gone."""
        return await self._put(record)

    async def swap_record(self, record: Record, *, before: bytes) -> bool:
        """As `update_record`, if the payload is still `before`."""
        return await self._put(record, before)

    async def delete_record(self, kind: str, id: str) -> bool:
        """Delete; False when there was none."""
        return await self._change(scripts.DELETE_RECORD, keys.record_key(kind, id), kind, id)

    async def list_records(
        self, kind: str, *, now: float, owner: str | None = None, limit: int = 1000
    ) -> Sequence[Record]:
        """Unexpired records of a kind (of one owner), newest first.

        Without an owner every record of the kind is looked at, in portions.
        """
        newest: list[Record] = []
        portions = self._kind(kind) if owner is None else self._owned(kind, owner, now)
        async for portion in portions:
            alive = [
                each for each in portion if each.expires_at > now and owner in (None, each.owner)
            ]
            newest = heapq.nlargest(limit, newest + alive, key=lambda each: each.created_at)
        return newest

    async def scan_records(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> Sequence[Record]:
        """Records of all kinds whose (kind, id) comes after `after`, in that order."""
        records: list[Record] = []
        name = "\0".join(after) if any(after) else ""
        while len(records) < limit:
            names = await self._names(keys.RECORDS, name, limit - len(records))
            if not names:
                break
            records += await self._records(names)
            name = names[-1]
        return records

    async def delete_owned(self, kind: str, owner: str) -> int:
        """Delete every record of a kind and owner; how many there were."""
        key = keys.owner_key(kind, owner)
        return int(await self._run(scripts.DELETE_OWNED, key, kind, owner))

    async def sweep(self, *, now: float, limit: int = 500) -> int:
        """Delete up to `limit` expired records; how many were deleted."""
        return int(await self._run(scripts.SWEEP, keys.EXPIRY, now, limit))

    async def weaknesses(self) -> Sequence[str]:
        """What in its set-up may lose what it keeps: each a plain sentence, none if all is well."""
        save = await self._setting("CONFIG", "GET", "save")
        saves = bool(save[1]) if save else None
        return weaknesses(await self._setting("INFO"), saves)

    def __repr__(self) -> str:
        """The address without a password."""
        return f"{type(self).__name__}({self._name!r})"

    async def _disconnect(self) -> None:
        await self._link.aclose()

    async def _put(self, record: Record, *before: bytes) -> bool:
        return await self._change(
            scripts.CHANGE_RECORD,
            keys.record_key(record.kind, record.id),
            record.kind,
            record.id,
            record.payload,
            record.seen_at,
            record.expires_at,
            rows.milliseconds(record),
            *before,
        )

    async def _kind(self, kind: str) -> AsyncIterator[list[Record]]:
        """All records of a kind, in portions."""
        name = prefix = f"{kind}\0"
        while True:
            found = await self._names(keys.RECORDS, name, PORTION)
            names = [each for each in found if each.startswith(prefix)]
            yield await self._records(names)
            if len(names) < PORTION:
                return
            name = names[-1]

    async def _owned(self, kind: str, owner: str, now: float) -> AsyncIterator[list[Record]]:
        """An owner's records of a kind that have not expired, in portions."""
        key = keys.owner_key(kind, owner)
        found = await self._read("ZRANGEBYSCORE", key, f"({now!r}", "+inf")
        names = [f"{kind}\0{id.decode()}" for id in found]
        for start in range(0, len(names), PORTION):
            yield await self._records(names[start : start + PORTION])

    async def _names(self, index: str, after: str, limit: int) -> list[str]:
        """What comes after `after` in an index, in order."""
        least = f"({after}" if after else "-"
        found = await self._read("ZRANGEBYLEX", index, least, "+", "LIMIT", 0, limit)
        return [name.decode() for name in found]

    async def _records(self, names: Sequence[str]) -> list[Record]:
        """Those of the records named that are there."""
        pairs = [keys.kind_and_id(name) for name in names]
        found = await self._read_all(
            [("HMGET", keys.record_key(*pair), *rows.RECORD_FIELDS) for pair in pairs]
        )
        each = (rows.record(*pair, row) for pair, row in zip(pairs, found, strict=True))
        return [record for record in each if record is not None]

    async def _setting(self, *command: str) -> Any:
        """What Redis says of itself; None if it does not tell."""
        try:
            return await self._read(*command)
        except StoreError as error:
            if not is_mistake(error):
                raise
            return None

    async def _read(self, *command: Part) -> Any:
        """The answer to a command that only reads."""
        return (await self._read_all([command]))[0]

    async def _read_all(self, commands: Sequence[Sequence[Part]]) -> list[Any]:
        """Answers to commands that only read; asked once more when the connection breaks."""
        if not commands:
            return []
        with translated_errors():
            try:
                return await self._link.calls(commands)
            except Exception as error:
                if not is_dropped(error):
                    raise
            return await self._link.calls(commands)

    async def _change(self, script: Script, key: str, *arguments: Part) -> bool:
        """Whether a script changed something."""
        return bool(await self._run(script, key, *arguments))

    async def _run(self, script: Script, key: str, *arguments: Part) -> Any:
        """What a script answers. It is sent once: whether a lost one ran, nobody knows."""
        with translated_errors():
            try:
                return await self._link.call("EVALSHA", script.sha, 1, key, *arguments)
            except NoScriptError:  # and so nothing was run
                return await self._link.call("EVAL", script.text, 1, key, *arguments)
