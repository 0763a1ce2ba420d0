"""Which database a store URL names."""

from __future__ import annotations

from sqlalchemy import exc, make_url

from rblx_oauth._sql import sqlite
from rblx_oauth._sql.database import Database
from rblx_oauth.errors import ConfigurationError

_POSTGRESQL = frozenset({"postgresql", "postgresql+psycopg"})
_MYSQL = frozenset({"mysql", "mysql+pymysql", "mariadb", "mariadb+pymysql"})
_SERVERS = (
    "The store URL cannot be used. A database server is named as in "
    "postgresql://user:password@host/database or mysql://user:password@host/database; "
    "characters like @ : / % in user and password are written as %40 %3A %2F %25."
)


def database(text: str, *, timeout: float) -> Database:
    """The database of a store URL.

    Raises:
        ConfigurationError: The URL cannot be used. The message never repeats
            it, since it may hold a password.
        ImportError: The driver is not installed.
    """
    help_text = sqlite.UNREADABLE if text.startswith("sqlite") else _SERVERS
    try:
        url = make_url(text)
        _ = url.port
    except (exc.ArgumentError, ValueError):
        raise ConfigurationError(help_text) from None
    if url.drivername in sqlite.DRIVERS:
        return sqlite.Sqlite(url, timeout=timeout)
    if url.drivername in _POSTGRESQL:
        from rblx_oauth._sql.postgresql import Postgresql

        return Postgresql(url, timeout=timeout)
    if url.drivername in _MYSQL:
        from rblx_oauth._sql.mysql import Mysql

        return Mysql(url, timeout=timeout)
    raise ConfigurationError(help_text)
