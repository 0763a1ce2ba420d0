"""`AsyncRateBudget`: keeps to Roblox's rate limits before Roblox has to say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rblx_oauth._async.closing import AsyncClosing
from rblx_oauth.core.budget import Bucket, Ledger
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.message import Response
from rblx_oauth.errors import BudgetExhausted, ConfigurationError

if TYPE_CHECKING:
    from rblx_oauth._async.shared_counts import AsyncSharedCounts
    from rblx_oauth._async.stores.base import AsyncStore


class AsyncRateBudget(AsyncClosing):
    """Counts requests against Roblox's limits, and holds back those that would pass one.

    Limits are those of the catalogue per token and per API key, those per
    universe of data stores, and what answers say (``x-ratelimit-*``,
    ``Retry-After``). Every try of a call counts. Give one budget to all clients
    that share a credential or a universe.

    Args:
        storage: Where requests are counted: ``memory://`` for this process
            alone, ``redis://host:port/0`` (``rediss://`` for TLS), or a token
            store, for all that are given the same. What answers say is kept by
            each process. While Redis or the store cannot be reached, requests
            go out uncounted.
        wait: Whether a call waits for room. It never waits past its deadline:
            it is refused at once if there is none in time.
        max_wait: Seconds that one try waits at most.

    Raises:
        ConfigurationError: An argument cannot work, or the extra that the
            storage needs is not installed.
    """

    def __init__(
        self,
        storage: str | AsyncStore = "memory://",
        *,
        wait: bool = True,
        max_wait: float | None = None,
    ) -> None:
        if max_wait is not None and not max_wait >= 0:
            raise ConfigurationError("max_wait must be a number of seconds, or None")
        self._patience = float("inf") if max_wait is None else max_wait
        if not wait:
            self._patience = 0.0
        self._shared = None if storage == "memory://" else _shared_counts(storage)
        self._ledger = Ledger(counts=self._shared is None)

    async def acquire(
        self, wanted: Sequence[Bucket], *, operation: str, clock: Clock, deadline: float
    ) -> None:
        """Take a slot of every bucket, when there is room in all of them.

        Args:
            wanted: What the request counts against (`rblx_oauth.core.budget.buckets`).
            operation: What errors call it.
            clock: The time.
            deadline: When the call must have ended, by the clock's `monotonic`.

        Raises:
            BudgetExhausted: There will be none in time.
        """
        until = min(deadline, clock.monotonic() + self._patience)
        while pause := await self._take(wanted, clock):
            if not clock.monotonic() + pause < until:  # nor if that is not a number
                raise BudgetExhausted(retry_after=pause, operation=operation)
            await clock.async_sleep(pause)

    def answered(self, asked: Sequence[Bucket], response: Response, clock: Clock) -> None:
        """Heed what an answer says of the limits that its request counted against."""
        self._ledger.answered(asked, response, now=clock.monotonic(), epoch=clock.now())

    async def aclose(self) -> None:
        """Let go of connections to Redis; a store is its owner's to close."""
        if self._shared is not None:
            await self._shared.aclose()

    async def _take(self, wanted: Sequence[Bucket], clock: Clock) -> float:
        """Take a slot of each; or return the seconds until there may be one."""
        if self._shared is not None:
            pause = self._ledger.wait(wanted, clock.monotonic())
            pause = pause or await self._shared.take(wanted, clock)
            if pause:
                return pause
        return self._ledger.take(wanted, clock.monotonic())


def _shared_counts(storage: str | AsyncStore) -> AsyncSharedCounts:
    # Imported where it is needed: it brings what seals a store along.
    from rblx_oauth._async.shared_counts import AsyncRedisCounts, AsyncStoredCounts

    return AsyncRedisCounts(storage) if isinstance(storage, str) else AsyncStoredCounts(storage)
