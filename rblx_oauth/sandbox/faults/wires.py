"""What a connection is read from and written to: less work than Cheroot's own, which is Python.

Cheroot reads a request line by line through the standard library's model of `io` in Python, and
sends the head and the body of an answer apart, so that the other side wakes up twice.
"""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

__all__ = ["Reader", "Writer", "wire"]


class _Wire(socket.SocketIO):
    """A socket that can be told to bring nothing more for now."""

    still = False

    def readinto(self, buffer: Buffer, /) -> int | None:
        return None if self.still else super().readinto(buffer)


class Reader(io.BufferedReader):
    """Reads from a socket."""

    raw: _Wire
    bytes_read = 0  # counted only where Cheroot keeps statistics

    def has_data(self) -> bool:
        """Whether something has been read ahead: the next request, or a part of it."""
        self.raw.still = True
        try:
            return bool(self.peek())
        finally:
            self.raw.still = False


class Writer:
    """Writes to a socket at once.

    Attributes:
        hold: Whether the next piece, which is the head of an answer, waits for the one after it.
    """

    bytes_written = 0  # as above

    def __init__(self, sock: socket.socket) -> None:
        self.hold = False
        self._sock = sock
        self._held = b""

    def write(self, data: bytes) -> int:
        """Send a piece, or keep it for a moment."""
        if self.hold:
            self.hold, self._held = False, data
        else:
            self._sock.sendall(self._held + data)
            self._held = b""
        return len(data)


def wire(sock: socket.socket, mode: str, size: int) -> Reader | Writer:
    """What Cheroot asks for with the modes ``rb`` and ``wb``."""
    return Reader(_Wire(sock, "r"), size) if "r" in mode else Writer(sock)
