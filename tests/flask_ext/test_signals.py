"""What a site hears of what has happened, by signals and in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

import flask_ext
from flask_ext import login_failed, session_begun, user_logged_in, user_logged_out
from flask_ext.state import NAME
from rblx_oauth import RefreshEvent, RequestEvent, ResponseEvent
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.notices import Notified
from tests.flask_ext.site import ADA, Browser, make_app, roblox, settings
from tests.support.clock import ManualClock

HOUR = 3600.0
SIGNALS = [
    "account_linked",
    "user_logged_in",
    "user_logged_out",
    "login_failed",
    "scopes_granted",
    "grant_lost",
    "session_begun",
    "session_ended",
    "store_failed",
    "webhook_received",
    "webhook_answered",
    "user_erased",
]


@pytest.fixture
def heard(cloud: Sandbox, clock: ManualClock) -> Iterator[tuple[Notified, list[str]]]:
    """A site, and every signal that it has sent: the name and what came along."""
    site, names = Notified(cloud, clock), []

    def listen(name: str) -> Any:
        def note(sender: Flask, **facts: object) -> None:
            assert sender is site.app
            assert current_app == site.app
            told = {key: str(value) for key, value in facts.items() if key != "notification"}
            names.append(" ".join([name, *(f"{key}={told[key]}" for key in sorted(told))]))

        return note

    with ExitStack() as stack:
        for name in SIGNALS:
            signal = getattr(flask_ext, name)
            stack.enter_context(signal.connected_to(listen(name), sender=site.app))
        yield site, names


def test_every_signal_is_sent_when_its_page_says(
    heard: tuple[Notified, list[str]], cloud: Sandbox, clock: ManualClock
) -> None:
    """A life: log in, be asked for more, lose the grant, log in, log out, be erased."""
    site, names = heard
    browser = Browser(site.app, cloud)

    def since() -> list[str]:
        told = names.copy()
        names.clear()
        return told

    browser.get("/roblox/callback?state=unknown")
    assert since() == ["login_failed reason=state"]
    browser.log_in()
    assert since() == [
        f"session_begun user_id={ADA}",
        f"account_linked user=<User {ADA}>",
        f"user_logged_in user=<User {ADA}>",
    ]
    browser.step_up("/announce")
    scopes = "frozenset({'universe-messaging-service:publish'})"
    assert since() == [
        f"session_begun user_id={ADA}",
        "session_ended count=1",
        f"scopes_granted scopes={scopes} user=<User {ADA}>",
    ]
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    browser.get("/token-state")
    assert since() == ["session_ended count=1", f"grant_lost reason=revoked user_id={ADA}"]
    browser.log_in()
    since()
    browser.log_out()
    assert since() == ["session_ended count=1", f"user_logged_out everywhere=False user_id={ADA}"]
    site.erase(ADA).close()
    assert since() == [
        "webhook_received",
        f"user_erased place_ids=(4000001,) user_id={ADA}",
        "webhook_answered kind=RightToErasureRequest outcome=handled seconds=0.0",
    ]


def test_the_page_lists_every_signal() -> None:
    """And every signal is public."""
    text = flask_ext.signals.__doc__ or ""
    assert all(f"`{name}`" in text for name in SIGNALS)
    assert set(SIGNALS) <= set(flask_ext.__all__)
    assert len(SIGNALS) == len(flask_ext.signals._signals)


def test_a_receiver_that_raises_changes_nothing(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """The person is logged in and out, the other receivers hear of it, and the log says which."""
    told: list[str] = []

    def breaks(sender: Flask, **facts: object) -> None:
        raise ZeroDivisionError

    async def hears(sender: Flask, **facts: object) -> None:
        told.append(sender.name)

    with ExitStack() as stack:
        for signal in (session_begun, user_logged_in, user_logged_out, login_failed):
            for receiver in (breaks, hears):
                stack.enter_context(signal.connected_to(receiver, sender=app))
        assert browser.log_in(then="/private").headers["Location"] == "/private"
        assert browser.who() == "ada_builds"
        assert browser.log_out().status_code == 200
        assert browser.get("/roblox/callback?state=x").status_code == 400
    assert browser.who() == "nobody"
    assert told == [app.name] * 4
    failures = [each for each in caplog.records if each.exc_info]
    assert [each.__dict__["roblox_signal"] for each in failures] == [
        "roblox-session-begun",
        "roblox-user-logged-in",
        "roblox-user-logged-out",
        "roblox-login-failed",
    ]


def test_a_muted_signal_is_not_sent(app: Flask, browser: Browser) -> None:
    """As blinker has it."""
    told: list[object] = []

    def note(sender: Flask, **facts: object) -> None:
        told.append(facts)

    with user_logged_in.connected_to(note, sender=app), user_logged_in.muted():
        browser.log_in()
    assert told == []


def test_a_store_that_fails_is_signalled_with_each_503(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """By views, logins and webhooks alike."""
    path, told = tmp_path / "store.db", []
    site = Notified(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{path}")
    browser = Browser(site.app, cloud)
    browser.log_in()

    def note(sender: Flask, error: str) -> None:
        told.append(error)

    path.rename(tmp_path / "away.db")
    with flask_ext.store_failed.connected_to(note, sender=site.app):
        assert browser.get("/private").status_code == 503
        assert site.post().status_code == 503
        assert browser.get("/roblox/login").status_code == 503
    assert told == ["StoreUnavailable"] * 3


def test_c48_every_log_record_of_a_life_has_its_fields_and_names_nobody(
    app: Flask,
    browser: Browser,
    cloud: Sandbox,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As JSON: what happened, the grant by its pseudonym; neither names nor ids of people."""
    caplog.set_level(logging.DEBUG)
    browser.log_in()
    clock.advance(HOUR)
    assert browser.get("/token-state").text == ADA
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    browser.get("/token-state")
    browser.get("/roblox/callback?state=x")
    browser.log_in()
    browser.log_out()
    ours = [each for each in caplog.records if each.name.startswith(("flask_ext", "rblx_oauth."))]
    ours = [each for each in ours if not each.name.startswith("rblx_oauth.sandbox")]
    facts = [
        {name: value for name, value in vars(each).items() if name.startswith("roblox_")}
        for each in ours
    ]
    assert {each["roblox_event"] for each in facts} >= {
        "login.completed",
        "login.failed",
        "grant.lost",
        "session.grant_lost",
        "session.logged_out",
    }
    grants = {each["roblox_grant"] for each in facts if "roblox_grant" in each}
    assert len(grants) == 1
    lines = json.dumps(facts) + "".join(each.getMessage() for each in ours)
    with app.app_context():
        store = app.extensions[NAME].here.store
        [grant] = store.list_grants()
    for name in (ADA, grant.grant_id, "ada_builds"):
        assert name not in lines


def test_a_hook_of_the_site_hears_of_requests_and_refreshes(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """Of the app's own and of clients made from it; what is no hook is an error at start-up."""
    requests: list[str | None] = []
    refreshes: list[str] = []

    class Watch:
        def __call__(self, event: RequestEvent | ResponseEvent) -> None:
            if isinstance(event, ResponseEvent):
                requests.append(event.request.operation)

        def on_refresh(self, event: RefreshEvent) -> None:
            refreshes.append(event.outcome)

    app = Flask("watched")
    app.config.update(settings(cloud, ROBLOX_API_KEY=cloud.api_key))
    roblox.init_app(app, clock=clock, on_event=Watch())

    @app.get("/token")
    def token() -> str:
        return flask_ext.current_user.client.token().subject

    browser = Browser(app, cloud)
    browser.log_in()
    clock.advance(HOUR)
    assert browser.get("/token").text == ADA
    with app.app_context():
        roblox.api_client.user(int(ADA)).get()
    assert {"oauth.exchange", "oauth.refresh", "get_user"} <= set(requests)
    assert refreshes == ["refreshed"]
    with pytest.raises(ConfigurationError, match="on_event"):
        make_app_with(cloud, clock, on_event=5)


def make_app_with(cloud: Sandbox, clock: ManualClock, **more: Any) -> None:
    """An app whose init_app is given more."""
    app = Flask("wrong")
    app.config.update(settings(cloud))
    roblox.init_app(app, clock=clock, **more)


def test_hooks_are_added_before_the_app_is_used(cloud: Sandbox, clock: ManualClock) -> None:
    """Later ones would miss what went before, so it is an error that says so."""
    app = make_app(cloud, clock)
    Browser(app, cloud).begin()
    with pytest.raises(ConfigurationError, match="before the app is used"):
        app.extensions[NAME].watch(print)
