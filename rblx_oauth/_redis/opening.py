"""Opening a Redis: how it is connected to, and whose data it holds."""

from __future__ import annotations

from typing import Any

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

from rblx_oauth._redis.address import Address
from rblx_oauth._redis.errors import FOREIGN, is_mistake, translated_errors
from rblx_oauth._redis.keys import SCHEMA
from rblx_oauth._redis.scripts import OPEN
from rblx_oauth._redis.sentinels import Watch
from rblx_oauth.errors import ConfigurationError, StoreError

SCHEMA_VERSION = 1

CONNECTIONS = 64
"""How many a process (or an event loop) may have open; whoever comes then waits for one."""


def pool_options(timeout: float) -> dict[str, Any]:
    """What a pool of connections is told, in both colours.

    redis-py tries nothing again: only the store knows what may be.
    """
    return {
        "max_connections": CONNECTIONS,
        "timeout": timeout,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,  # spoken by every server, and by all alike
    }


def prepare(address: Address, *, timeout: float) -> None:
    """See that a Redis is there, and that it holds nothing of a newer version.

    Raises:
        ConfigurationError: It does, or lets us in or do nothing.
        StoreUnavailable: It cannot be reached now.
    """
    options = parse_url(address.url) | pool_options(timeout)
    if address.sentinels:
        options |= Watch(address, options).pool_options
    pool = BlockingConnectionPool(**options)
    with Redis.from_pool(pool) as client:
        try:
            with translated_errors():
                version = client.eval(OPEN.text, 1, SCHEMA, str(SCHEMA_VERSION))
        except StoreError as error:
            if not is_mistake(error):
                raise
            raise ConfigurationError(str(error)) from error
    if not isinstance(version, bytes) or not version.isdigit():
        raise ConfigurationError(FOREIGN)
    if int(version) > SCHEMA_VERSION:
        raise ConfigurationError(
            f"What the token store's Redis holds is of version {int(version)}, made by a newer "
            f"rblx_oauth; this one knows version {SCHEMA_VERSION}. Upgrade rblx_oauth."
        )
