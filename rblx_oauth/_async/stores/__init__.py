"""Where grants and records are kept: `open` chooses by URL."""

from __future__ import annotations

from collections.abc import Sequence

from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth._async.stores.memory import AsyncMemoryStore
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.vault import Vault

__all__ = ["AsyncMemoryStore", "AsyncStore", "open"]


def open(  # noqa: A001 (read as stores.open)
    url: str,
    *,
    keys: Sequence[str | bytes] = (),
    create: bool = True,
    timeout: float = 5.0,
) -> AsyncStore:
    """A store, by URL.

    Args:
        url: ``memory://`` for this process alone, ``sqlite:///tokens.db``
            (four slashes for an absolute path) for the processes of one machine, or
            ``redis://host:6379/0`` (``rediss://`` for TLS, ``unix://``) for many.
        keys: What tokens are sealed with: 32 bytes each, raw or URL-safe
            base64, newest first (`rblx_oauth.vault.Vault.generate_key`).
            ``memory://`` does without and makes one.
        create: Make the file and the tables where there are none; Redis has neither.
        timeout: Seconds to wait for a busy database before `StoreUnavailable`.

    Raises:
        ConfigurationError: The URL or a key cannot be used, or the extra that
            it needs is not installed.
        StoreUnavailable: The database cannot be opened now.
    """
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme == "memory":
        return AsyncMemoryStore(Vault(keys) if keys else None)
    if scheme in ("redis", "rediss", "unix"):
        return _open_redis(url, Vault(keys), timeout=timeout)
    if scheme != "sqlite":
        raise ConfigurationError(
            "A store URL begins with memory:// (one process), sqlite:/// (one machine) or "
            "redis:// (many machines); other databases are not supported."
        )
    vault = Vault(keys)
    try:
        from rblx_oauth._async.stores.sql import AsyncSqlStore

        return AsyncSqlStore(url, vault, create=create, timeout=timeout)
    except ImportError as error:
        raise ConfigurationError(
            f"A SQL store needs {error.name}, which is not installed: pip install 'rblx-oauth[sql]'"
        ) from error


def _open_redis(url: str, vault: Vault, *, timeout: float) -> AsyncStore:
    try:
        from rblx_oauth._async.stores.redis import AsyncRedisStore
    except ImportError as error:
        raise ConfigurationError(
            f"A store in Redis needs {error.name}, which is not installed: "
            "pip install 'rblx-oauth[redis]'"
        ) from error
    return AsyncRedisStore(url, vault, timeout=timeout)
