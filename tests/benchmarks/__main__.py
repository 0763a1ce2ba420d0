"""Run every benchmark and print a table: ``python -m tests.benchmarks``.

What is compared runs in the same process, in turns, against the same server;
medians of several rounds. A line past its aim is marked, and the exit status
is then 1.
"""

from __future__ import annotations

import sys
from itertools import chain

from tests.benchmarks.listing import async_listing, sync_listing
from tests.benchmarks.load import sandbox_load, sandbox_starts
from tests.benchmarks.loopback import loopback
from tests.benchmarks.reading import async_reads, sync_reads
from tests.benchmarks.rounds import Effort
from tests.benchmarks.sandbox import sandbox_stores
from tests.benchmarks.startup import imports
from tests.benchmarks.table import heading, show
from tests.benchmarks.upload import uploads


def main(effort: Effort) -> int:
    """Measure and print. Returns the exit status."""
    print(heading(), flush=True)
    with loopback(effort.keys) as origin:
        missed = show(
            chain(
                sync_reads(origin, effort),
                async_reads(origin, effort),
                sync_listing(origin, effort),
                async_listing(origin, effort),
                uploads(origin, effort),
                imports(effort),
                sandbox_starts(effort),
                sandbox_load(effort),
                sandbox_stores(effort),
            )
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(Effort()))
