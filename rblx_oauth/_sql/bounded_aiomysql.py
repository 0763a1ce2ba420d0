"""Connections of aiomysql that wait for no silent server for ever, and keep to TLS if told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomysql
from pymysql import OperationalError
from pymysql.constants import CLIENT, CR

from rblx_oauth._sql.mysql_tls import Tls


def connector(patience: float, tls: Tls) -> Callable[..., Awaitable[aiomysql.Connection]]:
    """What makes them.

    Args:
        patience: Seconds to wait for the server, each time.
        tls: How they are encrypted.
    """

    async def connect(**arguments: Any) -> aiomysql.Connection:
        connection = _Connection(patience, tls, **arguments)
        async with _bounded(connection, CR.CR_CONN_HOST_ERROR, patience):
            await connection._connect()  # noqa: SLF001 (as aiomysql.connect does)
        return connection

    return connect


class _Connection(aiomysql.Connection):  # type: ignore[misc]  # it has no types
    """One whose dialogues have an end."""

    def __init__(self, patience: float, tls: Tls, **arguments: Any) -> None:
        super().__init__(ssl=tls.context, **arguments)
        self._patience = patience
        self._tls = tls

    def escape(self, obj: Any) -> Any:
        """A value as SQL. Bytes are written here: aiomysql 0.3.2 cannot with PyMySQL 1.2.3."""
        return f"_binary X'{obj.hex()}'" if isinstance(obj, bytes) else super().escape(obj)

    async def _request_authentication(self) -> None:
        """Name user and password; aiomysql does so in the clear where a server offers no TLS."""
        if not self.server_capabilities & CLIENT.SSL:
            if self._tls.required:
                raise OperationalError(CR.CR_SSL_CONNECTION_ERROR, "the server offers no TLS")
            self.client_flag &= ~CLIENT.SSL  # which aiomysql would announce all the same
        await super()._request_authentication()

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
