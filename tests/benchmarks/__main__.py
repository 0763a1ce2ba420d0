"""Run every benchmark and print a table: ``python -m tests.benchmarks``.

What is compared runs in the same process, in turns, against the same server;
medians of several rounds. A line past its aim is marked, and the exit status
is then 1.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from rblx_oauth import Client
from tests.benchmarks.loopback import ROOT, loopback

ROUNDS, CALLS = 15, 150
STARTS = 7
GIGABYTE = 1024**3
KEY = "k" * 300  # as long as a real one


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, and the most it should be."""

    name: str
    measured: float
    aim: float
    unit: str
    detail: str = ""

    def __str__(self) -> str:
        mark = "" if self.measured <= self.aim else "  <- past its aim"
        value = f"{self.measured:8.2f} {self.unit:6}"
        return f"{self.name:40}{value}(aim {self.aim:.4g}) {self.detail}{mark}"


def alternate(rounds: int, *things: Callable[[], float]) -> list[float]:
    """The median of what each gives, taken in turns so that all meet the same weather."""
    taken: list[list[float]] = [[] for _ in things]
    for _ in range(rounds):
        for thing, results in zip(things, taken, strict=True):
            results.append(thing())
    return [statistics.median(results) for results in taken]


def timed(call: Callable[[], object]) -> Callable[[], float]:
    """Gives the microseconds of one call."""

    def measure() -> float:
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        return (time.perf_counter() - began) / CALLS * 1e6

    call()  # connects, imports, fills caches
    return measure


def one_read(origin: str) -> Iterator[Line]:
    """One typed data store get beside bare requests."""
    url = f"{origin}/cloud/v2/universes/13058/data-stores/coins/scopes/global/entries/287113233"
    headers = {"x-api-key": KEY}
    with requests.Session() as session, Client(api_key=KEY, api_base=origin) as client:
        store = client.universe(13058).data_store("coins")
        ours, bare = alternate(
            ROUNDS,
            timed(lambda: store.get("287113233")),
            timed(lambda: session.get(url, headers=headers, timeout=30).json()),
        )
    detail = f"{ours:.0f} us beside {bare:.0f} us"
    yield Line("data store get / bare requests, sync", ours / bare, 0.75, "times", detail)


def imports() -> Iterator[Line]:
    """`import rblx_oauth` beside `import requests`, each in a fresh interpreter."""

    def start(module: str) -> Callable[[], float]:
        code = (
            f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        )
        return lambda: float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT)) * 1000

    ours, theirs = alternate(STARTS, start("rblx_oauth"), start("requests"))
    detail = f"import requests: {theirs:.1f} ms"
    yield Line("import rblx_oauth", ours, theirs + 40, "ms", detail)


def uploads(origin: str) -> Iterator[Line]:
    """How much a process grows while it uploads a gigabyte."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.mp4"
        with file.open("wb") as sparse:
            sparse.truncate(GIGABYTE)
        for colour in ("sync", "async"):
            began = time.perf_counter()
            command = [sys.executable, "-m", "tests.benchmarks.upload", colour, origin, str(file)]
            grown = float(subprocess.check_output(command, cwd=ROOT))
            detail = f"in {time.perf_counter() - began:.1f} s"
            yield Line(f"memory growth, 1 GB upload, {colour}", grown, 16, "MB", detail)


def main() -> int:
    """Measure and print. Returns the exit status."""
    past = False
    with loopback() as origin:
        for lines in (one_read(origin), imports(), uploads(origin)):
            for line in lines:
                print(line, flush=True)
                past |= line.measured > line.aim
    return int(past)


if __name__ == "__main__":
    sys.exit(main())
