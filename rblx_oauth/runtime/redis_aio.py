"""Moving windows in Redis, for tasks: `limits` counts, redis-py's asyncio client carries.

Imported where a rate budget is shared and nowhere else: both are extras.
"""

from __future__ import annotations

from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from rblx_oauth.runtime.aio import Place


class RedisWindows:
    """Opened by URL; each event loop has connections of its own.

    Args:
        url: Of the Redis.
        timeout: Seconds for connecting, and for an answer.

    Raises:
        ValueError: The URL cannot be used.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._storages: dict[Place, RedisStorage] = {}
        self._open()  # connects to nothing yet

    def here(self) -> MovingWindowRateLimiter:
        """The windows, over the running loop's connections."""
        here = Place.here()
        storage = self._storages.get(here)
        if storage is None:
            for place in [each for each in self._storages if each.is_gone()]:
                del self._storages[place]
            storage = self._storages.setdefault(here, self._open())
        return MovingWindowRateLimiter(storage)

    async def aclose(self) -> None:
        """Let go of the running loop's connections."""
        storage = self._storages.pop(Place.here(), None)
        if storage is not None:
            await storage.bridge.storage.aclose()  # type: ignore[attr-defined]

    def _open(self) -> RedisStorage:
        return RedisStorage(
            f"async+{self._url}",
            implementation="redispy",
            socket_timeout=self._timeout,
            socket_connect_timeout=self._timeout,
            retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type]  # handed on to redis-py
        )
