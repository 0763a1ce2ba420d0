"""A real HTTP server on loopback that answers as a test tells it to."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. Header names are lower-case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.target).path

    @property
    def form(self) -> dict[str, str]:
        """The form in the body; a member that comes twice is an error."""
        pairs = parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in pairs.values())
        return {name: values[0] for name, values in pairs.items()}


@dataclass(frozen=True)
class Answer:
    """What to send back.

    Attributes:
        status: The HTTP status.
        body: The bytes of the body.
        headers: Header fields; a content length is added.
        cut: Send only so many bytes of the body, then reset the connection.
        reset: Reset the connection instead of answering.
        after: Wait for this event first.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    reset: bool = False
    after: threading.Event | None = None


def json_reply(value: object, status: int = 200, **headers: str) -> Answer:
    """`value` as JSON; ``content_type=...`` and the like become header fields."""
    fields = {"content-type": "application/json"}
    fields |= {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), fields)


class ScriptedServer:
    """Answers from a queue, or from `answer` once the queue is empty; remembers every request."""

    def __init__(self, answer: Callable[[Seen], Answer] | None = None) -> None:
        self.answer = answer
        self.queue: deque[Answer] = deque()
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.script = self
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def reply(self, seen: Seen) -> Answer:
        """Remember `seen` and find its answer."""
        with self._lock:
            self.seen.append(seen)
            if self.queue:
                return self.queue.popleft()
        return self.answer(seen) if self.answer else Answer(404)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    script: ScriptedServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def _serve(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        answer = self.server.script.reply(seen)
        if answer.after:
            answer.after.wait(30)
        if answer.reset:
            self._reset()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut])
        if answer.cut is not None:
            self._reset()

    def _reset(self) -> None:
        self.wfile.flush()
        # Lingering for no time at all makes the close an RST, as a crashed peer's is.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815 (http.server's names)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Say nothing."""
