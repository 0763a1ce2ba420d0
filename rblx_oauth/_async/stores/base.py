"""What a token store must do. Two small tables: grants, and records that expire.

Stores hold opaque bytes; sealing and unsealing happen above them, with the
store's `vault`. Times are epoch seconds given by the caller, so that every
decision about time is made by one clock: the machine's, and for leases that
of `time`, where the store has one. Ids are stored as they are given: a
caller whose id is a secret (a session id in a cookie) hashes it first, so
that whoever reads the table cannot use it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from rblx_oauth._async.closing import AsyncClosing
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.oauth.grant_rows import Held
from rblx_oauth.oauth.renewal import WRITE_AGAIN_SECONDS, Ledger
from rblx_oauth.runtime.aio import Insistence, SingleFlight
from rblx_oauth.vault import Vault

LONGEST_LEASE = 10
"""How many times its own a worker takes another's lease to be, at most."""


class AsyncStore(AsyncClosing):
    """Grants with a generation and a lease, and records with an expiry.

    Every method raises `StoreUnavailable` when the store cannot be reached,
    and then nothing has been lost.

    Attributes:
        vault: Seals what goes in.
        flights: The refreshes under way in this process.
        writing: Tries to store the tokens that were refreshed and not taken.
        ledger: What this process knows besides what is stored.
    """

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.flights: SingleFlight[Held] = SingleFlight()
        self.writing = Insistence(every=WRITE_AGAIN_SECONDS)
        self.ledger = Ledger()

    async def time(self) -> float | None:
        """The clock that leases go by, in epoch seconds; None: that of the machine.

        A store that several machines share has one, since theirs may differ.
        """
        return None

    # Grants: one row per (issuer, client, subject).

    @abstractmethod
    async def get_grant(self, grant_id: str) -> GrantRow | None:
        """The row, whatever its status."""

    @abstractmethod
    async def swap_grant(self, row: GrantRow, *, expected: int | None) -> bool:
        """Write `row` if the stored generation is `expected`; None: if there is no row.

        Clears the intent of the generation it replaces and keeps the lease.
        This compare-and-swap is what guarantees one owner of a refresh token;
        a row that was ended (`GrantRow.status`) has a generation of its own,
        so a late writer always fails.
        """

    @abstractmethod
    async def write_intent(self, grant_id: str, *, owner: str, generation: int) -> bool:
        """Note that `owner`, who holds the lease, is about to spend the refresh token.

        False when the generation moved on or the lease is another's.
        """

    @abstractmethod
    async def acquire_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Take the lease if it is free or has run out; False while another holds it.

        One that ends more than `LONGEST_LEASE` times `ttl` from now is of a
        time when the clock was ahead, and counts as run out: if its holder
        died then, the grant would be stuck until the clock is there again.
        """

    @abstractmethod
    async def renew_lease(self, grant_id: str, *, owner: str, now: float, ttl: float) -> bool:
        """Extend the lease; False when it is no longer `owner`'s."""

    @abstractmethod
    async def release_lease(self, grant_id: str, *, owner: str) -> None:
        """Give the lease back, if it is still `owner`'s."""

    @abstractmethod
    async def reseal_grant(self, row: GrantRow, *, before: bytes) -> bool:
        """Put `row.sealed` in the place of `before`, and change nothing else.

        For the rotation of keys: the generation stays. False when the row has
        moved on from `row.generation`, or holds something else by now.
        """

    @abstractmethod
    async def list_grants(self, *, after: str = "", limit: int = 500) -> Sequence[GrantRow]:
        """Rows of every status whose ids come after `after`, in the order of their ids."""

    @abstractmethod
    async def delete_grant(self, grant_id: str) -> bool:
        """Forget a grant that is not live, its tombstone included; False when there was none.

        A late writer finds no row to swap, and fails as it does on a tombstone. Who
        logged in again meanwhile is not forgotten.
        """

    @abstractmethod
    async def sweep_grants(self, *, before: float, limit: int = 500) -> int:
        """Delete up to `limit` rows that are not live and were written before then; how many."""

    # Records: sessions, login transactions, queued revocations, webhook ids, counts of requests.

    @abstractmethod
    async def add_record(self, record: Record) -> bool:
        """Insert; False when (kind, id) exists and has not expired at `record.created_at`."""

    @abstractmethod
    async def get_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """The record, unless it has expired."""

    @abstractmethod
    async def take_record(self, kind: str, id: str, *, now: float) -> Record | None:
        """Get and delete in one step: of many callers, one gets it."""

    @abstractmethod
    async def update_record(self, record: Record) -> bool:
        """Replace payload, `seen_at` and `expires_at` of an existing record; False if gone."""

    @abstractmethod
    async def swap_record(self, record: Record, *, before: bytes) -> bool:
        """As `update_record`, if the payload is still `before`; False when it is not, or gone."""

    @abstractmethod
    async def delete_record(self, kind: str, id: str) -> bool:
        """Delete; False when there was none."""

    @abstractmethod
    async def list_records(
        self, kind: str, *, now: float, owner: str | None = None, limit: int = 1000
    ) -> Sequence[Record]:
        """Unexpired records of a kind (of one owner), newest first."""

    @abstractmethod
    async def scan_records(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> Sequence[Record]:
        """Records of all kinds whose (kind, id) comes after `after`, in that order.

        Some of them may have expired and not been swept yet.
        """

    @abstractmethod
    async def delete_owned(self, kind: str, owner: str) -> int:
        """Delete every record of a kind and owner; how many there were."""

    @abstractmethod
    async def sweep(self, *, now: float, limit: int = 500) -> int:
        """Delete up to `limit` expired records; how many were deleted."""

    async def weaknesses(self) -> Sequence[str]:
        """What in its set-up may lose what it keeps: each a plain sentence, none if all is well."""
        return ()

    async def aclose(self) -> None:
        """Wait for the refreshes under way, store what could not be, then let go of connections."""
        await self.flights.wait()
        await self.writing.finish()
        await self._disconnect()

    @abstractmethod
    async def _disconnect(self) -> None:
        """Let go of connections."""
