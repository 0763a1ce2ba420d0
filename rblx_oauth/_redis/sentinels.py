"""Sentinels watch over a Redis: each new connection asks them where its primary is by now.

A connection that is open needs not ask. Sentinels that make a primary a
replica end its connections, and who keeps one is told that it takes no writes.
"""

from __future__ import annotations

from typing import Any

from redis import Connection, SSLConnection
from redis.asyncio import Connection as AsyncConnection, SSLConnection as AsyncSSLConnection
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.sentinel import Sentinel

from rblx_oauth._redis.address import Address

_Place = tuple[str, int]


class _Sentinels:
    """Those of an address, asked one after the other until one knows.

    Args:
        address: Of the Redis.
        options: What a pool is told in any case.
    """

    def __init__(self, address: Address, options: dict[str, Any]) -> None:
        self._places = address.sentinels
        self._primary = address.primary
        self._tls = address.url.startswith("rediss:")
        share = options["socket_timeout"] / len(self._places)
        self._options = {
            "ssl": self._tls,
            "username": address.credentials[0],
            "password": address.credentials[1],
            "socket_timeout": share,
            "socket_connect_timeout": share,
            "retry": options["retry"],
            "protocol": options["protocol"],
        }
        self._options |= {name: each for name, each in options.items() if name.startswith("ssl_")}


class Watch(_Sentinels):
    """For threads."""

    @property
    def pool_options(self) -> dict[str, Any]:
        """What a pool is told besides, so that its connections ask."""
        return {"connection_class": _OverTls if self._tls else _Plain, "watch": self}

    def primary(self) -> _Place:
        """Where it is."""
        asked = Sentinel(self._places, sentinel_kwargs=self._options)
        try:
            place: _Place = asked.discover_master(self._primary)
            return place
        finally:
            for each in asked.sentinels:
                each.close()


class AsyncWatch(_Sentinels):
    """For tasks."""

    @property
    def pool_options(self) -> dict[str, Any]:
        """What a pool is told besides, so that its connections ask."""
        return {"connection_class": _AsyncOverTls if self._tls else _AsyncPlain, "watch": self}

    async def primary(self) -> _Place:
        """Where it is."""
        asked = AsyncSentinel(self._places, sentinel_kwargs=self._options)
        try:
            place: _Place = await asked.discover_master(self._primary)
            return place
        finally:
            for each in asked.sentinels:
                await each.aclose()


class _Plain(Connection):
    def __init__(self, *, watch: Watch, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._watch = watch

    def _connect(self) -> Any:
        self.host, self.port = self._watch.primary()
        return super()._connect()  # type: ignore[no-untyped-call]


class _OverTls(_Plain, SSLConnection):
    pass


class _AsyncPlain(AsyncConnection):
    def __init__(self, *, watch: AsyncWatch, **options: Any) -> None:
        super().__init__(**options)
        self._watch = watch

    async def _connect(self) -> None:
        self.host, self.port = await self._watch.primary()
        await super()._connect()  # type: ignore[no-untyped-call]


class _AsyncOverTls(_AsyncPlain, AsyncSSLConnection):
    pass
