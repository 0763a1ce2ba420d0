"""Rate budgets: which limits a request counts against, and how long until there is room.

Roblox limits each operation per access token or per owner of API keys, and data
stores also per universe, whoever asks. Each such limit is a `Bucket`; a request
takes one slot of each of its own. The windows move: in no stretch of
``limit.seconds``, wherever it begins, are more than ``limit.count`` slots taken,
so a window of Roblox's is not overrun wherever that begins.

What an answer says of a limit counts as well, since others may share it.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from rblx_oauth.catalog import Credential, Operation, RateLimit
from rblx_oauth.core.headers import allowance, retry_after
from rblx_oauth.core.message import Response

UNLIMITED = 1_000_000
"""Roblox's way to say that an operation has no limit of its own."""

LONGEST_BLOCK = 600.0
"""Seconds: no answer shuts a bucket for longer. Roblox's windows are of a minute at most."""

_PER_UNIVERSE = {
    "data_stores": "data-stores",
    "data_stores_v1": "data-stores",
    "ordered_data_stores": "ordered-data-stores",
    "ordered_data_stores_v1": "ordered-data-stores",
}
"""What the families of operations are that Roblox also limits per universe."""

_UNIVERSE_LIMIT = RateLimit(count=300, seconds=60)
"""For reads and for writes each
(https://create.roblox.com/docs/cloud/guides/data-stores/throttling)."""


class Bucket(msgspec.Struct, frozen=True):
    """One limit, as it holds for one credential or one universe.

    Attributes:
        key: What tells it from others, in every process alike; holds no secret.
        limit: None where only answers say what is left.
    """

    key: str
    limit: RateLimit | None = None


def buckets(
    operation: Operation,
    path: Sequence[str],
    *,
    base: str,
    credential: Credential | None,
    name: str,
) -> tuple[Bucket, ...]:
    """What a request counts against: first the credential's own bucket, then shared ones.

    Args:
        operation: What is asked for.
        path: The values of the path's placeholders; a data store's first is its universe.
        base: Where Open Cloud is.
        credential: What it is sent with; None where it needs nothing.
        name: Tells this credential from others of its kind.
    """
    limit = operation.token_limit if credential == "token" else operation.key_limit
    if limit is not None and limit.count >= UNLIMITED:
        limit = None
    own = Bucket(f"{base}/{name}/{operation.name}", limit)
    kind = _PER_UNIVERSE.get(operation.family)
    if kind is None:
        return (own,)
    act = "read" if operation.method == "GET" else "write"
    return own, Bucket(f"{base}/universes/{path[0]}/{kind}/{act}", _UNIVERSE_LIMIT)


class _Account:
    """What is known of one bucket: slots taken here, and what an answer said is left."""

    __slots__ = ("idle", "left", "taken", "until")

    def __init__(self) -> None:
        self.taken: deque[float] = deque()
        self.left = math.inf
        self.until = -math.inf
        self.idle = -math.inf  # from then on it can be forgotten

    def wait(self, now: float, limit: RateLimit | None) -> float:
        """Seconds until there is room; 0 if there is."""
        told = self.until - now if self.left < 1 and now < self.until else 0.0
        if limit is None:
            return told
        while self.taken and self.taken[0] + limit.seconds <= now:
            self.taken.popleft()
        if len(self.taken) < limit.count:
            return told
        # Rounding may make the difference a hair longer than the window is.
        return max(told, min(self.taken[0] + limit.seconds - now, limit.seconds))

    def take(self, now: float, limit: RateLimit | None) -> None:
        """Use one slot."""
        self.left -= 1
        if limit is not None:
            self.taken.append(now)
            self.idle = max(self.idle, now + limit.seconds)

    def hear(self, left: float, until: float, now: float) -> None:
        """Of the window that ends at `until`, `left` requests are left."""
        if now >= self.until:
            self.left, self.until = left, until
        else:  # of the same window: what is under way may not be counted in what was said
            self.left = min(self.left, left)
            if left < 1:
                self.until = max(self.until, until)
        self.idle = max(self.idle, self.until)


class Ledger:
    """The accounts of one process. Safe to share between threads.

    Times are seconds of a clock that never jumps.

    Args:
        counts: Whether slots are counted here; else only what answers say is heeded.
        keys: About how many accounts are kept before idle ones are forgotten.
    """

    def __init__(self, *, counts: bool = True, keys: int = 4096) -> None:
        self._accounts: dict[str, _Account] = {}
        self._counts = counts
        self._keys = keys
        self._sweep_at = keys
        self._lock = threading.Lock()

    def wait(self, wanted: Iterable[Bucket], now: float) -> float:
        """Seconds until there is room in every bucket; 0 if there is."""
        with self._lock:
            return _wait(self._held(wanted), now)

    def take(self, wanted: Iterable[Bucket], now: float) -> float:
        """Take a slot of every bucket and return 0; or of none, and return the wait in seconds."""
        with self._lock:
            self._sweep(now)
            held = self._held(wanted)
            wait = _wait(held, now)
            if not wait:
                for account, limit in held:
                    account.take(now, limit)
            return wait

    def answered(
        self, asked: Sequence[Bucket], response: Response, *, now: float, epoch: float
    ) -> None:
        """Heed what an answer says of the limits that its request counted against.

        Its ``x-ratelimit-*`` headers speak of the first, the credential's own. A
        429 with a time shuts whatever it may be about until then.

        Args:
            asked: What the request counted against.
            response: The answer.
            now: Seconds, as everywhere here.
            epoch: Seconds since the epoch, to read a date in ``Retry-After``.
        """
        told = allowance(response.headers)
        pause = retry_after(response.headers, now=epoch) if response.status == 429 else None
        if told is None and pause is None:
            return
        with self._lock:
            self._sweep(now)
            if told is not None:
                self._hear(asked[0], *told, now)
            if pause is not None:
                for bucket in _emptied(asked, told[0] if told else None):
                    self._hear(bucket, 0, pause, now)

    def _held(self, wanted: Iterable[Bucket]) -> list[tuple[_Account, RateLimit | None]]:
        """The accounts that have a say, and the limits that are counted here."""
        held = []
        for bucket in wanted:
            limit = bucket.limit if self._counts else None
            if limit is not None or bucket.key in self._accounts:
                held.append((self._account(bucket), limit))
        return held

    def _hear(self, bucket: Bucket, left: float, seconds: float, now: float) -> None:
        self._account(bucket).hear(left, now + min(seconds, LONGEST_BLOCK), now)

    def _account(self, bucket: Bucket) -> _Account:
        account = self._accounts.get(bucket.key)
        if account is None:
            account = self._accounts[bucket.key] = _Account()
        return account

    def _sweep(self, now: float) -> None:
        # Each token brings accounts of its own; without this they would pile up for ever.
        if len(self._accounts) >= self._sweep_at:
            kept = {key: each for key, each in self._accounts.items() if each.idle > now}
            self._accounts, self._sweep_at = kept, max(self._keys, 2 * len(kept))


def _wait(held: Iterable[tuple[_Account, RateLimit | None]], now: float) -> float:
    return max((account.wait(now, limit) for account, limit in held), default=0.0)


def _emptied(asked: Sequence[Bucket], own_left: float | None) -> Sequence[Bucket]:
    """Which buckets a 429 is about, given what is left of the credential's own, if it says."""
    if own_left is None or len(asked) == 1:
        return asked
    return asked[:1] if own_left < 1 else asked[1:]
