"""The library beside which ours is measured, if it is installed.

It writes Roblox's address into every URL itself. So its session is exchanged for
one that hands on the same call with the address of the loopback server.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from unittest.mock import patch

import aiohttp

NAME = "rblx-open-cloud"
BASE = "https://apis.roblox.com"


class Listed(Protocol):
    """What its listings give."""

    key: str


class Store(Protocol):
    """What is used of its data store."""

    def get_entry(self, key: str) -> tuple[object, object]:
        """The value, and what is known of the entry."""
        ...

    def list_keys(self) -> Iterable[Listed]:
        """Every key."""
        ...


class AsyncStore(Protocol):
    """The same, awaited."""

    async def get_entry(self, key: str) -> tuple[object, object]:
        """The value, and what is known of the entry."""
        ...

    def list_keys(self) -> AsyncIterable[Listed]:
        """Every key."""
        ...


class Redirected:
    """A session whose requests go to `origin` in place of Roblox, and nowhere else."""

    def __init__(self, send: Callable[..., object], origin: str) -> None:
        self._send = send
        self._origin = origin

    def request(self, method: str, url: str, **options: object) -> object:
        """Send a request to where Roblox is not."""
        if not url.startswith(f"{BASE}/"):
            raise AssertionError("the peer asks somewhere else: a benchmark must not follow")
        return self._send(method, self._origin + url[len(BASE) :], **options)


def installed() -> str | None:
    """Its version."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return None


@contextmanager
def store(origin: str, key: str, universe: int, name: str) -> Iterator[Store]:
    """Its data store, over its own session of ``requests``."""
    package = import_module("rblxopencloud")
    with package.http_session as own, _redirected("rblxopencloud.http", own.request, origin):
        yield package.Experience(universe, key).get_datastore(name)


@asynccontextmanager
async def async_store(origin: str, key: str, universe: int, name: str) -> AsyncIterator[AsyncStore]:
    """Its async data store, over a session of aiohttp as it makes one for itself."""
    package = import_module("rblxopencloudasync")
    async with aiohttp.ClientSession() as own:
        with _redirected("rblxopencloudasync.http", own.request, origin):
            yield package.Experience(universe, key).get_datastore(name)


@contextmanager
def _redirected(module: str, send: Callable[..., object], origin: str) -> Iterator[None]:
    """Let everything that the peer's module sends with `send` go to `origin`."""
    with patch(f"{module}.http_session", Redirected(send, origin)):
        yield
