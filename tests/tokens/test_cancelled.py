"""Tasks that are cancelled in the middle of a question to a store."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from rblx_oauth import aio_stores
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW

MOST_WAITS = 200
"""More than a question to a store takes."""


class Cut:
    """Awaits something, and has its task cancelled at one of the waits."""

    def __init__(self, work: Awaitable[object], wait: int) -> None:
        self._work, self._wait = work, wait
        self.waits = 0

    def __await__(self) -> Generator[Any, Any, None]:
        """Every wait passes through here."""
        task = asyncio.current_task()
        assert task is not None
        steps = self._work.__await__()
        error: BaseException | None = None
        while True:
            try:
                awaited = next(steps) if error is None else steps.throw(error)
            except StopIteration:
                return
            if self.waits == self._wait:
                asyncio.get_running_loop().call_soon(task.cancel)
            self.waits += 1
            error = None
            try:
                yield awaited
            except BaseException as thrown:  # noqa: BLE001 (handed on)
                error = thrown


@pytest.fixture(params=["sqlite", "redis", "postgres", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tokens.db'}"
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return str(request.getfixturevalue(request.param).url)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Python collects no cycles meanwhile: nothing may be put right by that."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_a_cancelled_task_leaves_no_lock_and_no_answer_behind(url: str) -> None:
    """At whichever wait: who comes then is not kept waiting, and gets their own answer."""

    async def cut(store: Any, work: Callable[[], Awaitable[object]]) -> int:
        """Cancel `work` at each of its waits in turn; how many there were."""
        for wait in range(MOST_WAITS):
            await store.add_record(replace(RECORD, id="taken"))
            await store.add_record(replace(RECORD, id="old", expires_at=2.0, created_at=1.0))
            question = Cut(work(), wait)

            async def ask(question: Cut = question) -> None:
                await question

            await asyncio.wait([asyncio.ensure_future(ask())])
            if question.waits <= wait:
                return wait
            others = await asyncio.gather(*(store.get_grant(f"g{number}") for number in range(3)))
            assert [row.grant_id for row in others] == ["g0", "g1", "g2"]
            assert await store.swap_grant(replace(ROW, grant_id="g0"), expected=ROW.generation)
        raise AssertionError("it never ended")

    async def main() -> None:
        async with aio_stores.open(url, keys=[KEY], timeout=2.0) as store:
            for number in range(3):
                await store.swap_grant(replace(ROW, grant_id=f"g{number}"), expected=None)
            for work in (
                lambda: store.take_record(RECORD.kind, "taken", now=3.0),
                lambda: store.get_record(RECORD.kind, "taken", now=3.0),
                lambda: store.sweep(now=3.0),
            ):
                assert await cut(store, work)

    asyncio.run(main())
