"""A server that costs little: it answers every request with the same bytes.

python -m tests.benchmarks.loopback    prints its port, serves until it is ended
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRY = {
    "path": "universes/13058/data-stores/coins/scopes/global/entries/287113233",
    "createTime": "2024-05-05T12:34:56.123Z",
    "revisionId": "08DC6CDB8D3C0F5B.0000000001.08DC6CDB8D3C0F5B.01",
    "revisionCreateTime": "2024-05-05T12:34:56.123Z",
    "state": "ACTIVE",
    "etag": "08DC6CDB8D3C0F5B.0000000001",
    "value": {"coins": 120, "items": ["sword", "shield"], "level": 7},
    "id": "287113233",
    "users": ["users/287113233"],
    "attributes": {"source": "shop"},
}
HEADERS = {
    "content-type": "application/json",
    "date": "Mon, 02 Mar 2026 14:00:00 GMT",
    "server": "public-gateway",
    "x-ratelimit-limit": "300, 300;w=60",
    "x-ratelimit-remaining": "299",
    "x-ratelimit-reset": "33",
}


def answer(body: object) -> bytes:
    """A whole HTTP answer."""
    content = json.dumps(body).encode()
    head = [f"{name}: {value}" for name, value in HEADERS.items()]
    lines = ["HTTP/1.1 200 OK", *head, f"content-length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


READ = answer(ENTRY)
UPLOADED = answer({"path": "operations/1", "done": False})


class Connection(asyncio.Protocol):
    """One kept connection: a request's body is counted and dropped."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when a request is whole."""
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            head, end, rest = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._left = _content_length(head) - len(rest)
        assert self._transport is not None
        if self._left <= 0:
            self._transport.write(UPLOADED if self._head.startswith(b"POST") else READ)
            self._head, self._left = b"", 0


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def loopback() -> Iterator[str]:
    """The server in a process of its own; its origin."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.loopback"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def serve() -> None:
    """Serve on a free port."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
