"""A production server for the site, on this machine only."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cheroot.wsgi import Server
from flask import Flask

HOST = "127.0.0.1"
THREADS = 16
TICK_SECONDS = 0.05
"""How often the server looks up from its sockets, and so how long stopping takes."""


@contextmanager
def bound(port: int, *, fallback: bool = False) -> Iterator[Server]:
    """A server that has its port and serves nothing until it is told what.

    Args:
        port: The port; 0 for any that is free.
        fallback: Take any free port when that one is taken.

    Raises:
        OSError: The port is taken.
    """
    try:
        server = _prepared(port)
    except OSError:
        if not fallback:
            raise
        server = _prepared(0)
    try:
        yield server
    finally:
        server.stop()


def _prepared(port: int) -> Server:
    server = Server((HOST, port), None, numthreads=THREADS, shutdown_timeout=1)
    server.expiration_interval = TICK_SECONDS
    server.prepare()
    # So that a restart need not wait until the system has forgotten the last run's connections.
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return server


def run(server: Server, app: Flask) -> None:
    """Serve until the process is asked to stop (SIGINT or SIGTERM)."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serving(server, app):
        stop.wait()


@contextmanager
def serving(server: Server, app: Flask) -> Iterator[None]:
    """Serve in the background."""
    server.wsgi_app = app
    thread = threading.Thread(target=server.serve, name="site")
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
