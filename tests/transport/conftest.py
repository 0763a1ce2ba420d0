"""Both transports, and a rude server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.colours import Colour
from tests.support.raw_server import RawServer


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    """One colour after the other."""
    made = Colour(request.param)
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server of raw bytes; script it before sending."""
    with RawServer([]) as made:
        yield made
