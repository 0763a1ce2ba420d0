"""Upload one file and print by how many megabytes the process grew at its peak.

python -m tests.benchmarks.upload sync|async ORIGIN FILE
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from rblx_oauth import AsyncClient, Client

SMALL = b"\0\0\0\x20ftypisom" + b"\0" * 1_000_000


def peak() -> float:
    """The most memory that this program ever held, in megabytes.

    Linux tells it of the program itself; what `getrusage` tells includes the
    process that started it, as it was then.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return float(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
    grown = (
        upload_sync(origin, file) if colour == "sync" else asyncio.run(upload_async(origin, file))
    )
    print(f"{grown:.1f}")
