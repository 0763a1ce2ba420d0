"""What redis-py raises, as errors of a store: one sentence of what is the matter."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

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
from redis.sentinel import MasterNotFoundError

from rblx_oauth._redis.keys import PREFIX
from rblx_oauth.errors import StoreError, StoreUnavailable

FOREIGN = (
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
    ((), "NOREPLICAS ", "has too few replicas and takes no writes (min-replicas-to-write)"),
    ((), "BUSY Redis", "is busy with a script that does not end"),
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
    unmade = _unmade(error)
    if unmade is not None:
        return unmade
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
        return StoreError(FOREIGN)
    name = type(error).__name__
    if isinstance(error, ResponseError):
        return StoreError(f"The token store's Redis refused a command ({name}).")
    return StoreUnavailable(
        f"The token store did not answer ({name}). Nothing was lost; try again."
    )


def _unmade(error: BaseException | None) -> StoreError | None:
    """Why there is no connection, which redis-py says in what it caught."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return Refused(
                "The token store's Redis has a certificate that cannot be checked: look at "
                "ssl_ca_certs in the store URL, and at its host."
            )
        if isinstance(error, ssl.SSLError):
            return StoreUnavailable(
                "TLS with the token store's Redis fails. Nothing was lost; try again."
            )
        if isinstance(error, MasterNotFoundError):
            return StoreUnavailable(
                "No Sentinel of the store URL tells where the token store's Redis is. "
                "Nothing was lost; try again."
            )
        error = error.__cause__ or error.__context__
    return None
