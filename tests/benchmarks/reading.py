"""One typed data store read, beside the bare HTTP library and the peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import requests

from tests.benchmarks import peer
from tests.benchmarks.loopback import SCOPE, VALUE
from tests.benchmarks.rounds import Effort, alternate, timed
from tests.benchmarks.sides import ENTRY, KEY, async_stores, entered, sync_stores
from tests.benchmarks.table import Line, ratio

AT_A_TIME = 32
HEADERS = {"x-api-key": KEY}


def _url(origin: str) -> str:
    return f"{origin}/cloud/v2/{SCOPE}/entries/{ENTRY}"


@asynccontextmanager
async def _bare_session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:  # which has to be made on the loop
        yield session


def sync_reads(origin: str, effort: Effort) -> Iterator[Line]:
    """One read after another."""
    url = _url(origin)

    def batch(read: Callable[[], object]) -> Callable[[], float]:
        def work() -> object:
            for _ in range(effort.calls):
                value = read()
            return value

        return timed(work, expect=VALUE, share=1e6 / effort.calls)

    with requests.Session() as session, sync_stores(origin) as (ours, theirs):
        things = {
            "ours": batch(lambda: ours.get(ENTRY).value),
            "bare": batch(lambda: session.get(url, headers=HEADERS, timeout=30).json()["value"]),
        }
        if theirs is not None:
            things["peer"] = batch(lambda: theirs.get_entry(ENTRY)[0])
        took = alternate(effort.reads, things)
    yield ratio("get, sync / bare requests", took["ours"], took["bare"], 0.75, "us")
    if "peer" in took:
        yield ratio("get, sync / peer", took["ours"], took["peer"], 0.65, "us")


def async_reads(origin: str, effort: Effort) -> Iterator[Line]:
    """Thirty-two reads under way at any time."""
    url = _url(origin)
    each = max(1, effort.calls // AT_A_TIME)

    async def bare(session: aiohttp.ClientSession) -> object:
        async with session.get(url, headers=HEADERS) as answer:
            return (await answer.json())["value"]

    async def ours_value() -> object:
        return (await ours.get(ENTRY)).value

    async def theirs_value(store: peer.AsyncStore) -> object:
        return (await store.get_entry(ENTRY))[0]

    async def reader(read: Callable[[], Awaitable[object]]) -> object:
        for _ in range(each):
            value = await read()
        return value

    async def readers(read: Callable[[], Awaitable[object]]) -> list[object]:
        return await asyncio.gather(*(reader(read) for _ in range(AT_A_TIME)))

    with (
        asyncio.Runner() as runner,
        entered(runner, async_stores(origin)) as (ours, theirs),
        entered(runner, _bare_session()) as session,
    ):

        def batch(read: Callable[[], Awaitable[object]]) -> Callable[[], float]:
            return timed(
                lambda: runner.run(readers(read)),
                expect=[VALUE] * AT_A_TIME,
                share=1e6 / (each * AT_A_TIME),
            )

        things = {"ours": batch(ours_value), "bare": batch(lambda: bare(session))}
        if theirs is not None:
            things["peer"] = batch(lambda: theirs_value(theirs))
        took = alternate(effort.reads, things)
    yield ratio("get, async, 32 at a time / bare aiohttp", took["ours"], took["bare"], 1.7, "us")
    if "peer" in took:
        yield ratio("get, async, 32 at a time / peer", took["ours"], took["peer"], 0.75, "us")
