"""Upload one file: by how much the process grows at its peak.

python -m tests.benchmarks.upload sync|async ORIGIN FILE    prints that, in megabytes
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rblx_oauth import AsyncClient, Client
from tests.benchmarks.memory import grown, peak
from tests.benchmarks.rounds import GIGABYTE, Effort
from tests.benchmarks.table import Line

SMALL = b"\0\0\0\x20ftypisom" + b"\0" * 1_000_000


def uploads(origin: str, effort: Effort) -> Iterator[Line]:
    """How much a process grows while it uploads one large file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.mp4"
        with file.open("wb") as sparse:
            sparse.truncate(effort.size)
        for colour in ("sync", "async"):
            began = time.perf_counter()
            growth = grown("upload", colour, origin, str(file))
            detail = f"in {time.perf_counter() - began:.1f} s"
            size = f"{effort.size / GIGABYTE:.2g} GB"
            yield Line(f"memory growth, {size} upload, {colour}", growth, 16, "MB", detail)


def upload_sync(origin: str, file: str) -> float:
    """The growth of the sync client."""
    with Client(api_key="key", api_base=origin) as client:
        assets = client.user(1).assets
        assets.create(SMALL, type="Video", name="Warm up")
        before = peak()
        assets.create(file, type="Video", name="Film")
        return peak() - before


async def upload_async(origin: str, file: str) -> float:
    """The growth of the async client."""
    async with AsyncClient(api_key="key", api_base=origin) as client:
        assets = client.user(1).assets
        await assets.create(SMALL, type="Video", name="Warm up")
        before = peak()
        await assets.create(file, type="Video", name="Film")
        return peak() - before


if __name__ == "__main__":
    colour, origin, file = sys.argv[1:]
    growth = (
        upload_sync(origin, file) if colour == "sync" else asyncio.run(upload_async(origin, file))
    )
    print(f"{growth:.1f}")
