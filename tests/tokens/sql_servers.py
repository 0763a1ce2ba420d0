"""A store of each colour on each SQL server, and a look at it past the store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.colours import Colour
from tests.support.programs import DatabaseServer
from tests.tokens.test_stores import RECORD, ROW, Bench

__all__ = ["SHORT", "hasty", "look", "server", "store", "told", "within"]

SHORT = 0.5
"""Seconds of patience, where a test uses them up."""

LONG = 8.0
"""Seconds after which a wait counts as unbounded; psycopg gives a connection 2 at least."""


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """Each server, which runs again when the test is over."""
    server: DatabaseServer = request.getfixturevalue(request.param)
    yield server
    server.start()


@pytest.fixture
def store(colour: Colour, server: DatabaseServer) -> Bench:
    """A store of each colour on each server, with a record and a grant."""
    bench = Bench(colour, server.url)
    bench.add_record(RECORD)
    bench.swap_grant(ROW, expected=None)
    return bench


def hasty(store: Bench, server: DatabaseServer) -> Bench:
    """Another store, which waits for a short while only."""
    return Bench(store.colour, server.url, timeout=SHORT)


@contextmanager
def within(seconds: float = LONG) -> Iterator[None]:
    """It takes no longer."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


def look(store: Bench) -> Any:
    """The record."""
    return store.get_record("session", "s1", now=1500.0)


def told(store: Bench, sql: str) -> Any:
    """What the store's own connection says."""

    async def ask() -> Any:
        async with store.store._engine.connect() as connection:
            return (await connection.exec_driver_sql(sql)).scalar()

    if store.colour.name == "async":
        return store.colour(ask())
    with store.store._engine.connect() as connection:
        return connection.exec_driver_sql(sql).scalar()
