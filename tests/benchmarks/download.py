"""Download one asset to a file: by how much the process grows at its peak.

python -m tests.benchmarks.download sync|async ORIGIN FOLDER SIZE    prints that, in megabytes
python -m tests.benchmarks.download serve                            its server; prints its port

An asset's number is the size of its content, in bytes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rblx_oauth import AsyncClient, Client
from tests.benchmarks.loopback import ROOT
from tests.benchmarks.memory import grown, peak
from tests.benchmarks.rounds import GIGABYTE, Effort
from tests.benchmarks.table import Line

SMALL = 1_000_000
PIECE = bytes(1_000_000)


def downloads(effort: Effort) -> Iterator[Line]:
    """How much a process grows while it downloads one large file."""
    with contents() as origin, tempfile.TemporaryDirectory() as folder:
        for colour in ("sync", "async"):
            began = time.perf_counter()
            growth = grown("download", colour, origin, folder, str(effort.size))
            detail = f"in {time.perf_counter() - began:.1f} s"
            size = f"{effort.size / GIGABYTE:.2g} GB"
            yield Line(f"memory growth, {size} download, {colour}", growth, 16, "MB", detail)


def download_sync(origin: str, path: Path, size: int) -> float:
    """The growth of the sync client."""
    with Client(api_key="key", api_base=origin) as client:
        client.asset(SMALL).download(path)
        before = peak()
        _check(client.asset(size).download(path), path, size)
        return peak() - before


async def download_async(origin: str, path: Path, size: int) -> float:
    """The growth of the async client."""
    async with AsyncClient(api_key="key", api_base=origin) as client:
        await client.asset(SMALL).download(path)
        before = peak()
        _check(await client.asset(size).download(path), path, size)
        return peak() - before


def _check(written: int, path: Path, size: int) -> None:
    if not written == path.stat().st_size == size:
        raise AssertionError(f"{written} bytes came, not {size}")


class _Handler(BaseHTTPRequestHandler):
    """Says where an asset is, and gives it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """An address for every path but its own."""
        number = int(self.path.rpartition("/")[2])
        if self.path.startswith("/content/"):
            self._head(number)
            for start in range(0, number, len(PIECE)):
                self.wfile.write(PIECE[: number - start])
            return
        where = f"http://127.0.0.1:{self.server.server_address[1]}/content/{number}"
        body = json.dumps({"location": where}).encode()
        self._head(len(body))
        self.wfile.write(body)

    def _head(self, length: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Say nothing."""


@contextmanager
def contents() -> Iterator[str]:
    """The server in a process of its own; its origin."""
    command = [sys.executable, "-m", "tests.benchmarks.download", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def serve() -> None:
    """Serve on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        colour, origin, folder, length = sys.argv[1:]
        path, size = Path(folder) / colour, int(length)
        growth = (
            download_sync(origin, path, size)
            if colour == "sync"
            else asyncio.run(download_async(origin, path, size))
        )
        print(f"{growth:.1f}")
