"""Whether to try again, and after how long: facts in, a decision out.

One layer retries, and this decides for it. What may be repeated is a fact of
the operation (`rblx_oauth.catalog.Operation.repeat`): a write whose first try
may have been processed is repeated only if a second one cannot do harm.

A write guarded by an etag is such a one. But if its first try was done and the
answer lost, the second meets a conflict with itself, which looks the same as a
conflict with somebody else: that is `AmbiguousOutcome`, not `Conflict`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum

from rblx_oauth.catalog import Repeat
from rblx_oauth.errors import (
    AmbiguousOutcome,
    ApiError,
    BudgetExhausted,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    NotFound,
    ProtocolError,
    RateLimited,
    RobloxError,
    ServerError,
)

ATTEMPTS = 3
BASE = 0.25
"""Seconds: the first pause is at most this; each further one at most double."""
BASE_LIMITED = 1.0
"""As `BASE`, after a 429 that says no time."""
CAP = 20.0
"""Seconds: no pause of ours is longer. A ``Retry-After`` may be."""

# Failures that another try may not meet: not 501, nor any redirect.
_PASSING = frozenset({500, 502, 503, 504})


class Doubt(Enum):
    """Whether a failed try may have been processed.

    ``NONE``: surely not (no connection; 429; not sent). ``SOME``: it may have been.
    ``FINAL``: an answer that another try would not change.
    """

    NONE = "none"
    SOME = "some"
    FINAL = "final"


def doubt(error: RobloxError) -> Doubt:
    """How a failed try counts."""
    if isinstance(error, ConnectFailed | RateLimited):
        return Doubt.NONE
    if isinstance(error, DeadlineExceeded) and not error.sent:
        return Doubt.NONE
    if isinstance(error, ConnectionLost | DeadlineExceeded | ProtocolError):
        return Doubt.SOME
    if isinstance(error, ServerError) and error.status in _PASSING:
        return Doubt.SOME
    return Doubt.FINAL


def pause(error: RobloxError, attempt: int, random: Callable[[], float]) -> float:
    """Seconds to wait before the next try: as long as Roblox said, else full jitter.

    Args:
        error: What the last try ended in.
        attempt: Its number, from 1.
        random: Gives a number from 0 to 1.
    """
    if isinstance(error, ApiError) and error.retry_after is not None:
        return error.retry_after
    base = BASE_LIMITED if isinstance(error, RateLimited) else BASE
    return float(min(CAP, base * 2 ** (attempt - 1)) * random())


class Tries:
    """The tries of one call.

    Args:
        operation: Its name.
        repeat: When it may be repeated after a doubtful try.
        guarded: Whether it carries the etag or the idempotency key.
    """

    def __init__(self, operation: str, repeat: Repeat, *, guarded: bool) -> None:
        self._operation = operation
        self._repeat = repeat
        self._guarded = guarded
        self._failed = 0
        self._doubted: RobloxError | None = None

    def succeeded(self, error: RobloxError) -> bool:
        """Whether an error is the sign of an earlier try's success: a DELETE's second 404."""
        return (
            self._doubted is not None and self._repeat == "delete" and isinstance(error, NotFound)
        )

    def after(
        self,
        error: RobloxError,
        *,
        left: float,
        random: Callable[[], float],
        allowed: Callable[[], bool],
    ) -> float:
        """The pause, in seconds, before the next try.

        Args:
            error: What the last try ended in.
            left: Seconds until the deadline.
            random: Gives a number from 0 to 1.
            allowed: Takes one retry out of the budget.

        Raises:
            AmbiguousOutcome: It must not be repeated, and may have been processed.
            RobloxError: `error`, if another try would not help or has no time. If
                it is that the rate budget held this try back, the error of an
                earlier one that may have been processed.
        """
        if isinstance(error, BudgetExhausted):
            if self._doubted is None:
                raise error
            raise self._doubted from error
        self._failed += 1
        kind = doubt(error)
        # A DELETE's second 404 comes here only if its answer would have been a value.
        met_itself = isinstance(error, Conflict) or self.succeeded(error)
        if self._doubted is not None and met_itself:
            raise self._ambiguous(
                "a try whose answer was lost may have made the change that this one met"
            ) from error
        if kind is Doubt.SOME:
            if not self._repeatable:
                raise self._ambiguous("no answer said whether it was done") from error
            self._doubted = error
        hopeless = kind is Doubt.FINAL or isinstance(error, ProtocolError | DeadlineExceeded)
        if hopeless or self._failed >= ATTEMPTS:
            raise error
        wait = pause(error, self._failed, random)
        if wait >= left or not allowed():
            raise error
        return wait

    @property
    def _repeatable(self) -> bool:
        if self._repeat in ("etag", "key"):
            return self._guarded
        return self._repeat in ("always", "delete")

    def _ambiguous(self, why: str) -> AmbiguousOutcome:
        return AmbiguousOutcome(
            f"{self._operation}: {why}. Look at the present state before repeating it.",
            operation=self._operation,
        )


class RetryBudgets:
    """Bounds the share of retries, so that an outage is not multiplied by them.

    One bucket for each (origin, credential): a retry takes a token out, an
    answer puts a tenth of one back; an empty bucket means that the error is
    raised at once. Safe to share between threads.
    """

    def __init__(self, *, size: float = 10.0, refill: float = 0.1, keys: int = 1024) -> None:
        self._size = size
        self._refill = refill
        self._keys = keys
        self._spent: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def answered(self, key: tuple[str, str]) -> None:
        """Note a good answer."""
        if key not in self._spent:  # the usual case, without the lock
            return
        with self._lock:
            left = self._spent.pop(key, 0.0) - self._refill
            if left > 0:
                self._spent[key] = left

    def take(self, key: tuple[str, str]) -> bool:
        """Whether one more retry is allowed; if so, it is counted."""
        with self._lock:
            spent = self._spent.pop(key, 0.0)
            allowed = spent + 1 <= self._size
            self._spent[key] = spent + 1 if allowed else spent
            if len(self._spent) > self._keys:
                self._spent.popitem(last=False)
            return allowed


SHARED_BUDGETS = RetryBudgets()
"""One for the process: an outage is met by all of its clients together."""
