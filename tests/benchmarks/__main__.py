"""Run benchmarks and print a table: ``python -m tests.benchmarks [NAME ...]``.

Without names, all of them.

What is compared runs in the same process, in turns, against the same server;
medians of several rounds. A line past its aim is marked, and the exit status
is then 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from tests.benchmarks.expiry import expiry
from tests.benchmarks.listing import async_listing, sync_listing
from tests.benchmarks.load import sandbox_load, sandbox_starts
from tests.benchmarks.loopback import loopback
from tests.benchmarks.reading import async_reads, sync_reads
from tests.benchmarks.rounds import Effort
from tests.benchmarks.sandbox import sandbox_stores
from tests.benchmarks.shared_stores import lookups, round_trips
from tests.benchmarks.site import site_pages
from tests.benchmarks.startup import imports
from tests.benchmarks.table import Line, heading, show
from tests.benchmarks.upload import uploads

Lines = Iterable[Line]


def _on_loopback(*parts: Callable[[str, Effort], Lines]) -> Callable[[Effort], Iterator[Line]]:
    """Those that ask the server of prepared answers."""

    def lines(effort: Effort) -> Iterator[Line]:
        with loopback(effort.keys) as origin:
            yield from chain.from_iterable(part(origin, effort) for part in parts)

    return lines


BENCHMARKS: dict[str, Callable[[Effort], Lines]] = {
    "reads": _on_loopback(sync_reads, async_reads),
    "listings": _on_loopback(sync_listing, async_listing),
    "uploads": _on_loopback(uploads),
    "imports": imports,
    "sandbox-starts": sandbox_starts,
    "sandbox-load": sandbox_load,
    "sandbox-stores": sandbox_stores,
    "pages": site_pages,
    "round-trips": round_trips,
    "sessions": lookups,
    "expiry": expiry,
}


def main(effort: Effort, *names: str) -> int:
    """Measure and print. Returns the exit status."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
        return 2
    print(heading(), flush=True)
    chosen = [BENCHMARKS[name] for name in names or BENCHMARKS]
    return int(show(chain.from_iterable(each(effort) for each in chosen)))


if __name__ == "__main__":
    sys.exit(main(Effort(), *sys.argv[1:]))
