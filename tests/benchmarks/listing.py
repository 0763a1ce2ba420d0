"""List every key: how long it takes beside the peer, and by how much the process grows.

python -m tests.benchmarks.listing sync|async ORIGIN KEYS    prints that growth, in megabytes
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator

from rblx_oauth._async.resources.data_store import AsyncDataStore
from rblx_oauth._sync.resources.data_store import DataStore
from tests.benchmarks import peer
from tests.benchmarks.loopback import PAGE, letters
from tests.benchmarks.memory import grown, peak
from tests.benchmarks.rounds import Effort, alternate, timed
from tests.benchmarks.sides import async_stores, entered, sync_stores
from tests.benchmarks.table import Line, ratio

WARM_UP = 1024
"""Keys listed before the growth is measured."""

AIM = 0.85


def sync_listing(origin: str, effort: Effort) -> Iterator[Line]:
    """Every key, one after another."""
    with sync_stores(origin) as (ours, theirs):
        if theirs is not None:
            yield _beside(
                "sync",
                "v2 beside v2",
                effort,
                lambda: _read(ours),
                lambda: sum(len(entry.key) for entry in theirs.list_keys()),
            )
    yield _growth("sync", origin, effort)


def async_listing(origin: str, effort: Effort) -> Iterator[Line]:
    """The same, awaited."""
    with (
        asyncio.Runner() as runner,
        entered(runner, async_stores(origin)) as (ours, theirs),
    ):
        if theirs is not None:
            yield _beside(
                "async",
                "v2 beside v1",
                effort,
                lambda: runner.run(_read_async(ours)),
                lambda: runner.run(_read_peer(theirs)),
            )
    yield _growth("async", origin, effort)


def _beside(
    colour: str,
    versions: str,
    effort: Effort,
    ours: Callable[[], object],
    theirs: Callable[[], object],
) -> Line:
    expect = letters(effort.keys)
    things = {
        name: timed(work, expect=expect, share=1e3)
        for name, work in (("ours", ours), ("peer", theirs))
    }
    took = alternate(effort.listings, things)
    name = f"list {effort.keys:,} keys, {colour} / peer"
    remark = f", {versions}, pages of {PAGE}"
    return ratio(name, took["ours"], took["peer"], AIM, "ms", remark)


def _growth(colour: str, origin: str, effort: Effort) -> Line:
    name = f"memory growth, {effort.keys:,} keys, {colour}"
    return Line(name, grown("listing", colour, origin, str(effort.keys)), 5, "MB")


async def _read_async(store: AsyncDataStore, limit: int | None = None) -> int:
    return sum([len(key) async for key in store.keys(limit=limit)])


async def _read_peer(store: peer.AsyncStore) -> int:
    return sum([len(entry.key) async for entry in store.list_keys()])


def grow_sync(origin: str, keys: int) -> float:
    """The growth of the sync client."""
    with sync_stores(origin) as (store, _):
        _read(store, WARM_UP)
        before = peak()
        assert _read(store) == letters(keys)
        return peak() - before


async def grow_async(origin: str, keys: int) -> float:
    """The growth of the async client."""
    async with async_stores(origin) as (store, _):
        await _read_async(store, WARM_UP)
        before = peak()
        assert await _read_async(store) == letters(keys)
        return peak() - before


def _read(store: DataStore, limit: int | None = None) -> int:
    return sum(len(key) for key in store.keys(limit=limit))


if __name__ == "__main__":
    colour, origin, keys = sys.argv[1], sys.argv[2], int(sys.argv[3])
    growth = grow_sync(origin, keys) if colour == "sync" else asyncio.run(grow_async(origin, keys))
    print(f"{growth:.1f}")
