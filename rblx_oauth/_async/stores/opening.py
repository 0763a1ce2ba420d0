"""Opening a store, by URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth._async.stores.memory import AsyncMemoryStore
from rblx_oauth.core.rows import SchemaChange
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.vault import Vault

_SQL = {"sqlite": "sql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""The extra that brings the driver."""

_REDIS = ("redis", "rediss", "unix")


def open(  # noqa: A001 (read as stores.open)
    url: str,
    *,
    keys: Sequence[str | bytes] = (),
    create: bool = True,
    timeout: float = 5.0,
) -> AsyncStore:
    """A store, by URL.

    Args:
        url: ``memory://`` for this process alone, ``sqlite:///tokens.db`` (four
            slashes for an absolute path) for the processes of one machine, and for
            many machines ``postgresql://user:password@host/database``, ``mysql://...``
            likewise, or ``redis://host:6379/0`` (``rediss://`` for TLS, ``unix://``,
            ``redis+sentinel://host:26379,host:26379/primary/0``).
        keys: What tokens are sealed with: 32 bytes each, raw or URL-safe
            base64, newest first (`rblx_oauth.vault.Vault.generate_key`).
            ``memory://`` does without and makes one.
        create: Make the file and the tables where there are none; Redis has neither.
        timeout: Seconds to wait for a busy or silent database before `StoreUnavailable`.

    Raises:
        ConfigurationError: The URL or a key cannot be used, or the extra that
            it needs is not installed.
        StoreUnavailable: The database cannot be opened now.
    """
    scheme = _scheme(url)
    if scheme == "memory":
        return AsyncMemoryStore(Vault(keys) if keys else None)
    if scheme in _REDIS:
        with _naming("redis"):
            from rblx_oauth._async.stores.redis import AsyncRedisStore

            return AsyncRedisStore(url, Vault(keys), timeout=timeout)
    extra = _SQL.get(scheme)
    if extra is None:
        raise ConfigurationError(
            "A store URL begins with memory:// (one process), sqlite:/// (one machine), "
            "postgresql://, mysql:// or redis:// (many machines); other databases are not "
            "supported."
        )
    vault = Vault(keys)
    with _naming(extra):
        from rblx_oauth._async.stores.sql import AsyncSqlStore

        return AsyncSqlStore(url, vault, create=create, timeout=timeout)


def init(url: str, *, timeout: float = 60.0) -> SchemaChange:
    """Make the tables of a SQL store, or bring those of an older version to this one.

    Every row stays. Any number of processes may call it at once. Other
    stores have no tables, and nothing is done.

    Args:
        url: As `open` takes them.
        timeout: Seconds that each step may take before `StoreUnavailable`. A
            table of many million rows may need more for a new index.

    Raises:
        ConfigurationError: The URL cannot be used, the tables are of a newer
            version, or the extra that it needs is not installed.
        StoreUnavailable: The database cannot be opened now.
    """
    extra = _SQL.get(_scheme(url))
    if extra is None:
        return SchemaChange(0, 0)
    with _naming(extra):
        from rblx_oauth import _sql

        return _sql.migrate(_sql.database(url, timeout=timeout))


def _scheme(url: str) -> str:
    """Without the driver's name."""
    return url.partition(":")[0].partition("+")[0]


@contextmanager
def _naming(extra: str) -> Iterator[None]:
    """Say which extra brings what cannot be imported."""
    try:
        yield
    except ImportError as error:
        raise ConfigurationError(
            f"This store needs {error.name}, which is not installed: "
            f"pip install 'rblx-oauth[{extra}]'"
        ) from error
