"""Keeping the store small: what has expired is deleted, what was put off is tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf

from flask_ext.state import BATCH, State
from rblx_oauth.oauth.renewal import REFRESH_TOKEN_SECONDS


@dataclass
class Sweep:
    """Deletes and tries again, batch by batch, and counts as it goes.

    Safe beside a site and beside another sweep: every batch stands by itself,
    and of two sweeps that find the same thing one deletes it.

    Args:
        state: The app's.
        batch: How much to do at a time.
        max_seconds: How long to go on beginning batches; None for as long as it takes.
        dead_after: Seconds for which grants that ended are remembered: by default as long as
            Roblox's refresh tokens live, after which nothing is left of them.

    Raises:
        ValueError: `batch` is not above 0.

    Attributes:
        records: Expired sessions, logins and the like that were deleted.
        grants: Grants of people who logged out or were lost that were deleted.
        revocations: Revocations that Roblox confirmed at last.
        out_of_time: Whether something was left for the next sweep.
    """

    state: State = field(repr=False)
    batch: int = BATCH
    max_seconds: float | None = None
    dead_after: float = REFRESH_TOKEN_SECONDS
    records: int = field(default=0, init=False)
    grants: int = field(default=0, init=False)
    revocations: int = field(default=0, init=False)
    out_of_time: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError("batch must be 1 or more")

    def run(self) -> None:
        """Do all of it.

        Raises:
            StoreUnavailable: The store cannot be reached; what is done stays done.
            TransportError, ProtocolError, ApiError, TokenError: Roblox did not confirm a
                revocation; it stays queued.
        """
        batch, now = self.batch, self.state.clock.now()
        store, oauth = self.state.here.store, self.state.here.oauth
        dead = now - self.dead_after
        end = inf if self.max_seconds is None else self._monotonic() + self.max_seconds
        for done in self._batches(lambda: store.sweep(now=now, limit=batch), end):
            self.records += done
        for done in self._batches(lambda: store.sweep_grants(before=dead, limit=batch), end):
            self.grants += done
        for done in self._batches(lambda: oauth.retry_revocations(store, limit=batch), end):
            self.revocations += done

    def _batches(self, work: Callable[[], int], end: float) -> Iterator[int]:
        """What each call of `work` did, until one finds less than a batch or time is up."""
        done = self.batch
        while done == self.batch and not self.out_of_time:
            self.out_of_time = self._monotonic() >= end
            if not self.out_of_time:
                yield (done := work())

    def _monotonic(self) -> float:
        return self.state.clock.monotonic()
