"""A server of raw bytes: answers as a script says, rudely where it says so."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Self

import pytest

Answer = bytes | Callable[["Exchange"], None]

PATIENCE = 5.0
"""Seconds that a thread may take to end."""


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP answer. Header names are written with underscores for hyphens."""
    lines = [f"HTTP/1.1 {status} Said So", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Exchange:
    """One request that has been read, and the connection to answer it on."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self.sock = sock
        self._stop = stop

    def reset(self) -> None:
        """Break the connection with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def drip(self, data: bytes, every: float = 0.05) -> None:
        """Send a byte at a time, until the other side has had enough."""
        for byte in data:
            self.sock.sendall(bytes([byte]))
            if self._stop.wait(every):
                return

    def hang(self) -> None:
        """Say nothing until the server stops."""
        self._stop.wait()


def reset(exchange: Exchange) -> None:
    """An answer: break the connection."""
    exchange.reset()


def hang(exchange: Exchange) -> None:
    """An answer: say nothing."""
    exchange.hang()


def then_reset(data: bytes) -> Answer:
    """An answer: some bytes, then break the connection."""

    def answer(exchange: Exchange) -> None:
        exchange.sock.sendall(data)
        exchange.reset()

    return answer


def then_close(data: bytes) -> Answer:
    """An answer: some bytes, then close in good order."""

    def answer(exchange: Exchange) -> None:
        exchange.sock.sendall(data)
        exchange.sock.close()

    return answer


def dripped(data: bytes, *, after: bytes = b"") -> Answer:
    """An answer: some bytes at once, the rest one at a time."""

    def answer(exchange: Exchange) -> None:
        exchange.sock.sendall(after)
        exchange.drip(data)

    return answer


class RawServer:
    """Listens on loopback; the n-th request gets the n-th answer, the last one for ever.

    Attributes:
        url: Its origin; https with a `tls` context.
        requests: Every request as it came: head and body.
    """

    def __init__(
        self, answers: Sequence[Answer] = (), *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._answers = list(answers)
        self._tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def script(self, *answers: Answer) -> None:
        """Answer like this from now on."""
        with self._lock:
            self._answers = list(answers)

    @property
    def lines(self) -> list[str]:
        """The request line of every request, without the protocol version."""
        return [
            each.split(b"\r\n", 1)[0].decode("latin-1").rpartition(" ")[0] for each in self.requests
        ]

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._threads[0].join(PATIENCE)
        self._listener.close()
        # Each thread closes its own socket: closed from here, its number could be another's
        # by the time the thread looks.
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            self._begin(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            for request in _requests(sock):
                with self._lock:
                    self.requests.append(request)
                    answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                if isinstance(answer, bytes):
                    sock.sendall(answer)
                else:
                    answer(Exchange(sock, self._stop))
                if sock.fileno() < 0:
                    return
        except OSError:
            pass
        finally:
            sock.close()


def _requests(sock: socket.socket) -> Iterator[bytes]:
    """Whole requests off a connection, one after another."""
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            data = sock.recv(65536)
            if not data:
                return
            buffer += data
        head, _, rest = buffer.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(rest) < length:
            data = sock.recv(1 << 20)
            if not data:
                return
            rest += data
        yield head + b"\r\n\r\n" + rest[:length]
        buffer = rest[length:]


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server of raw bytes; script it before sending."""
    with RawServer() as made:
        yield made
