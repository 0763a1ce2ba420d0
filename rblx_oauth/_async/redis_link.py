"""Connections to one Redis: commands go out, answers come back.

Imported where a store is kept in Redis and nowhere else: redis-py is an extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url

from rblx_oauth._async.closing import AsyncClosing
from rblx_oauth._redis.address import Address
from rblx_oauth._redis.errors import is_read_only
from rblx_oauth._redis.opening import pool_options
from rblx_oauth._redis.rows import Part
from rblx_oauth._redis.sentinels import AsyncWatch
from rblx_oauth.runtime.aio import Place


class AsyncRedisLink(AsyncClosing):
    """Each process, and each event loop, has connections of its own.

    Args:
        address: Of the Redis.
        timeout: Seconds for a free connection, for connecting, and for an answer.
    """

    def __init__(self, address: Address, *, timeout: float) -> None:
        self._options: dict[str, Any] = {**parse_url(address.url), **pool_options(timeout)}
        if address.sentinels:
            self._options |= AsyncWatch(address, self._options).pool_options
        self._clients: dict[Place, Redis] = {}

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
        """Let go of the connections of this process and event loop."""
        client = self._clients.pop(Place.here(), None)
        if client is not None:
            await client.aclose()

    def _here(self) -> Redis:
        here = Place.here()
        client = self._clients.get(here)
        if client is None:
            for place in [each for each in self._clients if each.is_gone()]:
                del self._clients[place]
            # Two threads may both get here; the first one's client counts. There is no
            # lock, because a fork could copy it locked.
            pool = BlockingConnectionPool(**self._options)
            client = self._clients.setdefault(here, Redis.from_pool(pool))
        return client
