"""Connections of aiomysql that do not wait for ever for a server that is there and silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomysql
from pymysql import OperationalError
from pymysql.constants import CR


def connector(patience: float) -> Callable[..., Awaitable[aiomysql.Connection]]:
    """What makes them.

    Args:
        patience: Seconds to wait for the server, each time.
    """

    async def connect(**arguments: Any) -> aiomysql.Connection:
        connection = _Connection(patience, **arguments)
        async with _bounded(connection, CR.CR_CONN_HOST_ERROR, patience):
            await connection._connect()  # noqa: SLF001 (as aiomysql.connect does)
        return connection

    return connect


class _Connection(aiomysql.Connection):  # type: ignore[misc]  # it has no types
    """One whose dialogues have an end."""

    def __init__(self, patience: float, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._patience = patience

    def escape(self, obj: Any) -> Any:
        """A value as SQL. Bytes are written here: aiomysql 0.3.2 cannot with PyMySQL 1.2.3."""
        return f"_binary X'{obj.hex()}'" if isinstance(obj, bytes) else super().escape(obj)

    async def _read_packet(self, *args: Any) -> Any:
        """What the server says next."""
        async with _bounded(self, CR.CR_SERVER_LOST, self._patience):
            return await super()._read_packet(*args)


@asynccontextmanager
async def _bounded(connection: Any, number: int, seconds: float) -> AsyncIterator[None]:
    """Leave the connection when it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        connection.close()
        raise OperationalError(number, "the server is silent") from error
