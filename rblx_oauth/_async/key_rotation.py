"""The rotation of keys: everything in a store is sealed anew, under the newest of its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.errors import UnsealError
from rblx_oauth.oauth.grant_rows import resealed_row
from rblx_oauth.oauth.record_rows import resealed_record
from rblx_oauth.runtime.clock import SYSTEM_CLOCK

WALKS = 5
"""Walks through the store after which somebody must still be writing under an old key."""


class AsyncKeyRotation:
    """Walks through a store, in batches, until nothing is left under an old key.

    A row is swapped for the same one under the newest key if it is still what
    was read. So this may run beside a site, or several times at once, and may
    be killed at any point: running it again finishes the work. What is under
    the newest key already is not written.

    Args:
        store: With the new key in front of the old ones.
        batch: Rows read at a time.
        clock: The time.

    Raises:
        ValueError: `batch` is not above 0.

    Attributes:
        resealed: Rows sealed anew until now.
        newest: Rows that were under the newest key before.
        moved_on: Rows that somebody else wrote or deleted at that very moment.
        unknown: Rows that no key here opens, by the name of the key that would.
        damaged: Rows that were changed, or do not belong where they are.
        settled: Whether the last walk found nothing to seal.
    """

    def __init__(self, store: AsyncStore, *, batch: int = 500, clock: Clock = SYSTEM_CLOCK) -> None:
        if batch < 1:
            raise ValueError("batch must be 1 or more")
        self._store = store
        self._batch = batch
        self._clock = clock
        self.resealed = self.newest = self.moved_on = self.damaged = 0
        self.unknown: Counter[str] = Counter()
        self.settled = False

    @property
    def complete(self) -> bool:
        """Whether the newest key opens everything, so that the others can be taken out."""
        return self.settled and not self.unknown and not self.damaged

    async def run(self) -> None:
        """Do all of it.

        Raises:
            StoreUnavailable: The store cannot be reached; what is done stays done.
        """
        for number in range(WALKS):
            touched = self.resealed + self.moved_on
            await self._walk(count_newest=number == 0)
            if self.resealed + self.moved_on == touched:
                self.settled = True
                return

    async def _walk(self, *, count_newest: bool) -> None:
        self.damaged = 0
        self.unknown.clear()
        async for row in self._sealed():
            if not self._store.vault.is_newest(_payload(row)):
                await self._reseal(row)
            elif count_newest:
                self.newest += 1

    async def _sealed(self) -> AsyncIterator[GrantRow | Record]:
        """Whatever in the store is sealed, and still good for something."""
        after = ""
        while rows := await self._store.list_grants(after=after, limit=self._batch):
            after = rows[-1].grant_id
            for row in rows:
                if row.status == "live":
                    yield row
        place = ("", "")
        while records := await self._store.scan_records(after=place, limit=self._batch):
            place = (records[-1].kind, records[-1].id)
            for record in records:
                # What is not sealed (a count of requests, the id of a webhook) is no secret.
                sealed = self._store.vault.key_id(record.payload) is not None
                if sealed and record.expires_at > self._clock.now():
                    yield record

    async def _reseal(self, row: GrantRow | Record) -> None:
        try:
            swapped = await self._swap(row)
        except UnsealError:
            name = self._store.vault.key_id(_payload(row))
            if name is None or name in self._store.vault.key_ids:
                self.damaged += 1
            else:
                self.unknown[name] += 1
            return
        if swapped:
            self.resealed += 1
        else:
            self.moved_on += 1

    async def _swap(self, row: GrantRow | Record) -> bool:
        vault, sealed = self._store.vault, _payload(row)
        if isinstance(row, GrantRow):
            return await self._store.reseal_grant(resealed_row(vault, row), before=sealed)
        return await self._store.swap_record(resealed_record(vault, row), before=sealed)


def _payload(row: GrantRow | Record) -> bytes:
    return row.sealed if isinstance(row, GrantRow) else row.payload
