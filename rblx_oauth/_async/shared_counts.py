"""Counts of requests that many processes share, in Redis by itself or in a token store."""

from __future__ import annotations

import hashlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from urllib.parse import urlsplit

from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth.catalog import RateLimit
from rblx_oauth.core import windows
from rblx_oauth.core.budget import Bucket
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import ConfigurationError, StoreError

logger = logging.getLogger("rblx_oauth")

MARGIN = 0.001
"""Seconds added to a wait, lest it end a rounding error before the slot is free."""

TIMEOUT = 1.0
"""Seconds to wait for Redis; a call has its own to meet."""

AWAY = 5.0
"""Seconds for which a Redis or a store that failed is not asked again."""

TRIES = 100
"""How often a slot is tried for before it is waited for: each failure is a slot of somebody's."""

KIND = "rate"

_HINT = (
    "A rate budget's storage is memory:// (this process), redis://host:port/0 (all that share it) "
    "or a store"
)


class AsyncSharedCounts(ABC):
    """Takes slots where others see it; gives them away freely while that cannot be reached.

    Args:
        name: What a log calls the place.
        failures: What says that it cannot be reached.
    """

    def __init__(self, name: str, failures: tuple[type[Exception], ...]) -> None:
        self._name = name
        self._failures = failures
        self._away_until: float | None = None

    async def take(self, wanted: Iterable[Bucket], clock: Clock) -> float:
        """Take a slot of each; or return the seconds until there may be one."""
        if self._away_until is not None and clock.monotonic() < self._away_until:
            return 0.0
        try:
            pause = await self._take_each(wanted, clock)
        except self._failures as error:
            self._lost(error, clock.monotonic())
            return 0.0
        self._away_until = None
        return pause

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of connections that are this object's own."""

    @abstractmethod
    async def _take_one(self, key: str, limit: RateLimit, clock: Clock) -> float:
        """Take a slot; or return the seconds until there may be one."""

    async def _take_each(self, wanted: Iterable[Bucket], clock: Clock) -> float:
        limited = [(each.key, each.limit) for each in wanted if each.limit is not None]
        # The likeliest to refuse comes first: what was taken of another before it is lost.
        for key, limit in sorted(limited, key=lambda each: each[1].count / each[1].seconds):
            pause = await self._take_one(key, limit, clock)
            if pause:
                return pause
        return 0.0

    def _lost(self, error: Exception, now: float) -> None:
        if self._away_until is None:
            logger.warning(
                "The rate budget in %s cannot be used (%s): requests go out uncounted meanwhile",
                self._name,
                type(error).__name__,
                extra=fields("budget.unreachable", error=type(error).__name__),
            )
        self._away_until = now + AWAY


class AsyncRedisCounts(AsyncSharedCounts):
    """Counts in Redis, kept there by `limits`.

    Raises:
        ConfigurationError: The URL cannot be used, or an extra is missing.
    """

    def __init__(self, url: str) -> None:
        url, name = _read(url)
        try:
            from limits import RateLimitItemPerSecond
            from redis import RedisError

            from rblx_oauth.runtime.redis_aio import RedisWindows
        except ImportError as error:
            raise ConfigurationError(
                f"A rate budget in Redis needs {error.name}, which is not installed: "
                "pip install 'rblx-oauth[redis]'"
            ) from error
        try:
            self._windows = RedisWindows(url, timeout=TIMEOUT)
        except ValueError:
            raise ConfigurationError(_HINT) from None
        self._item = RateLimitItemPerSecond
        super().__init__(name, (RedisError, OSError))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._windows.aclose()

    async def _take_one(self, key: str, limit: RateLimit, clock: Clock) -> float:
        moving = self._windows.here()
        item = self._item(limit.count, limit.seconds, namespace="rblx-oauth")
        if await moving.hit(item, key):
            return 0.0
        ends, left = await moving.get_window_stats(item, key)
        return MARGIN if left else max(0.0, ends - clock.now()) + MARGIN


class AsyncStoredCounts(AsyncSharedCounts):
    """Counts in a token store, each window a record that expires by itself.

    Args:
        store: Where they are kept. It stays open when the budget is closed.

    Raises:
        ConfigurationError: It is no store of this colour.
    """

    def __init__(self, store: AsyncStore) -> None:
        if not isinstance(store, AsyncStore):
            raise ConfigurationError(_HINT)
        self._store = store
        super().__init__("the token store", (StoreError,))

    async def aclose(self) -> None:
        """There are no connections of its own."""

    async def _take_one(self, key: str, limit: RateLimit, clock: Clock) -> float:
        id = hashlib.sha256(key.encode()).hexdigest()
        for _ in range(TRIES):
            now = clock.now()
            found = await self._store.get_record(KIND, id, now=now)
            counted = found.payload if found else b""
            payload, pause = windows.take(counted, limit, now)
            if pause:
                return pause + MARGIN
            record = Record(KIND, id, "", payload, now, now, now + 2 * limit.seconds)
            if found is None:
                taken = await self._store.add_record(record)
            else:
                taken = await self._store.swap_record(record, before=counted)
            if taken:
                return 0.0
        return MARGIN


def _read(url: str) -> tuple[str, str]:
    """A Redis URL with its port, and what of it is fit for a log.

    Raises:
        ConfigurationError: It is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except (ValueError, AttributeError):  # an error that says why would quote it
        raise ConfigurationError(_HINT) from None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ConfigurationError(_HINT)
    if port is None:
        parts = parts._replace(netloc=f"{parts.netloc.removesuffix(':')}:6379")
    return parts.geturl(), f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
