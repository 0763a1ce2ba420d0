"""Flask's own session, in a cookie or kept by Flask-Session: it is one person's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cachelib.file import FileSystemCache
from flask import Flask, session
from flask_session import Session
from redis import Redis

from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app
from tests.support.clock import ManualClock


def add_draft(app: Flask) -> None:
    """Pages that keep a draft in Flask's session."""

    @app.get("/draft")
    def draft() -> str:
        return str(session.get("draft", ""))

    @app.get("/draft/<text>")
    def write(text: str) -> str:
        session["draft"] = text
        return "written"


@pytest.fixture(params=["cookie", "files", "redis"])
def kept(
    request: pytest.FixtureRequest, cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> Iterator[Browser]:
    """A browser at a site whose Flask session is kept in each of the ways."""
    app, closing = make_app(cloud, clock), ExitStack()
    if request.param == "files":
        app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(str(tmp_path)))
        Session(app)
    elif request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        client = Redis.from_url(url)
        closing.callback(client.close)
        app.config.update(SESSION_TYPE="redis", SESSION_REDIS=client)
        Session(app)
    add_draft(app)
    with closing:
        yield Browser(app, cloud)


def test_everything_works_whatever_keeps_flasks_session(kept: Browser) -> None:
    """A login, a form with its token, a step-up, and logging out."""
    kept.log_in(ADA, then="/private")
    kept.get("/draft/mine")
    csrf = kept.get("/csrf").text
    assert kept.post("/change", {"csrf_token": csrf}).text == "changed"
    kept.step_up("/announce")
    assert kept.get("/announce").status_code == 200
    assert kept.post("/change", {"csrf_token": csrf}).status_code == 400  # of the session before
    assert kept.get("/draft").text == "mine"
    kept.log_out()
    assert kept.who() == "nobody"


def test_c35_what_was_kept_for_a_person_goes_when_they_log_out(kept: Browser) -> None:
    """Whoever comes next finds nothing of theirs."""
    kept.log_in(ADA)
    kept.get("/draft/secret")
    kept.log_out()
    assert kept.get("/draft").text == ""


def test_c35_what_was_kept_for_a_person_is_not_the_next_ones(kept: Browser, cloud: Sandbox) -> None:
    """Whose session was ended elsewhere cannot log out here; the next login takes it away."""
    kept.log_in(ADA)
    kept.get("/draft/secret")
    elsewhere = Browser(kept.app, cloud)
    elsewhere.log_in(ADA)
    elsewhere.post("/sessions/end-all")
    kept.log_in(ZOE)
    assert kept.get("/draft").text == ""


def test_c35_another_account_over_a_live_session_starts_empty(kept: Browser) -> None:
    """As when somebody else completes a login in a browser that was left open."""
    waiting = kept.begin()
    kept.log_in(ADA)
    kept.get("/draft/secret")
    kept.land(kept.cloud.consent(waiting, user=ZOE))
    assert kept.who() == "zoe_and_co"
    assert kept.get("/draft").text == ""


def test_what_somebody_did_before_they_logged_in_stays(kept: Browser) -> None:
    """A basket, say; and the same person who logs in again finds their draft."""
    waiting = kept.begin()
    kept.get("/draft/basket")
    kept.log_in(ADA)
    assert kept.get("/draft").text == "basket"
    kept.get("/draft/mine")
    kept.land(kept.cloud.consent(waiting, user=ADA))
    assert kept.get("/draft").text == "mine"


def test_c35_f36_flask_sessions_id_changes_at_a_login(kept: Browser) -> None:
    """Who planted the id before the login does not share what is kept after it."""
    kept.get("/draft/planted")
    planted = kept.cookie("session") or ""
    kept.log_in(ADA)
    kept.get("/draft/secret")
    assert kept.cookie("session") != planted
    attacker = Browser(kept.app, kept.cloud)
    attacker.set_cookie("session", planted)
    assert attacker.get("/draft").text in ("", "planted")  # a signed cookie is what it was


def test_a_site_that_keeps_nothing_gets_no_cookie_more(browser: Browser) -> None:
    """The extension puts nothing into a session that is empty."""
    browser.log_in()
    browser.who()
    browser.step_up("/announce")
    assert [name for _, _, name in browser.client._cookies or ()] == ["roblox_session"]
