"""A web server whose connections can be reset, slowed down and refused.

Cheroot's, which does none of that by itself. Faults need what lies below WSGI, so each request
carries its connection in its environment.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

from cheroot.server import HTTPConnection
from cheroot.wsgi import Gateway_10, Server

from rblx_oauth.sandbox.faults.wires import wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["Connection", "WebServer", "connection_of", "dripping"]

_CONNECTION = "rblx_oauth.sandbox.connection"
_STEP = 0.05  # seconds between two pieces of what comes slowly, unless there are few of them
# Lingering for no time at all makes a close an RST, as when the other side has crashed.
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


def connection_of(environ: WSGIEnvironment) -> Connection:
    """The connection that a request came on."""
    connection: Connection = environ[_CONNECTION]
    return connection


def dripping(data: bytes, seconds: float, over: Event) -> Iterator[bytes]:
    """`data` in pieces, with waits between them; once `over` is set, the rest without waiting."""
    steps = min(len(data), max(2, round(seconds / _STEP)))
    for step in range(steps):
        if step or steps == 1:
            over.wait(seconds / max(1, steps - 1))
        yield data[len(data) * step // steps : len(data) * (step + 1) // steps]


class Connection(HTTPConnection):
    """One connection from a client."""

    server: WebServer
    _broken = False

    def __init__(self, server: WebServer, sock: socket.socket, makefile: object = None) -> None:  # noqa: ARG002
        super().__init__(server, sock, wire)

    def reset(self) -> NoReturn:
        """Break the connection with an RST, and end the request that it is called from."""
        self._broken = True
        # One of the errors that Cheroot takes for the client's own doing, and closes upon.
        raise ConnectionResetError(errno.ECONNRESET, "reset by a fault")

    def occupy(self) -> None:
        """Get ready to answer for long: others go on being served, and a stop does not wait."""
        self.server.occupied.add(self)
        pool = self.server.requests
        if not pool.idle:
            pool.grow(1)

    def slow_down_once(self, seconds: float, over: Event) -> None:
        """Spread the next write, which is that of an answer's head, over some time."""
        self.occupy()
        self.wfile = _SlowOnce(self, seconds, over)

    def close(self) -> None:
        """Close as Cheroot does, or with an RST."""
        self.server.occupied.discard(self)
        if not self._broken:
            super().close()
            return
        with suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.rfile.close()
        self.socket.close()


class _SlowOnce:
    """Takes the place of a connection's writer for one write."""

    def __init__(self, connection: Connection, seconds: float, over: Event) -> None:
        self._connection = connection
        self._writer = connection.wfile
        self._seconds = seconds
        self._over = over

    def write(self, data: bytes) -> int:
        self._connection.wfile = self._writer
        for piece in dripping(data, self._seconds, self._over):
            self._writer.write(piece)
        return len(data)


@lru_cache(maxsize=1)
def _date(moment: int) -> bytes:
    """What the ``Date`` header says, which is the same for all answers of a second."""
    return formatdate(moment, usegmt=True).encode()


class _Gateway(Gateway_10):
    def respond(self) -> None:
        self.env[_CONNECTION] = self.req.conn
        self.req.outheaders.append((b"Date", _date(int(time.time()))))
        super().respond()

    def write(self, chunk: bytes) -> None:
        """Send the head together with the first piece of the body."""
        self.req.conn.wfile.hold = not self.req.sent_headers
        super().write(chunk)


class WebServer(Server):
    """Cheroot's server, with connections as above and a door that can be shut.

    Attributes:
        occupied: The connections on which somebody is answered slowly.
    """

    ConnectionClass = Connection
    _connections: Any  # Cheroot's manager; its name is private, but there is no other way to it

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.gateway = _Gateway
        self.occupied: set[Connection] = set()
        self._shut: socket.socket | None = None

    @property
    def can_add_keepalive_connection(self) -> bool:
        """Whether a connection may stay open after its answer."""
        return self._shut is None and bool(super().can_add_keepalive_connection)

    def put_conn(self, conn: Connection) -> None:
        """Keep a connection for its next request, unless all are being closed."""
        if self._shut is None:
            super().put_conn(conn)
        else:
            conn.close()

    def refuse(self) -> None:
        """Refuse connections, close idle ones, and the others after their answers.

        The port stays taken meanwhile: a socket that is bound and does not listen is one that
        the system refuses connections to.
        """
        if self._shut is not None:
            return
        listening = self.socket
        shut = socket.socket(listening.family, socket.SOCK_STREAM)
        if os.name == "posix":
            shut.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._selector.unregister(listening.fileno())
        listening.close()
        shut.bind(self.bind_addr)
        self._shut = shut
        # The selector is locked while its connections are gone through, so none becomes busy.
        for _, connection in self._selector.connections:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def listen_again(self) -> None:
        """Accept connections at the same port as before."""
        if self._shut is None:
            return
        self._shut.listen(self.request_queue_size)
        # Cheroot's thread may come here on account of the old socket, and must not wait then.
        self._shut.setblocking(False)
        self.socket, self._shut = self._shut, None
        self._selector.register(self.socket.fileno(), selectors.EVENT_READ, data=self)

    def stop(self) -> None:
        """Stop, without waiting for those who are answered slowly or do not read."""
        for connection in list(self.occupied):
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
        super().stop()
        if self._shut is not None:
            self._shut.close()
            self._shut = None

    @property
    def _selector(self) -> Any:
        return self._connections._selector  # noqa: SLF001  # nor here
