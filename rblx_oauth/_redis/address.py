"""What a store URL says of a Redis: where it is, or which Sentinels know where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis import RedisError
from redis.asyncio import BlockingConnectionPool

from rblx_oauth.errors import ConfigurationError

SENTINEL_PORT = 26379

_HINT = (
    "The store URL cannot be used. A Redis is named redis://host:6379/0, rediss://host:6379/0 "
    "for TLS, unix:///path/to/redis.sock?db=0, or, where Sentinels watch over it, "
    "redis+sentinel://host:26379,host:26379/primary/0 (rediss+sentinel:// for TLS)"
)
_OPTIONS = frozenset({"db", "username", "password", "client_name", "health_check_interval"})
_SENTINEL_OPTIONS = frozenset({"sentinel_username", "sentinel_password"})


@dataclass(frozen=True)
class Address:
    """A Redis, not yet connected to.

    Attributes:
        name: What of the URL is fit for a message.
        url: The Redis's own, as redis-py reads it. With Sentinels its host is to be found.
        sentinels: Hosts and ports of those to ask; none where the URL says where the Redis is.
        primary: What the Sentinels call it.
        credentials: User and password for the Sentinels.
    """

    name: str
    url: str = field(repr=False)
    sentinels: tuple[tuple[str, int], ...] = ()
    primary: str = ""
    credentials: tuple[str | None, str | None] = field(default=(None, None), repr=False)


def read(url: str) -> Address:
    """The Redis that a store URL names.

    Raises:
        ConfigurationError: It cannot be used. The message never repeats the
            URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        watched = parts.scheme in ("redis+sentinel", "rediss+sentinel")
        address = _watched(parts) if watched else _plain(parts)
        connection = BlockingConnectionPool.from_url(address.url).make_connection()
    except (RedisError, TypeError, ValueError, LookupError):  # saying why would quote it
        raise ConfigurationError(_HINT) from None
    _check_files(connection)
    known = _OPTIONS | _SENTINEL_OPTIONS if watched else _OPTIONS
    options = parse_qs(parts.query, keep_blank_values=True)
    if not all(name in known or name.startswith("ssl_") for name in options):
        raise ConfigurationError(
            f"{_HINT}. Of redis-py's options it may hold {', '.join(sorted(known))} and ssl_*."
        )
    return address


def _plain(parts: SplitResult) -> Address:
    database = parts.path.strip("/") if parts.scheme != "unix" else ""
    no_socket = parts.scheme == "unix" and not parts.path
    if parts.port == 0 or no_socket or (database and not database.isdecimal()):
        raise ValueError
    place = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    return Address(f"{parts.scheme}://{place}", parts.geturl())


def _watched(parts: SplitResult) -> Address:
    user, _, hosts = parts.netloc.rpartition("@")
    primary, _, database = parts.path.strip("/").partition("/")
    sentinels = tuple(_sentinel(each) for each in hosts.split(","))
    if not primary or not (database or "0").isdecimal():
        raise ValueError
    given = parse_qs(parts.query, keep_blank_values=True)
    own = "&".join(each for each in parts.query.split("&") if not each.startswith("sentinel_"))
    inner = parts._replace(
        scheme=parts.scheme.partition("+")[0],
        netloc=f"{user}@to-be-found" if user else "to-be-found",
        path=f"/{database}",
        query=own,
    )
    return Address(
        f"{parts.scheme}://{hosts}{parts.path}",
        inner.geturl(),
        sentinels,
        unquote(primary),
        (given.get("sentinel_username", [None])[0], given.get("sentinel_password", [None])[0]),
    )


def _sentinel(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port == 0 or parts.path:
        raise ValueError
    return parts.hostname, parts.port or SENTINEL_PORT


def _check_files(connection: object) -> None:
    """See that what a connection needs for TLS can be read. Nothing is connected to."""
    context = getattr(connection, "ssl_context", None)
    try:
        if context is not None:
            context.get()
    except (OSError, TypeError) as error:  # an SSLError is one; a key alone is a TypeError
        raise ConfigurationError(
            "The store URL names a file that cannot be used for TLS "
            f"({type(error).__name__}): look at ssl_ca_certs, ssl_certfile and ssl_keyfile."
        ) from None
