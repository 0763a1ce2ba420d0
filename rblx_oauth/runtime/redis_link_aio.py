"""Connections to one Redis, for tasks: commands go out, answers come back.

Imported where a store is kept in Redis and nowhere else: redis-py is an extra.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from redis.asyncio import BlockingConnectionPool, Redis

from rblx_oauth._redis.errors import is_read_only
from rblx_oauth._redis.opening import pool_options
from rblx_oauth._redis.rows import Part


class RedisLink:
    """Opened by URL; each event loop has connections of its own.

    Args:
        url: Of the Redis, as redis-py reads it.
        timeout: Seconds for a free connection, for connecting, and for an answer.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._url = url
        self._options = pool_options(timeout)
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()

    async def call(self, *command: Part) -> Any:
        """One command, one answer."""
        client = self._here()
        try:
            return await client.execute_command(*command)
        except Exception as error:
            if is_read_only(error):
                await client.connection_pool.disconnect()
            raise

    async def calls(self, commands: Sequence[Sequence[Part]]) -> list[Any]:
        """Several that only read, in one round trip."""
        async with self._here().pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return await pipeline.execute()

    async def aclose(self) -> None:
        """Let go of the running loop's connections."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _here(self) -> Redis:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            pool = BlockingConnectionPool.from_url(self._url, **self._options)
            client = self._clients[loop] = Redis.from_pool(pool)
        return client
