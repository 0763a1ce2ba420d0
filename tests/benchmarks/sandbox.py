"""The sandbox's data stores: a request where there are many entries, beside one with few.

A look-up and a listing from the middle on must not take longer, and a new entry hardly so.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count

import msgspec
import requests

from rblx_oauth.sandbox import Sandbox, Settings
from tests.benchmarks.rounds import Effort, alternate, timed
from tests.benchmarks.table import Line, ratio

UNIVERSE = "3000001"
CALLS = 64
PAGE = 10
AIM = 1.5
_VALUE = msgspec.Raw(b'{"coins": 1}')


class Store:
    """A data store of a sandbox, over HTTP.

    Args:
        cloud: The sandbox.
        size: How many entries it is to have: with keys of random digits.
    """

    def __init__(self, cloud: Sandbox, size: int) -> None:
        self.name = f"of {size}"
        self._chance = random.Random(size)
        self._keys = [f"{self._chance.getrandbits(64):016x}" for _ in range(size)]
        self._fresh = count()
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["x-api-key"] = cloud.api_key
        path = f"/cloud/v2/universes/{UNIVERSE}/data-stores/{self.name}/entries"
        self._entries = cloud.api_base + path
        for key in self._keys:
            cloud.state.data.write(UNIVERSE, self.name, "global", key, _VALUE)

    def get(self) -> None:
        """Read an entry."""
        key = self._chance.choice(self._keys)
        self._http.get(f"{self._entries}/{key}", timeout=30).raise_for_status()

    def set(self) -> None:
        """Write a new entry, somewhere among the others."""
        key = f"{self._chance.getrandbits(64):016x} {next(self._fresh)}"
        path, allowed = f"{self._entries}/{key}", {"allowMissing": "true"}
        answer = self._http.patch(path, params=allowed, json={"value": 1}, timeout=30)
        answer.raise_for_status()

    def list(self) -> None:
        """List a page, from somewhere on."""
        digit = self._chance.choice("0123456789abcdef")
        query: dict[str, str | int] = {"filter": f'id.startsWith("{digit}")', "maxPageSize": PAGE}
        self._http.get(self._entries, params=query, timeout=30).raise_for_status()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


def sandbox_stores(effort: Effort) -> Iterator[Line]:
    """A get, a set and a listing."""
    sizes = (effort.keys, max(1, effort.keys // 100))
    with Sandbox(settings=Settings(rate_limits=False)) as cloud:
        many, few = (Store(cloud, size) for size in sizes)
        for does in (Store.get, Store.set, Store.list):
            took = alternate(
                effort.listings,
                {
                    store.name: timed(_repeated(does, store), expect=None, share=1e6 / CALLS)
                    for store in (many, few)
                },
            )
            name = f"sandbox {does.__name__}, {sizes[0]:,} / {sizes[1]:,} entries"
            yield ratio(name, took[many.name], took[few.name], AIM, "µs")
        many.close()
        few.close()


def _repeated(does: Callable[[Store], None], store: Store) -> Callable[[], None]:
    def work() -> None:
        for _ in range(CALLS):
            does(store)

    return work
