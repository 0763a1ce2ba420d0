"""A sandbox, a site on it, and a browser, all by one clock that moves only when told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from flask_ext import login_failed
from rblx_oauth.sandbox import Sandbox, SandboxClock
from tests.flask_ext.site import Browser, make_app
from tests.support.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Time that moves only when told."""
    return ManualClock()


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[Sandbox]:
    """A local Open Cloud over real HTTP, by the same clock."""
    with Sandbox(clock=SandboxClock(clock.now)) as cloud:
        yield cloud


@pytest.fixture
def app(cloud: Sandbox, clock: ManualClock) -> Flask:
    """A site that uses it."""
    return make_app(cloud, clock)


@pytest.fixture
def browser(app: Flask, cloud: Sandbox) -> Browser:
    """Somebody's browser."""
    return Browser(app, cloud)


@pytest.fixture
def failures(app: Flask) -> Iterator[list[str]]:
    """The reasons of failed logins, as signalled."""
    reasons: list[str] = []

    def note(sender: Flask, reason: str) -> None:
        reasons.append(reason)

    with login_failed.connected_to(note, sender=app):
        yield reasons
