"""The adapter of ``requests``, with connections that know when they failed.

Two things are added to its pools: the time for an exchange is one for all of
it (`rblx_oauth.transport.sockets`), and a failure to connect is told apart
from a failure after the request may have been read.
"""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from rblx_oauth.core.bulk import MOST_AT_ONCE
from rblx_oauth.transport.environment import proxy_for, tls_context
from rblx_oauth.transport.faults import CONNECT_TIMEOUT
from rblx_oauth.transport.sockets import DeadlineSocket, DeadlineTlsSocket, connect

POOL_SIZE = MOST_AT_ONCE
"""Connections kept open for one origin. Of more than these, urllib3 warns at each request."""


class NoConnection(Exception):
    """Connecting failed, so nothing of a request was sent. ``__cause__`` says why."""


class UnaskedUpgrade(HTTPException):
    """The server switches to a protocol that nobody asked for."""


class _FinalAnswer(HTTPResponse):
    """An answer after any number of interim ones (RFC 9110 15.2), not after 100 alone.

    Taken for the answer, a 103 would leave the real one to the connection's next request.
    """

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if status == HTTPStatus.SWITCHING_PROTOCOLS:
            raise UnaskedUpgrade
        return version, HTTPStatus.CONTINUE if 100 <= status < 200 else status, reason


class _Connecting(HTTPConnection):
    """What the plain and the TLS connection share."""

    response_class = _FinalAnswer

    def _new_conn(self) -> DeadlineSocket:
        return connect(
            self._dns_host,
            self.port,
            timeout=float(self.timeout or CONNECT_TIMEOUT),
            each=CONNECT_TIMEOUT,
            options=list(self.socket_options or ()),  # type: ignore[arg-type]
        )

    def connect(self) -> None:
        """Connect, the TLS handshake and a proxy's tunnel included."""
        try:
            super().connect()
        except (OSError, HTTPError, HTTPException) as error:
            raise NoConnection from error


class _Plain(_Connecting):
    pass


class _Tls(_Connecting, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class PooledAdapter(HTTPAdapter):
    """Gives the pool of an origin, through the environment's proxy where it names one."""

    def __init__(self) -> None:
        self._context = tls_context(DeadlineTlsSocket)
        super().__init__(pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class, with our context and our connections."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        _use_our_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        """As the base class, with our context and our connections."""
        manager: PoolManager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        _use_our_pools(manager)
        return manager

    def pool(self, origin: str) -> HTTPConnectionPool:
        """The pool for an origin such as ``https://host:port``."""
        proxy = proxy_for(origin)
        manager = self.proxy_manager_for(proxy) if proxy else self.poolmanager
        return manager.connection_from_url(origin)


def _use_our_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
