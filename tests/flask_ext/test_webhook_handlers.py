"""Handlers of notifications: which are called, when again, and who is told of slow ones."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from flask_ext import webhook_received
from flask_ext.inbox import CLAIM_SECONDS
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.webhooks import Notification
from tests.flask_ext.notices import SECRET, Notified, site
from tests.support.clock import ManualClock

__all__ = ["site"]


def test_a_handler_that_fails_gets_it_again(
    site: Notified, caplog: pytest.LogCaptureFixture
) -> None:
    """The others run all the same; Roblox hears of a 500, and its next try is handled anew."""
    broken = [True]

    @site.roblox.on_webhook("SampleNotification")
    def breaks(given: Notification) -> None:
        if broken:
            raise ZeroDivisionError

    @site.roblox.on_webhook("SampleNotification")
    def goes_on(given: Notification) -> None:
        site.taken.append("after")

    assert site.post().status_code == 500
    assert "test_a_handler_that_fails_gets_it_again.<locals>.breaks" in caplog.text
    assert site.post().status_code == 500
    broken.clear()
    assert site.post().status_code == 204
    assert site.post().status_code == 204
    assert site.taken == ["n-1", "after"] * 3


def test_handlers_may_be_async_and_are_called_once_however_often_named(site: Notified) -> None:
    """By the app's ensure_sync; one that is registered for a type and for all is one."""

    @site.roblox.on_webhook("SampleNotification", "*")
    async def later(given: Notification) -> None:
        site.taken.append("async")

    assert site.post().status_code == 204
    assert site.taken == ["n-1", "async"]


def test_handlers_serve_every_app_of_their_object(
    cloud: Sandbox, clock: ManualClock, site: Notified
) -> None:
    """Registered before or after init_app; another object's are its own."""
    second = site.new_app(cloud, ROBLOX_WEBHOOK_SECRET=SECRET)
    stranger = Notified(cloud, clock)
    for app in (site.app, second):
        site.post(app=app)
    stranger.post()
    assert site.taken == ["n-1", "n-1"]
    assert stranger.taken == []


@pytest.mark.parametrize("wrong", [(), ("",), (5,), (print,)])
def test_a_handler_for_nothing_is_an_error(site: Notified, wrong: tuple[Any, ...]) -> None:
    """Such as where the parentheses were forgotten."""
    with pytest.raises(ConfigurationError, match="on_webhook needs the names"):
        site.roblox.on_webhook(*wrong)


def test_handlers_that_take_too_long_are_told_of(
    site: Notified, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, with their names: Roblox waits five seconds."""

    @site.roblox.on_webhook("*")
    def slow(given: Notification) -> None:
        clock.advance(4.5)

    assert site.post().status_code == 204
    [warning] = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "took 4.5 s" in warning.message
    assert "locals>.slow" in warning.message
    assert warning.__dict__["roblox_event"] == "webhook.slow"


def test_one_that_took_longer_than_its_claim_is_told_of(
    site: Notified, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Another worker has it by then; neither undoes what the other noted."""

    @site.roblox.on_webhook("*")
    def very_slow(given: Notification) -> None:
        if len(site.taken) == 1:
            clock.advance(CLAIM_SECONDS + 1)
            assert site.post().status_code == 204

    assert site.post().status_code == 204
    assert site.taken == ["n-1", "n-1"]
    assert "may be handled twice" in caplog.text
    assert site.post().status_code == 204
    assert site.taken == ["n-1", "n-1"]


def test_the_signal_comes_before_the_handlers_and_cannot_stop_them(site: Notified) -> None:
    """A receiver that raises has no say in what becomes of the notification."""

    def note(sender: Flask, notification: Notification) -> None:
        site.taken.append("signal")
        raise ZeroDivisionError

    with webhook_received.connected_to(note, sender=site.app):
        assert site.post().status_code == 204
    assert site.taken == ["signal", "n-1"]
