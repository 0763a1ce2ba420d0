"""One test body for both colours.

A test takes the fixture `colour` and writes ``colour(client.thing())``: the
sync result passes through, the async one is awaited on the colour's own loop.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest

from rblx_oauth.transport.aiohttp_transport import AiohttpTransport
from rblx_oauth.transport.requests_transport import RequestsTransport


class Colour:
    """Sync or async, behind one face."""

    def __init__(self, name: Literal["sync", "async"]) -> None:
        self.name = name
        self.runner = asyncio.Runner() if name == "async" else None
        self._open: list[Any] = []

    def __call__(self, value: Any) -> Any:
        """The result, awaited where it must be."""
        if self.runner is not None and inspect.isawaitable(value):
            return self.runner.run(_result(value))
        return value

    def list(self, values: Any) -> list[Any]:
        """Everything that an iterable of this colour yields."""
        if self.runner is not None:
            return self.runner.run(_collect(values))
        return list(values)

    def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Let the other threads and tasks run until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not come about"
            if self.runner is not None:
                self.runner.run(asyncio.sleep(0.005))
            else:
                time.sleep(0.005)

    def at_once(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Begin all together, as threads or tasks: what each gave or raised, in their order."""
        if self.runner is not None:
            return self.runner.run(_gather(works))
        start = threading.Barrier(len(works))

        def run(work: Callable[[], Any]) -> Any:
            start.wait(30)
            return work()

        with ThreadPoolExecutor(len(works)) as pool:
            begun = [pool.submit(run, work) for work in works]
            return [each.exception() or each.result() for each in begun]

    def transport(self) -> Any:
        """A transport of this colour, closed at the end."""
        return self.keep(AiohttpTransport() if self.runner is not None else RequestsTransport())

    def keep(self, closable: Any) -> Any:
        """Close it when the test is over."""
        self._open.append(closable)
        return closable

    def close(self) -> None:
        """Close what was kept."""
        for each in reversed(self._open):
            self(each.aclose() if self.runner is not None else each.close())
        if self.runner is not None:
            self.runner.close()


async def _result(value: Awaitable[Any]) -> Any:
    return await value


async def _gather(works: Sequence[Callable[[], Any]]) -> list[Any]:
    return await asyncio.gather(*(work() for work in works), return_exceptions=True)


async def _collect(values: AsyncIterable[Any] | Iterable[Any]) -> list[Any]:
    return [each async for each in values]  # type: ignore[union-attr]


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    """One colour after the other."""
    made = Colour(request.param)
    yield made
    made.close()
