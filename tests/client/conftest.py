"""Clients of both colours, against a server that answers by script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rblx_oauth import AsyncClient, Client
from tests.client.luau import TASK
from tests.support.clock import ManualClock
from tests.support.colours import Colour, colour
from tests.support.raw_server import RawServer, server

__all__ = ["colour", "server"]

MakeClient = Callable[..., Any]


@pytest.fixture
def clock() -> ManualClock:
    """Time that moves only when somebody waits."""
    return ManualClock()


@pytest.fixture
def make_client(colour: Colour, server: RawServer, clock: ManualClock) -> MakeClient:
    """Makes clients of the colour under test, with an API key unless told otherwise."""

    def make(**options: Any) -> Any:
        if "token" not in options:
            options.setdefault("api_key", "key-1")
        kind = Client if colour.name == "sync" else AsyncClient
        options = {"transport": colour.transport(), "clock": clock, **options}
        made = kind(api_base=server.url, **options)
        return colour.keep(made)

    return make


ENTRIES = "/cloud/v2/universes/1/data-stores/coins/scopes/global/entries"
"""Where the entries of `store` are."""


@pytest.fixture
def store(make_client: MakeClient) -> Any:
    """The data store ``coins`` of universe 1."""
    return make_client().universe(1).data_store("coins")


@pytest.fixture
def asset(make_client: MakeClient) -> Any:
    """Asset 77."""
    return make_client().asset(77)


@pytest.fixture
def running(make_client: MakeClient) -> Any:
    """A task that runs."""
    return make_client().luau_task(TASK)
