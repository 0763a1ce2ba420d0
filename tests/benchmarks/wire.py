"""Counts round trips where they happen: between a program and a server, on the wire."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class Wire:
    """Stands between a program and a server on loopback, and passes on what both say.

    Attributes:
        port: Where it listens, for the program.
        trips: How often the program spoke and then heard an answer.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.trips = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Not close alone, which leaves a thread that is waiting there waiting.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                program, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            spoke = threading.Event()
            for ends in ((program, server, True), (server, program, False)):
                threading.Thread(target=self._pass, args=(*ends, spoke), daemon=True).start()

    def _pass(
        self, source: socket.socket, target: socket.socket, asks: bool, spoke: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if asks:
                    spoke.set()
                elif spoke.is_set():
                    spoke.clear()
                    self.trips += 1
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
