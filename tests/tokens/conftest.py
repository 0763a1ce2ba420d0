"""Fixtures for the tests of vault, stores and grants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oauth.provider import Provider
from tests.support.certificates import Authority
from tests.support.colours import Colour
from tests.tokens.kit import Kit, KitClock, ShiftedClock


@pytest.fixture
def clock() -> KitClock:
    """Time that moves only when told."""
    return KitClock()


@pytest.fixture
def provider(clock: KitClock) -> Iterator[Provider]:
    """A provider that behaves."""
    with Provider(clock) as provider:
        yield provider


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    """Each colour in turn."""
    colour = Colour(request.param)
    yield colour
    colour.close()


@pytest.fixture
def kit(colour: Colour, provider: Provider, tmp_path: Path) -> Iterator[Kit]:
    """An application of each colour, with a store in a SQLite file."""
    kit = Kit(colour, provider, f"sqlite:///{tmp_path}/tokens.db")
    yield kit
    kit.close()


@pytest.fixture
def live_kit(colour: Colour, tmp_path: Path) -> Iterator[Kit]:
    """The same with a clock that runs, for workers that wait for each other."""
    with Provider(ShiftedClock()) as provider:
        kit = Kit(colour, provider, f"sqlite:///{tmp_path}/tokens.db")
        yield kit
        kit.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Which signed the certificates of servers."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Which signed nothing that a server has."""
    return Authority(tmp_path_factory.mktemp("stranger"))
