"""Connections of psycopg that wait for no silent server for ever, and mistrust poolers.

A pooler that lends a connection for each transaction lends the statements that others prepared
there, too, and psycopg numbers them alike in every client: another's could be run in place of
ours. Who holds a server's own connection knows its process; a pooler invents a number.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg

_Found = TypeVar("_Found")

_WHO = "SELECT pg_backend_pid()"


class BoundedConnection(psycopg.Connection[Any]):
    """One whose dialogues have an end."""

    patience = math.inf

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Run psycopg's dialogue with the server, for so many seconds at most."""
        return super().wait(_bounded(self, gen), *args, **options)

    def watch_for_pooler(self) -> None:
        """Prepare nothing if it is another process that answers."""
        _settle(self, self.execute(_WHO).fetchone())


class AsyncBoundedConnection(psycopg.AsyncConnection[Any]):
    """The same for tasks."""

    patience = math.inf

    async def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Run psycopg's dialogue with the server, for so many seconds at most."""
        return await super().wait(_bounded(self, gen), *args, **options)

    async def watch_for_pooler(self) -> None:
        """Prepare nothing if it is another process that answers."""
        _settle(self, await (await self.execute(_WHO)).fetchone())


def connect(patience: float, *args: Any, watch: bool, **arguments: Any) -> BoundedConnection:
    """One that commits every statement by itself.

    Args:
        patience: Seconds to wait for the server, each time.
        args: Psycopg's.
        watch: See whether there is a pooler in between.
        arguments: Psycopg's.
    """
    connection = BoundedConnection.connect(*args, autocommit=True, **arguments)
    connection.patience = patience
    if watch:
        try:
            connection.watch_for_pooler()
        except BaseException:
            connection.close()
            raise
    return connection


async def async_connect(
    patience: float, *args: Any, watch: bool, **arguments: Any
) -> AsyncBoundedConnection:
    """The same for tasks."""
    connection = await AsyncBoundedConnection.connect(*args, autocommit=True, **arguments)
    connection.patience = patience
    if watch:
        try:
            await connection.watch_for_pooler()
        except BaseException:
            await connection.close()
            raise
    return connection


def _settle(connection: BoundedConnection | AsyncBoundedConnection, told: object) -> None:
    if told != (connection.info.backend_pid,):
        connection.prepare_threshold = None


def _bounded(
    connection: BoundedConnection | AsyncBoundedConnection, dialogue: Generator[Any, Any, _Found]
) -> Generator[Any, Any, _Found]:
    """The dialogue, with an end.

    Psycopg runs a generator that yields what to wait for and is sent what
    came: nothing, every tenth of a second in which the server was silent.
    """
    end = monotonic() + connection.patience
    try:
        awaited = next(dialogue)
        while True:
            came = yield awaited
            if monotonic() > end:
                connection.pgconn.finish()
                raise psycopg.OperationalError("the server is silent") from TimeoutError()
            awaited = dialogue.send(came)
    except StopIteration as stop:
        found: _Found = stop.value
        return found
