"""Renewing a token: what to do next, decided without a socket, a store or a pause.

`rblx_oauth.grant` carries these decisions out. The rules, in one place: a
refresh token is spent once, by one worker; a doubtful outcome is tried again
with the same token, once; and only Roblox saying ``invalid_grant``, with
nobody having rotated the token meanwhile, costs a person their login.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from rblx_oauth.core.events import RefreshOutcome
from rblx_oauth.core.rows import GrantRow
from rblx_oauth.errors import (
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    DiscoveryError,
    InvalidClient,
    ProtocolError,
    RateLimited,
    ReauthorizationRequired,
    RobloxError,
    ServerError,
    StoreError,
    TokenError,
)
from rblx_oauth.oauth.grant_rows import Held

REREAD_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds between looks for another worker's result, after ``invalid_grant``."""

WRITE_PAUSES = (0.1, 0.4, 1.5)
"""Seconds before each new try to write a refreshed token that the store did not take."""

WRITE_AGAIN_SECONDS = 1.0
"""Seconds between tries to write it after that, for as long as it takes."""

SETBACK_SECONDS = 10.0
"""How long nobody in this process refreshes ahead, or writes again, after a failure."""

LEASE_MARGIN = 5.0
"""Seconds by which a lease outlives the HTTP deadline it covers."""

REFRESH_TOKEN_SECONDS = 90 * 24 * 3600.0
"""How long Roblox's refresh tokens live: one that old is dead by itself."""

_CONNECT_PAUSES = (0.1, 0.4)
_UNCERTAIN_PAUSES = (0.2,)


class Outcome(Enum):
    """What an error says about a refresh token that was submitted.

    ``NOT_PROCESSED``: unspent for certain. ``UNCERTAIN``: perhaps spent.
    ``GONE``: Roblox does not know it. ``MISCONFIGURED``: it is the client
    that was refused. ``REFUSED``: anything else; trying again will not help.
    """

    NOT_PROCESSED = "not processed"
    UNCERTAIN = "uncertain"
    GONE = "gone"
    MISCONFIGURED = "misconfigured"
    REFUSED = "refused"


def outcome_of(error: RobloxError) -> Outcome:
    """Which outcome an error of `submit_refresh` stands for (RFC 6749 5.2)."""
    if isinstance(error, ConnectFailed | RateLimited):
        return Outcome.NOT_PROCESSED
    if isinstance(error, ConnectionLost | DeadlineExceeded | ProtocolError | ServerError):
        return Outcome.UNCERTAIN
    if isinstance(error, InvalidClient):
        return Outcome.MISCONFIGURED
    if isinstance(error, TokenError) and error.code == "invalid_grant":
        return Outcome.GONE
    return Outcome.REFUSED


def refresh_outcome(error: RobloxError) -> RefreshOutcome:
    """What an error means for the refresh that ended in it, as `RefreshEvent` says it."""
    if isinstance(error, ReauthorizationRequired):
        return _ENDS.get(error.reason, "ended")
    if isinstance(error, StoreError):
        return "store"
    unsent = isinstance(error, DeadlineExceeded) and not error.sent
    if unsent or isinstance(error, DiscoveryError):
        return "unavailable"
    return _OUTCOMES[outcome_of(error)]


_ENDS: dict[str, RefreshOutcome] = {"revoked": "revoked", "lost": "lost"}
_OUTCOMES: dict[Outcome, RefreshOutcome] = {
    Outcome.NOT_PROCESSED: "unavailable",
    Outcome.UNCERTAIN: "uncertain",
    Outcome.GONE: "revoked",
    Outcome.MISCONFIGURED: "misconfigured",
    Outcome.REFUSED: "refused",
}


class SubmitPlan:
    """When to submit the same refresh token once more. One plan for one turn at the lease.

    Args:
        longest: Seconds after which no more is waited for a provider that
            does not take the request.
    """

    def __init__(self, *, longest: float) -> None:
        self._pauses = {
            Outcome.NOT_PROCESSED: iter(_CONNECT_PAUSES),
            Outcome.UNCERTAIN: iter(_UNCERTAIN_PAUSES),
        }
        self._longest = longest

    def pause_after(self, error: RobloxError, *, elapsed: float) -> float | None:
        """Seconds to wait before the next try; None: give up and raise `error`.

        Args:
            error: What came of the last try.
            elapsed: Seconds since the first one began.
        """
        outcome = outcome_of(error)
        pause = next(self._pauses.get(outcome, iter(())), None)
        if pause is None or outcome is Outcome.UNCERTAIN:
            return pause
        if isinstance(error, RateLimited) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        return pause if elapsed + pause <= self._longest else None


def poll_pauses(*, patience: float) -> Iterator[float]:
    """Pauses between looks at a lease that another holds.

    25 ms for as long as a refresh usually takes, since a person may be waiting
    for it, then growing to 500 ms.
    """
    pause, waited = 0.025, 0.0
    while waited < patience:
        yield pause
        waited += pause
        if waited > 1.0:
            pause = min(pause * 1.5, 0.5)


@dataclass(slots=True)
class Unwritten:
    """A refreshed token that the store has not taken yet.

    Attributes:
        row: What to write.
        held: The same token, open.
        try_again_at: Monotonic seconds before which no write is tried.
    """

    row: GrantRow
    held: Held
    try_again_at: float


class Ledger:
    """What one process knows about the grants of one store, besides what is in the store."""

    def __init__(self, *, capacity: int = 65_536) -> None:
        self.unwritten: dict[str, Unwritten] = {}
        self._capacity = capacity
        self._generations: OrderedDict[str, int] = OrderedDict()
        self._setbacks: OrderedDict[str, float] = OrderedDict()

    def highest(self, grant_id: str) -> int:
        """The highest generation seen of a grant; 0 when none was.

        Ask before a row is read: one that then shows a lower generation was
        put back from somewhere older.
        """
        return self._generations.get(grant_id, 0)

    def note(self, grant_id: str, generation: int) -> None:
        """Remember that a generation was seen."""
        self._generations[grant_id] = max(generation, self.highest(grant_id))
        if len(self._generations) > self._capacity:
            self._generations.popitem(last=False)

    def settle(self, row: GrantRow) -> None:
        """`row` waits no more to be stored; a later one of its grant may have come to wait."""
        unwritten = self.unwritten.get(row.grant_id)
        if unwritten is not None and unwritten.row is row:
            self.unwritten.pop(row.grant_id, None)

    def set_back(self, grant_id: str, now: float) -> None:
        """Note that refreshing ahead failed (`now` in monotonic seconds)."""
        self._setbacks[grant_id] = now + SETBACK_SECONDS
        if len(self._setbacks) > self._capacity:
            self._setbacks.popitem(last=False)

    def is_set_back(self, grant_id: str, now: float) -> bool:
        """Whether refreshing ahead failed a moment ago."""
        until = self._setbacks.get(grant_id)
        if until is not None and until <= now:
            self._setbacks.pop(grant_id, None)
            return False
        return until is not None
