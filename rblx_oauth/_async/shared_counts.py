"""Counts of requests that many processes share over Redis, kept there by `limits`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from rblx_oauth.core.budget import Bucket
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import ConfigurationError

logger = logging.getLogger("rblx_oauth")

MARGIN = 0.001
"""Seconds added to a wait, lest it end a rounding error before the slot is free."""

TIMEOUT = 1.0
"""Seconds to wait for Redis; a call has its own to meet."""

AWAY = 5.0
"""Seconds for which a Redis that failed is not asked again."""

_HINT = (
    "A rate budget's storage is memory:// (this process) or redis://host:port/0 (all that share it)"
)


class AsyncSharedCounts:
    """Takes slots in Redis; gives them away freely while Redis cannot be reached.

    Raises:
        ConfigurationError: The URL cannot be used, or an extra is missing.
    """

    def __init__(self, url: str) -> None:
        url, self._name = _read(url)
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
        self._failures = (RedisError, OSError)
        self._away_until: float | None = None

    async def take(self, wanted: Iterable[Bucket], clock: Clock) -> float:
        """Take a slot of each; or return the seconds until there may be one."""
        if self._away_until is not None and clock.monotonic() < self._away_until:
            return 0.0
        try:
            pause = await self._ask(wanted, clock)
        except self._failures as error:
            self._lost(error, clock.monotonic())
            return 0.0
        self._away_until = None
        return pause

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._windows.aclose()

    async def _ask(self, wanted: Iterable[Bucket], clock: Clock) -> float:
        windows = self._windows.here()
        limited = [(each.key, each.limit) for each in wanted if each.limit is not None]
        # The likeliest to refuse comes first: what was taken of another before it is lost.
        for key, limit in sorted(limited, key=lambda each: each[1].count / each[1].seconds):
            item = self._item(limit.count, limit.seconds, namespace="rblx-oauth")
            if not await windows.hit(item, key):
                ends, left = await windows.get_window_stats(item, key)
                return MARGIN if left else max(0.0, ends - clock.now()) + MARGIN
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
