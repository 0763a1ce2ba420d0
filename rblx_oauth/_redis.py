"""What both colours of the Redis store share: its URL, its rows, and what its errors mean.

Neither colour: `rblx_oauth._async.stores.redis` and its twin do what stands here. redis-py is
imported here, in those two modules and in `rblx_oauth.runtime.redis_*` only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qs, urlsplit

import msgspec
from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterDownError,
    ConnectionError as DroppedError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry

from rblx_oauth._redis_scripts import OPEN, PREFIX
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.errors import ConfigurationError, StoreError, StoreUnavailable

SCHEMA_VERSION = 1

SLACK = 3600.0
"""Seconds that Redis keeps a record beyond its time. Callers judge the time by their own clock."""

LONGEST = 10 * 366 * 86400.0
"""Seconds: Redis keeps no record for longer."""

CONNECTIONS = 64
"""How many a process (or an event loop) may have open; whoever comes then waits for one."""

Part: TypeAlias = str | bytes | int | float

GRANT_FIELDS = tuple(name for name in GrantRow.__struct_fields__ if name != "grant_id")
RECORD_FIELDS = tuple(name for name in Record.__struct_fields__ if name not in ("kind", "id"))


# Keys and rows.

SCHEMA, GRANTS = f"{PREFIX}schema", f"{PREFIX}grants"
DEAD_GRANTS = f"{PREFIX}grants:dead"
RECORDS, EXPIRY = f"{PREFIX}records", f"{PREFIX}records:expiry"


def grant_key(grant_id: str) -> str:
    """Where a grant is."""
    return f"{PREFIX}grant:{grant_id}"


def record_key(kind: str, id: str) -> str:
    """Where a record is."""
    return f"{PREFIX}record:{kind}\0{id}"


def owner_key(kind: str, owner: str) -> str:
    """Where the ids of an owner's records are."""
    return f"{PREFIX}owner:{kind}\0{owner}"


def kind_and_id(name: str) -> tuple[str, str]:
    """What an index calls a record, taken apart."""
    kind, _, id = name.partition("\0")
    return kind, id


def parts(row: GrantRow | Record, names: Sequence[str]) -> list[Part]:
    """Names and values in turn, as HSET takes them."""
    return [part for name in names for part in (name, getattr(row, name))]


def grant_row(grant_id: str, found: Sequence[bytes | None]) -> GrantRow | None:
    """What HMGET of `GRANT_FIELDS` gave, as a `GrantRow`; None if there is none.

    Raises:
        StoreError: It is something else.
    """
    if found.count(None) == len(found):
        return None
    fields: dict[str, Any] = dict(zip(GRANT_FIELDS, found, strict=True))
    try:
        texts = {
            name: value if name == "sealed" else value.decode() for name, value in fields.items()
        }
        return msgspec.convert(texts | {"grant_id": grant_id}, GrantRow, strict=False)
    except (AttributeError, ValueError):
        raise StoreError(_FOREIGN) from None


def record(kind: str, id: str, found: Sequence[bytes | None]) -> Record | None:
    """What HMGET of `RECORD_FIELDS` gave, as a `Record`; None if there is none.

    Raises:
        StoreError: It is something else.
    """
    if found.count(None) == len(found):
        return None
    if None in found:
        raise StoreError(_FOREIGN)
    owner, payload, *times = cast("Sequence[bytes]", found)
    try:
        created_at, seen_at, expires_at = map(float, times)
        return Record(kind, id, owner.decode(), payload, created_at, seen_at, expires_at)
    except ValueError:
        raise StoreError(_FOREIGN) from None


def milliseconds(record: Record) -> int:
    """How long Redis keeps a record that was written just now.

    Its own times say how long that is, whatever Redis takes the time to be.
    """
    return int((min(max(record.expires_at - record.seen_at, 0.0), LONGEST) + SLACK) * 1000)


# Opening.

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
        raise ConfigurationError(_FOREIGN)
    if int(version) > SCHEMA_VERSION:
        raise ConfigurationError(
            f"What the token store's Redis holds is of version {int(version)}, made by a newer "
            f"rblx_oauth; this one knows version {SCHEMA_VERSION}. Upgrade rblx_oauth."
        )


# What may lose what is kept.

_UNTOLD = (
    "The Redis of the token store does not tell its user how it is set up (INFO): see yourself "
    "that its maxmemory-policy is noeviction and that appendonly is on."
)


def weaknesses(info: Mapping[str, object] | None, saves: bool | None) -> list[str]:
    """What is wrong with how a Redis is set up, a sentence each.

    Args:
        info: What INFO says; None if this user may not ask.
        saves: Whether it makes snapshots; None if this user may not ask.
    """
    if info is None:
        return [_UNTOLD]
    found = []
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        lost = "grants and sessions" if policy.startswith("allkeys") else "sessions"
        found.append(
            f"The Redis of the token store deletes {lost} when its memory is full "
            f"(maxmemory-policy {policy}), and those people must log in again: set it to "
            "noeviction."
        )
    if not info.get("aof_enabled") and not saves:
        unsure = "perhaps " if saves is None else ""
        found.append(
            f"The Redis of the token store has appendonly off and {unsure}saves no snapshots, so "
            "after a restart everybody must log in again: turn appendonly on."
        )
    return found


# Errors.

_FOREIGN = (
    f"The token store's Redis holds something under {PREFIX}* that is not the store's. "
    "Give the store a database of its own."
)
_READ_ONLY = "READONLY You can't write"
_REFUSALS: tuple[tuple[tuple[type[RedisError], ...], str, str], ...] = (
    ((OutOfMemoryError,), "OOM command", "has no memory left (maxmemory) and takes no writes"),
    ((ReadOnlyError,), _READ_ONLY, "is a read-only replica: the store URL must name the primary"),
    ((MasterDownError,), "MASTERDOWN Link", "is a replica that has lost its primary"),
    ((ClusterDownError,), "CLUSTERDOWN ", "is a node of a cluster that is down"),
    ((BusyLoadingError,), "LOADING Redis", "is loading its data"),
    ((), "MISCONF Redis", "cannot save its data and takes no writes: see its log"),
)
"""Why a Redis that answers does nothing.

redis-py tells errors by their first word; before Redis 7 a script's error has that further back.
"""


class Refused(StoreUnavailable):
    """Redis does not let us in, or not do what the store does."""


def is_mistake(error: StoreError) -> bool:
    """Whether it would come again: Redis is there, and does not do what it is asked."""
    return isinstance(error, Refused) or not isinstance(error, StoreUnavailable)


def is_dropped(error: Exception) -> bool:
    """Whether the connection broke, so that what only reads may be asked once more."""
    return isinstance(error, DroppedError | OSError) and not isinstance(
        error, AuthenticationError | BusyLoadingError
    )


def is_read_only(error: Exception) -> bool:
    """Whether it is a replica that answers: the primary of before, on a connection of before."""
    return isinstance(error, ReadOnlyError) or _READ_ONLY in str(error)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what redis-py raises into `StoreError`, without address or arguments."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> StoreError:
    text = str(error)
    if isinstance(error, AuthenticationError) or text.startswith("NOAUTH"):
        return Refused(
            "The token store's Redis does not accept the user name or password of the store URL."
        )
    if isinstance(error, NoPermissionError):
        return Refused(
            "The user of the store URL may not do in Redis what the store does: allow it the keys "
            f"~{PREFIX}* and the commands @read, @write, @scripting, @connection and time."
        )
    if isinstance(error, AskError | ClusterCrossSlotError | TryAgainError):
        return Refused(
            "The token store's Redis is a node of a cluster that keeps the store's keys on "
            "another node: use a single Redis with replicas, or a proxy before the cluster."
        )
    for kinds, phrase, meaning in _REFUSALS:
        if isinstance(error, kinds) or phrase in text:
            return StoreUnavailable(f"The token store's Redis {meaning}. Nothing was lost.")
    if "WRONGTYPE " in text:
        return StoreError(_FOREIGN)
    name = type(error).__name__
    if isinstance(error, ResponseError):
        return StoreError(f"The token store's Redis refused a command ({name}).")
    return StoreUnavailable(
        f"The token store did not answer ({name}). Nothing was lost; try again."
    )
