"""Sockets whose timeout is a deadline.

An ordinary socket's timeout starts again with every read, so a server that
sends one byte a second keeps a caller for ever. Here a timeout, once set, runs
out for everything that follows until it is set anew: the time is one for the
whole exchange, however finely its bytes are dripped.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

Buffer = Any  # what the base classes take; nothing public here


class _Deadline(socket.socket):
    """What the plain and the TLS socket share."""

    _until: float | None = None

    def settimeout(self, value: float | None) -> None:
        """Start the time running: `value` seconds for all that follows."""
        self._until = None if value is None else time.monotonic() + value
        super().settimeout(value)

    def gettimeout(self) -> float | None:
        """The seconds that are left; never less than a millisecond."""
        if self._until is None:
            return super().gettimeout()
        return max(self._until - time.monotonic(), 0.001)

    def _tighten(self) -> None:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            super().settimeout(left)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read within what is left."""
        self._tighten()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        """Write within what is left."""
        self._tighten()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """Write everything within what is left."""
        self._tighten()
        super().sendall(*args, **kwargs)


class DeadlineSocket(_Deadline):
    """A plain socket whose timeout is a deadline."""


class DeadlineTlsSocket(_Deadline, ssl.SSLSocket):
    """A TLS socket whose timeout is a deadline; made by an `ssl.SSLContext`."""


def connect(
    host: str,
    port: int,
    *,
    timeout: float,
    each: float,
    options: list[tuple[int, int, int]],
) -> DeadlineSocket:
    """Connect to the first address of `host` that answers.

    Args:
        host: A name or address.
        port: The port.
        timeout: Seconds in all, over every address; it goes on running in the
            socket that comes back.
        each: Seconds for one address.
        options: Socket options to set.

    Raises:
        OSError: No address answered; the last one's error.
    """
    until = time.monotonic() + timeout
    failure: OSError = TimeoutError("timed out")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        left = until - time.monotonic()
        if left <= 0:
            break
        sock = DeadlineSocket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(min(left, each))
            sock.connect(address)
            sock.settimeout(max(until - time.monotonic(), 0.001))
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure
