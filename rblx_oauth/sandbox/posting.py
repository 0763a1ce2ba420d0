"""One POST to a program on this machine, with a deadline for the whole of it."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Outcome", "post"]


@dataclass(frozen=True)
class Outcome:
    """How it went: the status (0: there was no answer), and what is wrong, if anything is."""

    status: int
    reason: str = ""


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Outcome:
    """Send JSON and wait for the head of the answer. Redirects are not followed.

    Args:
        url: An http URL.
        body: The JSON.
        headers: Added to those that every request has.
        timeout: Seconds until it is given up.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    late = threading.Event()
    watch = threading.Timer(timeout, _break, (connection, late))
    watch.daemon = True
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    all_headers = {"Content-Type": "application/json", "Connection": "close", **headers}
    try:
        watch.start()
        connection.request("POST", path, body, all_headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            return Outcome(0, f"no answer within {timeout:g} s")
        return Outcome(0, f"no answer: {type(error).__name__}")
    finally:
        watch.cancel()
        connection.close()
    return Outcome(status, "" if 200 <= status < 300 else f"answered {status}")


def _break(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End an exchange that drips on: the timeout of a socket is for each of its pieces."""
    late.set()
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
