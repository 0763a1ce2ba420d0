"""MySQL and MariaDB, by PyMySQL, and by aiomysql which stands on it."""

from __future__ import annotations

import inspect
import math
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing

import pymysql
from pymysql.constants import CR, ER
from sqlalchemy import URL, Connection, Engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection

from rblx_oauth._sql import mysql_tls
from rblx_oauth._sql.database import unanswered
from rblx_oauth._sql.server import Server, refused, unreachable
from rblx_oauth.errors import ConfigurationError

_SCHEMA_LOCK = "rblx_oauth_schema"

_TLS_REQUIRED = 3159
"""ER_SECURE_TRANSPORT_REQUIRED, which PyMySQL does not name."""

_REFUSALS = {
    ER.ACCESS_DENIED_ERROR: "refuses the user or the password",
    ER.BAD_DB_ERROR: "has no such database",
    ER.DBACCESS_DENIED_ERROR: "does not let this user use the database",
    ER.TABLEACCESS_DENIED_ERROR: "does not let this user use the tables",
    ER.HOST_NOT_PRIVILEGED: "does not let this user in from here",
    CR.CR_SSL_CONNECTION_ERROR: "does not speak TLS, which the ssl_ options of its URL ask for",
    _TLS_REQUIRED: "lets nobody in without TLS: name its certificate authority in ssl_ca",
    ER.NO_SUCH_TABLE: "lacks its tables",
    ER.BAD_FIELD_ERROR: "lacks a column of its tables",
}
_UNUSABLE = (pymysql.MySQLError, OSError, LookupError, ValueError, TypeError, AttributeError)
"""What the driver raises for values of options that it can make nothing of."""
_READ_ONLY = frozenset({ER.OPTION_PREVENTS_STATEMENT, 1792, 1836})
"""The last two are ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION and ER_READ_ONLY_MODE."""
_LOST_RACES = frozenset({ER.LOCK_DEADLOCK, ER.CHECKREAD})


class Mysql(Server):
    """A database of MySQL 8 or MariaDB 10.6, or later."""

    begin = "START TRANSACTION"
    clock = select(func.unix_timestamp(func.now(6)).label("seconds"))

    def __init__(self, url: URL, *, timeout: float) -> None:
        self._tls = mysql_tls.read(url.query)
        super().__init__(url.difference_update_query(mysql_tls.OPTIONS), timeout=timeout)

    def driver_url(self, *, asynchronous: bool) -> URL:
        """With the name of the driver."""
        return self.url.set(drivername="mysql+aiomysql" if asynchronous else "mysql+pymysql")

    def connect_arguments(self, *, asynchronous: bool) -> Mapping[str, object]:
        """Bounds for every wait; aiomysql has none of its own but one."""
        if asynchronous:
            import aiomysql

            from rblx_oauth._sql.bounded_aiomysql import connector

            self._check_options(aiomysql.Connection)
            return {"async_creator_fn": connector(self.patience, self._tls)}
        self._check_options(pymysql.Connection)
        return {
            **self._pymysql_tls,
            "connect_timeout": math.ceil(self.timeout),
            "read_timeout": self.patience,
            "write_timeout": self.patience,
        }

    @property
    def _pymysql_tls(self) -> Mapping[str, object]:
        """A context that is given is required; without one PyMySQL takes what is offered."""
        if self._tls.required:
            return {"ssl": self._tls.context}
        return {"ssl_disabled": self._tls.context is None}

    def _check_options(self, driver: Callable[..., object]) -> None:
        """See that the driver takes what the URL's query says; it would be a TypeError later."""
        unknown = set(self.url.query) - set(inspect.signature(driver).parameters)
        if unknown:
            raise ConfigurationError(
                f"The token store has an option in its URL that the driver does not know: "
                f"{', '.join(sorted(unknown))}."
            )
        self._check_values()

    def _check_values(self) -> None:
        """See that what the URL's query says can be used; it would be an error of any kind later.

        Raises:
            ConfigurationError: A file is not there, a number is none, and the like.
        """
        url = self.driver_url(asynchronous=False)
        known = inspect.signature(pymysql.Connection).parameters
        try:
            _, options = url.get_dialect()().create_connect_args(url)
            ours = {name: value for name, value in options.items() if name in known}
            pymysql.Connection(**ours, defer_connect=True)
        except _UNUSABLE as error:
            raise ConfigurationError(
                "The token store has an option in its URL whose value cannot be used "
                f"({type(error).__name__}), of these: {', '.join(sorted(url.query))}."
            ) from None

    def set_up(self, engine: Engine) -> None:
        """Have sessions be strict, wait for locks within bounds, and lock no gaps."""
        super().set_up(engine)
        seconds = max(1, math.floor(self.timeout))
        settings = (
            # At MySQL's own level a statement locks the gaps between rows too, and strangers
            # would wait for each other, or come into a deadlock.
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            # Without strictness a value that is too long is cut off in silence.
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES'",
            f"SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}",
        )

        @event.listens_for(engine, "connect")
        def on_connect(connection: DBAPIConnection, _entry: object) -> None:
            with closing(connection.cursor()) as cursor:
                for setting in settings:
                    cursor.execute(setting)

    def lock_schema(self, connection: Connection) -> None:
        """A named lock, as changes of tables end every transaction."""
        taken = connection.exec_driver_sql(
            f"SELECT GET_LOCK('{_SCHEMA_LOCK}', {math.ceil(self.timeout)})"
        ).scalar()
        if taken != 1:
            raise unanswered("another process is changing its tables")

    def explain(self, error: BaseException) -> Exception | None:
        """By number."""
        number = _number(error)
        if number == CR.CR_CONN_HOST_ERROR:
            cause = _cause(error)
            if isinstance(cause, ssl.SSLCertVerificationError):
                return refused("has a certificate that cannot be checked: look at ssl_ca")
            return unreachable(_absence(cause))
        if number in _REFUSALS:
            return refused(_REFUSALS[number])
        return unanswered(f"MySQL error {number}") if number else None

    def is_read_only(self, error: BaseException) -> bool:
        """A replica, or a server that was made so."""
        return _number(error) in _READ_ONLY

    def lost_race(self, error: BaseException) -> bool:
        """Ended as the victim of a deadlock."""
        return _number(error) in _LOST_RACES


def _number(error: BaseException) -> int:
    """The error's number; 0 if it has none."""
    first = error.args[0] if isinstance(error, pymysql.MySQLError) and error.args else 0
    return first if isinstance(first, int) else 0


def _cause(error: BaseException) -> BaseException | None:
    """Why there is no connection, as Python said it."""
    return error.__cause__ or error.__context__ or getattr(error, "original_exception", None)


def _absence(cause: BaseException | None) -> str:
    if isinstance(cause, socket.gaierror):
        return "its host name is not known"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens at its address"
    if isinstance(cause, ssl.SSLError):
        return "TLS with it fails"
    return "its address does not answer"
