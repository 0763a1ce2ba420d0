"""`AsyncMemoryStore`: a store for tests, scripts and single-process sites."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from rblx_oauth._async.stores.base import LONGEST_LEASE, AsyncStore
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.runtime.aio import Lock
from rblx_oauth.vault import Vault


class AsyncMemoryStore(AsyncStore):
    """Keeps everything in this process, and forgets it with the process.

    Args:
        vault: Seals what goes in; a vault with a random key by default.
    """

    def __init__(self, vault: Vault | None = None) -> None:
        super().__init__(vault or Vault([Vault.generate_key()]))
        self._lock = Lock()
        self._grants: dict[str, GrantRow] = {}
        self._leases: dict[str, tuple[str, float]] = {}
        self._records: dict[tuple[str, str], Record] = {}

    async def get_grant(self, grant_id: str) -> GrantRow | None:
        """The row, whatever its status."""
        return self._grants.get(grant_id)

    async def swap_grant(self, row: GrantRow, *, expected: int | None) -> bool:
        """Write `row` if the stored generation is `expected`; None: if there is no row."""
        with self._lock:
            stored = self._grants.get(row.grant_id)
            if (stored.generation if stored else None) != expected:
                return False
            self._grants[row.grant_id] = row
            return True

    async def write_intent(self, grant_id: str, *, owner: str, generation: int) -> bool:
        """Note that `owner`, who holds the lease, is about to spend the refresh token."""
        with self._lock:
            stored = self._grants.get(grant_id)
            if stored is None or stored.generation != generation:
                return False
            if self._leases.get(grant_id, ("", 0.0))[0] != owner:
                return False
            self._grants[grant_id] = structs.replace(stored, intent=owner)
            return True

    async def acquire_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Take the lease if it is free or has run out; False while another holds it."""
        with self._lock:
            if grant_id not in self._grants:
                return False
            holder, until = self._leases.get(grant_id, (owner, now))
            if holder != owner and now < until <= now + ttl * LONGEST_LEASE:
                return False
            self._leases[grant_id] = (owner, now + ttl)
            return True

    async def renew_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Extend the lease; False when it is no longer `owner`'s."""
        with self._lock:
            if self._leases.get(grant_id, ("", 0.0))[0] != owner:
                return False
            self._leases[grant_id] = (owner, now + ttl)
            return True

    async def release_lease(self, grant_id: str, *, owner: str) -> None:
        """Give the lease back, if it is still `owner`'s."""
        with self._lock:
            if self._leases.get(grant_id, ("", 0.0))[0] == owner:
                del self._leases[grant_id]

    async def reseal_grant(self, row: GrantRow, *, before: bytes) -> bool:
        """Put `row.sealed` in the place of `before`, and change nothing else."""
        with self._lock:
            stored = self._grants.get(row.grant_id)
            if stored is None or (stored.generation, stored.sealed) != (row.generation, before):
                return False
            self._grants[row.grant_id] = structs.replace(stored, sealed=row.sealed)
            return True

    async def list_grants(self, *, after: str = "", limit: int = 500) -> Sequence[GrantRow]:
        """Rows of every status whose ids come after `after`, in the order of their ids."""
        with self._lock:
            ids = sorted(each for each in self._grants if each > after)[:limit]
            return [self._grants[each] for each in ids]

    async def delete_grant(self, grant_id: str) -> bool:
        """Forget a grant that is not live, its tombstone included; False when there was none."""
        with self._lock:
            stored = self._grants.get(grant_id)
            if stored is None or stored.status == "live":
                return False
            del self._grants[grant_id]
            self._leases.pop(grant_id, None)
            return True

    async def sweep_grants(self, *, before: float, limit: int = 500) -> int:
        """Delete up to `limit` rows that are not live and were written before then; how many."""
        with self._lock:
            dead = [
                each.grant_id
                for each in self._grants.values()
                if each.status != "live" and each.updated_at < before
            ]
            for grant_id in dead[:limit]:
                del self._grants[grant_id]
                self._leases.pop(grant_id, None)
        return len(dead[:limit])

    async def add_record(self, record: Record) -> bool:
        """Insert; False when (kind, id) exists and has not expired at `record.created_at`."""
        key = (record.kind, record.id)
        with self._lock:
            if self._unexpired(key, record.created_at) is not None:
                return False
            self._records[key] = record
            return True

    async def get_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """The record, unless it has expired."""
        return self._unexpired((kind, id), now)

    async def take_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """Get and delete in one step: of many callers, one gets it."""
        with self._lock:
            found = self._unexpired((kind, id), now)
            if found is not None:
                del self._records[kind, id]
            return found

    async def update_record(self, record: Record) -> bool:
        """Replace payload, `seen_at` and `expires_at` of an existing record; False if gone."""
        return self._put(record, before=None)

    async def swap_record(self, record: Record, *, before: bytes) -> bool:
        """As `update_record`, if the payload is still `before`."""
        return self._put(record, before=before)

    async def delete_record(self, kind: str, id: str) -> bool:
        """Delete; False when there was none."""
        return self._records.pop((kind, id), None) is not None

    async def list_records(
        self, kind: str, *, now: float, owner: str | None = None, limit: int = 1000
    ) -> Sequence[Record]:
        """Unexpired records of a kind (of one owner), newest first."""
        with self._lock:
            found = [
                record
                for record in self._records.values()
                if record.kind == kind and record.expires_at > now and owner in (None, record.owner)
            ]
        return sorted(found, key=lambda record: record.created_at, reverse=True)[:limit]

    async def scan_records(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> Sequence[Record]:
        """Records of all kinds whose (kind, id) comes after `after`, in that order."""
        with self._lock:
            keys = sorted(each for each in self._records if each > after)[:limit]
            return [self._records[each] for each in keys]

    async def delete_owned(self, kind: str, owner: str) -> int:
        """Delete every record of a kind and owner; how many there were."""
        with self._lock:
            keys = [
                key
                for key, record in self._records.items()
                if record.kind == kind and record.owner == owner
            ]
            for key in keys:
                del self._records[key]
        return len(keys)

    async def sweep(self, *, now: float, limit: int = 500) -> int:
        """Delete up to `limit` expired records; how many were deleted."""
        with self._lock:
            expired = [key for key, record in self._records.items() if record.expires_at <= now]
            for key in expired[:limit]:
                del self._records[key]
        return len(expired[:limit])

    async def _disconnect(self) -> None:
        """There is nothing to let go of."""

    def _put(self, record: Record, *, before: bytes | None) -> bool:
        with self._lock:
            stored = self._records.get((record.kind, record.id))
            if stored is None or before not in (None, stored.payload):
                return False
            self._records[record.kind, record.id] = structs.replace(
                stored,
                payload=record.payload,
                seen_at=record.seen_at,
                expires_at=record.expires_at,
            )
            return True

    def _unexpired(self, key: tuple[str, str], now: float) -> Record | None:
        record = self._records.get(key)
        return record if record is not None and record.expires_at > now else None
