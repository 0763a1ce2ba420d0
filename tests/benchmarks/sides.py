"""Who is measured: ours, and the peer where it is installed, ready to read one data store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import TypeVar

from rblx_oauth import AsyncClient, Client
from rblx_oauth._async.resources.data_store import AsyncDataStore
from rblx_oauth._sync.resources.data_store import DataStore
from tests.benchmarks import peer

T = TypeVar("T")

KEY = "k" * 300
"""An API key, as long as a real one."""

UNIVERSE, STORE, ENTRY = 13058, "coins", "287113233"


@contextmanager
def sync_stores(origin: str) -> Iterator[tuple[DataStore, peer.Store | None]]:
    """Our data store and the peer's."""
    with ExitStack() as stack:
        client = stack.enter_context(Client(api_key=KEY, api_base=origin))
        theirs = (
            stack.enter_context(peer.store(origin, KEY, UNIVERSE, STORE))
            if peer.installed()
            else None
        )
        yield client.universe(UNIVERSE).data_store(STORE), theirs


@asynccontextmanager
async def async_stores(
    origin: str,
) -> AsyncIterator[tuple[AsyncDataStore, peer.AsyncStore | None]]:
    """The same, awaited."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(AsyncClient(api_key=KEY, api_base=origin))
        theirs = (
            await stack.enter_async_context(peer.async_store(origin, KEY, UNIVERSE, STORE))
            if peer.installed()
            else None
        )
        yield client.universe(UNIVERSE).data_store(STORE), theirs


@contextmanager
def entered(runner: asyncio.Runner, manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enter and leave `manager` on the runner's loop, around what runs there in between."""
    stack = AsyncExitStack()
    try:
        yield runner.run(stack.enter_async_context(manager))
    finally:
        runner.run(stack.aclose())
