"""A server that costs little: an answer is made once, and from then on only sent.

python -m tests.benchmarks.loopback [KEYS]    prints its port, serves until it is ended

A data store of `KEYS` keys is listed over both of Roblox's APIs; any other GET is
answered with one entry, in the form of the API that was asked.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

ROOT = Path(__file__).resolve().parents[2]
KEYS = 100_000
PAGE = 256
"""Keys in a page: what v2 gives at most, and v1 here too for whoever asks for no number."""

SCOPE = "universes/13058/data-stores/coins/scopes/global"
VALUE = {"coins": 120, "items": ["sword", "shield"], "level": 7}
CREATED = "2024-05-05T12:34:56.123Z"
REVISION = "08DC6CDB8D3C0F5B.0000000001.08DC6CDB8D3C0F5B.01"
ENTRY = {
    "path": f"{SCOPE}/entries/287113233",
    "createTime": CREATED,
    "revisionId": REVISION,
    "revisionCreateTime": CREATED,
    "state": "ACTIVE",
    "etag": "08DC6CDB8D3C0F5B.0000000001",
    "value": VALUE,
    "id": "287113233",
    "users": ["users/287113233"],
    "attributes": {"source": "shop"},
}
V1_HEADERS = {
    "roblox-entry-version": REVISION,
    "roblox-entry-created-time": CREATED,
    "roblox-entry-version-created-time": CREATED,
    "roblox-entry-userids": "[287113233]",
    "roblox-entry-attributes": '{"source": "shop"}',
}
HEADERS = {
    "content-type": "application/json",
    "date": "Mon, 02 Mar 2026 14:00:00 GMT",
    "server": "public-gateway",
    "x-ratelimit-limit": "300, 300;w=60",
    "x-ratelimit-remaining": "299",
    "x-ratelimit-reset": "33",
}


def answer(body: object, headers: Mapping[str, str] = HEADERS) -> bytes:
    """A whole HTTP answer."""
    content = json.dumps(body).encode()
    head = [f"{name}: {value}" for name, value in headers.items()]
    lines = ["HTTP/1.1 200 OK", *head, f"content-length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


UPLOADED = answer({"path": "operations/1", "done": False})


@cache
def answer_to(target: bytes, keys: int) -> bytes:
    """The answer to a GET of `target` from a data store of `keys` keys."""
    path, _, query = target.decode().partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    if path.startswith("/datastores/v1/"):
        if path.endswith("/entry"):
            return answer(VALUE, HEADERS | V1_HEADERS)
        ids, token = _page(asked.get("cursor"), asked.get("limit"), keys)
        rows = [{"scope": "global", "key": each} for each in ids]
        return answer({"keys": rows, "nextPageCursor": token})
    if path.endswith("/entries"):
        ids, token = _page(asked.get("pageToken"), asked.get("maxPageSize"), keys)
        entries = [{"path": f"{SCOPE}/entries/{each}", "id": each} for each in ids]
        return answer({"dataStoreEntries": entries, "nextPageToken": token})
    return answer(ENTRY)


def letters(keys: int) -> int:
    """The letters of all keys together, by which a listing is known to be whole."""
    return keys * len(_key(0))


def _key(number: int) -> str:
    return f"player-{number:09}"


def _page(token: str | None, size: str | None, keys: int) -> tuple[list[str], str]:
    """The keys of a page, and the token of the next one."""
    start = int(token or 0)
    end = min(start + int(size or PAGE), keys)
    return [_key(number) for number in range(start, end)], str(end) if end < keys else ""


class Connection(asyncio.Protocol):
    """One kept connection: a request's body is counted and dropped."""

    def __init__(self, keys: int) -> None:
        self._keys = keys
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
            method, target, _ = self._head.split(b" ", 2)
            self._transport.write(
                UPLOADED if method == b"POST" else answer_to(target, self._keys),
            )
            self._head, self._left = b"", 0


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def loopback(keys: int = KEYS) -> Iterator[str]:
    """The server in a process of its own; its origin."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.loopback", str(keys)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def serve(keys: int) -> None:
    """Serve on a free port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(keys), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else KEYS))
