"""A sandbox of its own for each test, spoken to over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rblx_oauth.sandbox import Sandbox, SandboxClock
from tests.sandbox.app import App
from tests.sandbox.faulty import Peer
from tests.support.colours import Colour, colour
from tests.tokens.kit import KitClock

__all__ = ["colour"]


@pytest.fixture
def cloud() -> Iterator[Sandbox]:
    """A running sandbox."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def app(cloud: Sandbox) -> Iterator[App]:
    """The confidential app, and its HTTP connection."""
    with App(cloud, cloud.client_id, cloud.client_secret) as confidential:
        yield confidential


@pytest.fixture
def public_app(cloud: Sandbox) -> Iterator[App]:
    """The public app."""
    with App(cloud, cloud.public_client_id, "") as public:
        yield public


@pytest.fixture
def peer(colour: Colour) -> Iterator[Peer]:
    """This library's clients in each colour, with a sandbox that shares their clock."""
    clock = KitClock()
    with Sandbox(clock=SandboxClock(clock.now)) as sandbox:
        yield Peer(sandbox, colour, clock)
