"""Connections to one Redis, for threads. The twin of `rblx_oauth.runtime.redis_link_aio`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from redis import BlockingConnectionPool, Redis

from rblx_oauth._redis.errors import is_read_only
from rblx_oauth._redis.opening import pool_options
from rblx_oauth._redis.rows import Part


class RedisLink:
    """Opened by URL; the connections serve all threads of a process, and no other process.

    Args:
        url: Of the Redis, as redis-py reads it.
        timeout: Seconds for a free connection, for connecting, and for an answer.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._url = url
        self._options = pool_options(timeout)
        self._clients: dict[int, Redis] = {}

    def call(self, *command: Part) -> Any:
        """One command, one answer."""
        client = self._here()
        try:
            return client.execute_command(*command)
        except Exception as error:
            if is_read_only(error):
                client.connection_pool.disconnect()
            raise

    def calls(self, commands: Sequence[Sequence[Part]]) -> list[Any]:
        """Several that only read, in one round trip."""
        with self._here().pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return pipeline.execute()

    def close(self) -> None:
        """Let go of this process's connections."""
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.close()

    def _here(self) -> Redis:
        client = self._clients.get(os.getpid())
        if client is None:
            # Two threads may both get here; the first one's client counts. There is no
            # lock, because a fork could copy it locked.
            pool = BlockingConnectionPool.from_url(self._url, **self._options)
            client = self._clients.setdefault(os.getpid(), Redis.from_pool(pool))
        return client
