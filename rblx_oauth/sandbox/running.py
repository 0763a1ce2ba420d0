"""A sandbox on a web server of its own: starting, stopping, and where it is."""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from rblx_oauth.sandbox.app import Front
from rblx_oauth.sandbox.faults.web import WebServer
from rblx_oauth.sandbox.files import write_from
from rblx_oauth.sandbox.guard import LOOPBACK
from rblx_oauth.sandbox.state import State

__all__ = ["Running"]

_THREADS = 16
_BACKLOG = 128
_KEPT_ALIVE = 512
_IDLE_SECONDS = 75
_TICK_SECONDS = 0.05  # also how long stopping takes


class Running:
    """A state that is served while somebody wants it.

    Args:
        state: What is served.
        port: The port; 0 takes a free one at the first start.
        state_file: Where the state is written to at the stop.
    """

    def __init__(self, state: State, port: int, state_file: Path | None) -> None:
        self.state = state
        self._state_file = state_file
        self._wanted_port = port
        self._app: Front | None = None
        self._web: WebServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Begin to answer, in threads of its own.

        Raises:
            OSError: The port is taken.
            RuntimeError: It is running already.
        """
        if self._web is not None:
            raise RuntimeError("the sandbox is running already")
        web = WebServer(
            (LOOPBACK, self._wanted_port),
            None,
            numthreads=_THREADS,
            request_queue_size=_BACKLOG,
            timeout=_IDLE_SECONDS,
            shutdown_timeout=1,
        )
        web.keep_alive_conn_limit = _KEPT_ALIVE
        web.expiration_interval = _TICK_SECONDS
        bound: Future[None] = Future()
        # The server's own threads are children of this one and, like it, do not keep a program
        # alive that forgets to stop the sandbox.
        thread = threading.Thread(
            target=self._serve, args=(web, bound), name="sandbox", daemon=True
        )
        thread.start()
        bound.result()
        self._web, self._thread = web, thread
        self.state.faults.door = web
        self.state.webhooks.wake()
        return self

    def _serve(self, web: WebServer, bound: Future[None]) -> None:
        try:
            web.prepare()
            if os.name == "posix":
                # So that a restart need not wait for connections of the last run to be forgotten.
                web.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._wanted_port = web.bind_addr[1]
            self._app = self._app or Front(self.state, self.api_base)
            web.wsgi_app = self._app
        except Exception as error:  # noqa: BLE001  # raised again in the thread that called start
            bound.set_exception(error)
            return
        bound.set_result(None)
        web.serve()

    def stop(self) -> None:
        """Answer no more and free the port. Stopping twice does nothing."""
        if self._web is not None and self._thread is not None:
            self.state.faults.interrupt()
            self.state.webhooks.stop()
            self._web.stop()
            self._thread.join()
            if self._state_file is not None:
                write_from(self.state, self._state_file)
        self._web = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port.

        Raises:
            RuntimeError: It was to be a free one and the sandbox has not been started yet.
        """
        if not self._wanted_port:
            raise RuntimeError("the sandbox takes a free port when it starts; start it first")
        return self._wanted_port

    @property
    def api_base(self) -> str:
        """Where Open Cloud's paths begin, without a trailing slash."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def issuer(self) -> str:
        """The issuer, with its trailing slash."""
        return f"{self.api_base}/oauth/"
