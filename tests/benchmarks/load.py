"""The sandbox as a program: how soon it is there, and what it bears from 32 connections."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from tests.benchmarks.loopback import ROOT
from tests.benchmarks.rounds import Effort, alternate
from tests.benchmarks.table import Line

CONNECTIONS = 32
SEED = 2000
START_AIM = 500.0
GET_AIM = 1000.0  # µs: a thousand a second
_UNIVERSE = "/cloud/v2/universes/3000001"
_STORE = f"{_UNIVERSE}/data-stores/coins/entries"
_GET = f"{_STORE}/player%2F1000001"


class Ask(NamedTuple):
    """A request to be sent."""

    method: str
    path: str
    body: object = None


def mixed(count: int) -> list[Ask]:
    """Requests of many families, the same ones every time; each reads or writes with success."""
    chance = random.Random(SEED)
    key = [f"player%2F{1_000_001 + each}" for each in range(60)]
    item = {"data": {"player": 1}, "ttl": "300s"}
    kinds = [
        lambda: Ask("GET", f"{_STORE}/{chance.choice(key)}"),
        lambda: Ask("GET", f"{_STORE}/{chance.choice(key)}"),
        lambda: Ask("GET", f"{_STORE}?maxPageSize=20"),
        lambda: Ask("PATCH", f"{_STORE}/{chance.randrange(500)}?allowMissing=true", {"value": 1}),
        lambda: Ask("POST", f"{_STORE}/{chance.choice(key)}:increment", {"amount": 1}),
        lambda: Ask("GET", f"{_UNIVERSE}/ordered-data-stores/scores/scopes/global/entries"),
        lambda: Ask("POST", f"{_UNIVERSE}/memory-store/queues/lobby/items", item),
        lambda: Ask("POST", f"{_UNIVERSE}:publishMessage", {"topic": "a", "message": "b"}),
        lambda: Ask("GET", _UNIVERSE),
        lambda: Ask("GET", f"/cloud/v2/users/{chance.choice((1000001, 1000002, 1000003))}"),
        lambda: Ask("GET", "/cloud/v2/groups/2000001/memberships"),
        lambda: Ask("GET", "/cloud/v2/users/1000001/inventory-items"),
        lambda: Ask("GET", "/assets/v1/assets/6000001"),
        lambda: Ask("GET", f"{_UNIVERSE}/user-restrictions"),
    ]
    return [chance.choice(kinds)() for _ in range(count)]


@contextmanager
def program() -> Iterator[tuple[float, dict[str, Any]]]:
    """The sandbox in a process of its own: how many ms it took, and what it printed.

    What Python compiles is kept: the first start of all is slower.
    """
    folder = Path(tempfile.gettempdir()) / "rblx-sandbox-benchmark"
    folder.mkdir(exist_ok=True)
    seed = folder / "seed.json"
    seed.write_text('{"settings": {"rate_limits": false}}')
    surroundings = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "rblx_oauth.sandbox", "--port", "0", "--json"]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, "--seed", str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=surroundings,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        took = (time.perf_counter() - began) * 1000
        try:
            yield took, json.loads(line)
        finally:
            process.terminate()


def sandbox_starts(effort: Effort) -> Iterator[Line]:
    """From the command to the line that says that it answers."""

    def start() -> float:
        with program() as (took, _):
            return took

    start()
    took = alternate(effort.starts, {"start": start})["start"]
    yield Line("sandbox: from start to ready", took, START_AIM, "ms")


def sandbox_load(effort: Effort) -> Iterator[Line]:
    """Requests of many kinds at once, then gets of one entry; the caller shares the machine."""
    with program() as (_, told), asyncio.Runner() as runner:

        def ask(asks: list[Ask]) -> tuple[float, Counter[int]]:
            return runner.run(_asked(told["api_base"], told["api_key"], asks))

        asks = mixed(effort.mixed)
        took, statuses = ask(asks)
        wrong = sum(count for status, count in statuses.items() if status >= 400)
        rate = f"{len(asks) / took:.0f} a second, {CONNECTIONS} connections"
        yield Line(f"sandbox: errors in {len(asks):,} mixed", wrong, 0, "", rate)
        gets = list(repeat(Ask("GET", _GET), effort.mixed))
        each = alternate(effort.starts, {"get": lambda: ask(gets)[0] / len(gets) * 1e6})["get"]
        yield Line("sandbox: data store get", each, GET_AIM, "µs", f"{1e6 / each:.0f} a second")


async def _asked(base: str, key: str, asks: list[Ask]) -> tuple[float, Counter[int]]:
    """The seconds that all of them took, and how often there was each status."""
    statuses: Counter[int] = Counter()
    waiting = iter(asks)
    async with aiohttp.ClientSession(
        headers={"x-api-key": key}, connector=aiohttp.TCPConnector(limit=CONNECTIONS)
    ) as session:

        async def connection() -> None:
            for each in waiting:
                url = URL(base + each.path, encoded=True)
                async with session.request(each.method, url, json=each.body) as answer:
                    await answer.read()
                    statuses[answer.status] += 1

        began = time.perf_counter()
        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
        return time.perf_counter() - began, statuses
