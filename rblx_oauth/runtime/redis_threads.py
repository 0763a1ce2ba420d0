"""Moving windows in Redis, for threads. The twin of `rblx_oauth.runtime.redis_aio`."""

from __future__ import annotations

from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry


class RedisWindows:
    """Opened by URL; the connections serve all threads.

    Args:
        url: Of the Redis.
        timeout: Seconds for connecting, and for an answer.

    Raises:
        ValueError: The URL cannot be used.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._storage = RedisStorage(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type]  # handed on to redis-py
        )
        self._windows = MovingWindowRateLimiter(self._storage)

    def here(self) -> MovingWindowRateLimiter:
        """The windows, over these connections."""
        return self._windows

    def close(self) -> None:
        """Let go of the connections."""
        self._storage.storage.close()
