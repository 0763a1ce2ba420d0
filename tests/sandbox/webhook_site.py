"""A site on this machine that a sandbox sends notifications to, by a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rblx_oauth.sandbox import Sandbox, SandboxClock
from tests.support.clock import ManualClock
from tests.support.server import Answer, ScriptedServer, Seen

SECRET = "whsec of a test"


@pytest.fixture
def clock() -> ManualClock:
    """Time that moves only when told."""
    return ManualClock(1_800_000_000.25)


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[Sandbox]:
    """A sandbox by that clock."""
    with Sandbox(clock=SandboxClock(clock.now)) as sandbox:
        yield sandbox


@pytest.fixture
def site() -> Iterator[ScriptedServer]:
    """A site that takes everything, unless its queue says otherwise."""
    with ScriptedServer(lambda _: Answer(204)) as server:
        yield server


def signature_of(seen: Seen) -> dict[str, str]:
    """The parts of the signature header."""
    return dict(part.split("=", 1) for part in seen.headers["roblox-signature"].split(","))
