"""What holds in every test: whichever sandbox answers, it answers as Roblox documents it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.document import FILE
from tests.sandbox.documented import LISTENER

LAST = "test_every_deviation_occurs"


@pytest.fixture(scope="session", autouse=True)
def _listening() -> Iterator[None]:
    """Answers are held against the document, where that is at hand."""
    if FILE.exists():
        LISTENER.start()
    yield
    LISTENER.stop()


@pytest.fixture(autouse=True)
def _answers_are_as_documented(_listening: None) -> Iterator[None]:
    """A test fails in which a sandbox of its process answers otherwise."""
    yield
    found = LISTENER.take()
    assert not found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What sums up the others comes last."""
    items.sort(key=lambda each: each.name == LAST)
