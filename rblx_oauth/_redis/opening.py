"""Opening a Redis: what its URL may say, how it is connected to, and whose data it holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rblx_oauth._redis.errors import FOREIGN, is_mistake, translated_errors
from rblx_oauth._redis.keys import SCHEMA
from rblx_oauth._redis.scripts import OPEN
from rblx_oauth.errors import ConfigurationError, StoreError

SCHEMA_VERSION = 1

CONNECTIONS = 64
"""How many a process (or an event loop) may have open; whoever comes then waits for one."""

_HINT = (
    "The store URL cannot be used. A Redis is named redis://host:6379/0, rediss://host:6379/0 "
    "for TLS, or unix:///path/to/redis.sock?db=0"
)
_OPTIONS = frozenset({"db", "username", "password", "client_name", "health_check_interval"})


def name_of(url: str) -> str:
    """What of a store URL is fit for a message.

    Raises:
        ConfigurationError: It cannot be used. The message never repeats the
            URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = parse_qs(parts.query, keep_blank_values=True)
        database = parts.path.strip("/") if parts.scheme != "unix" else ""
        known = all(name in _OPTIONS or name.startswith("ssl_") for name in options)
        BlockingConnectionPool.from_url(url).make_connection()  # connects to nothing
    except (TypeError, ValueError):  # an error that says why would quote it
        raise ConfigurationError(_HINT) from None
    if not known:
        raise ConfigurationError(
            f"{_HINT}. Of redis-py's options it may hold {', '.join(sorted(_OPTIONS))} and ssl_*."
        )
    no_socket = parts.scheme == "unix" and not parts.path
    if port == 0 or no_socket or (database and not database.isdecimal()):
        raise ConfigurationError(_HINT)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


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


def prepare(url: str, *, timeout: float) -> None:
    """See that a Redis is there, and that it holds nothing of a newer version.

    Raises:
        ConfigurationError: It does, or lets us in or do nothing.
        StoreUnavailable: It cannot be reached now.
    """
    pool = BlockingConnectionPool.from_url(url, **pool_options(timeout))
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
