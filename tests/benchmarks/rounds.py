"""How measuring is done: in turns, several rounds, and the medians of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

GIGABYTE = 1024**3


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        reads: Rounds of reads.
        calls: Reads in a round.
        listings: Rounds of listings.
        keys: Keys in a listing.
        size: Bytes of an upload.
        starts: Rounds of imports, and of starts of the sandbox.
        mixed: Requests that the sandbox has to bear at once.
        sessions: Sessions in a store.
    """

    reads: int = 15
    calls: int = 256
    listings: int = 15
    keys: int = 100_000
    size: int = GIGABYTE
    starts: int = 7
    mixed: int = 2_000
    sessions: int = 1_000_000


def alternate(rounds: int, things: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median of what each gives, taken in turns so that all meet the same weather."""
    taken: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds):
        for name, thing in things.items():
            taken[name].append(thing())
    return {name: statistics.median(results) for name, results in taken.items()}


def timed(work: Callable[[], object], *, expect: object, share: float) -> Callable[[], float]:
    """Gives the seconds that `work` takes, times `share`; it must give `expect` every time.

    It is done once beforehand, which connects, imports and fills caches.
    """

    def measure() -> float:
        began = time.perf_counter()
        result = work()
        taken = time.perf_counter() - began
        if result != expect:
            raise AssertionError(f"read {result!r:.200}, not {expect!r:.200}")
        return taken * share

    measure()
    return measure
