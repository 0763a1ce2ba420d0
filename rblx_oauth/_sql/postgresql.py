"""PostgreSQL, by psycopg 3: one driver for both colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.errors import (
    DeadlockDetected,
    DuplicatePreparedStatement,
    InsufficientPrivilege,
    InvalidSqlStatementName,
    ReadOnlySqlTransaction,
    SerializationFailure,
    UndefinedColumn,
    UndefinedTable,
)
from sqlalchemy import URL, Connection, Engine, event, extract, func, select

from rblx_oauth._sql import bounded_psycopg
from rblx_oauth._sql.server import Server, refused, unreachable
from rblx_oauth.errors import ConfigurationError

_SCHEMA_LOCK = 0x72626C78
"""The number of our advisory lock."""

_UNCHECKED = "has a certificate that cannot be checked: look at sslmode and sslrootcert"
_WRONG_PASSWORD = "refuses the user or the password"  # noqa: S105 (of an error)
_POOLER = (
    "is reached through a pooler: its URL needs prepare_threshold=none, and must hold no options"
)
_REFUSALS = {
    "certificate": _UNCHECKED,
    "signature failure": _UNCHECKED,
    "not support SSL": "does not speak TLS, which sslmode asks for",
    "unsupported startup parameter": _POOLER,
    "password authentication failed": _WRONG_PASSWORD,
    "SASL authentication failed": _WRONG_PASSWORD,
    "no password supplied": "asks for a password",
    "no pg_hba.conf entry": "does not let this user in from here",
    "does not exist": "has no such database or user",
    "permission denied": "does not let this user use the database",
    "invalid ": "has an option in its URL that the driver does not know or take",
}
_ABSENCES = {
    "resolve": "its host name is not known",
    "refused": "nothing listens at its address",
    "timeout": "its address does not answer",
    "silent": "it does not answer",
    "closed the connection": "it ended the connection",
    "starting up": "it is starting",
    "shutting down": "it is stopping",
    "too many": "it has no connection to spare",
}
"""A connection that failed has no error code, only words."""


class Postgresql(Server):
    """A PostgreSQL database."""

    # A server may have another level by default. A sweep needs no more than this, and
    # at a higher one it would fail when a row that it skips changes meanwhile.
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    clock = select(extract("epoch", func.clock_timestamp()).label("seconds"))

    def __init__(self, url: URL, *, timeout: float) -> None:
        threshold = url.query.get("prepare_threshold", "5")
        if threshold != "none" and not str(threshold).isdecimal():
            raise ConfigurationError(
                "prepare_threshold in the store URL must be a number, or none."
            )
        self._pooled = threshold == "none"
        self._threshold = None if self._pooled else int(str(threshold))
        self._watch = "prepare_threshold" not in url.query
        super().__init__(url.difference_update_query(["prepare_threshold"]), timeout=timeout)

    def driver_url(self, *, asynchronous: bool) -> URL:  # noqa: ARG002 (one for both)
        """Psycopg's."""
        return self.url.set(drivername="postgresql+psycopg")

    def connect_arguments(self, *, asynchronous: bool) -> Mapping[str, object]:
        """Bounds for everything, kept by the server as long as it can, and by us if it cannot."""
        arguments: dict[str, object] = {
            "connect_timeout": math.ceil(self.timeout),
            "prepare_threshold": self._threshold,
        }
        if not self._pooled:
            arguments["options"] = f"{self._limits} {self._own_options}".rstrip()
        if asynchronous:
            arguments["async_creator_fn"] = self._async_connection
        return arguments

    @property
    def _limits(self) -> str:
        """What the server is to give up by itself, so that nothing is left running there."""
        milliseconds = math.ceil(self.timeout * 1000)
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        return " ".join(f"-c {name}={milliseconds}" for name in names)

    @property
    def _own_options(self) -> str:
        """The site's, which come later and win."""
        given = self.url.query.get("options", "")
        return given if isinstance(given, str) else " ".join(given)

    def set_up(self, engine: Engine) -> None:
        """Have connections be of our bounded kind."""
        super().set_up(engine)
        if engine.dialect.is_async:
            return  # `connect_arguments` sees to it

        @event.listens_for(engine, "do_connect")
        def connect(
            _dialect: object, _entry: object, args: Any, arguments: Any
        ) -> psycopg.Connection[Any]:
            return bounded_psycopg.connect(self.patience, *args, watch=self._watch, **arguments)

    async def _async_connection(self, *args: Any, **arguments: Any) -> psycopg.AsyncConnection[Any]:
        return await bounded_psycopg.async_connect(
            self.patience, *args, watch=self._watch, **arguments
        )

    def lock_schema(self, connection: Connection) -> None:
        """An advisory lock, which ends with the transaction."""
        connection.exec_driver_sql(self.begin)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")

    def explain(self, error: BaseException) -> Exception | None:
        """By class where the server answered a statement, by its words where it let nobody in."""
        if isinstance(error, (InsufficientPrivilege, UndefinedTable, UndefinedColumn)):
            return refused(f"cannot be used ({type(error).__name__})")
        if isinstance(error, (DuplicatePreparedStatement, InvalidSqlStatementName)):
            return refused(_POOLER)
        if isinstance(error, psycopg.Error) and error.sqlstate is None:
            text = str(error)
            for words, why in _ABSENCES.items():
                if words in text:
                    return unreachable(why)
            for words, why in _REFUSALS.items():
                if words in text:
                    return refused(why)
        return None

    def is_read_only(self, error: BaseException) -> bool:
        """A standby, or a database that was made so."""
        return isinstance(error, ReadOnlySqlTransaction)

    def lost_race(self, error: BaseException) -> bool:
        """Ended as the victim of a deadlock, or for what another transaction wrote."""
        return isinstance(error, (DeadlockDetected, SerializationFailure))
