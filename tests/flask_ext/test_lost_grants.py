"""When Roblox ends a grant, or the store goes away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from flask_ext import current_user, grant_lost, login_required
from flask_ext.state import NAME
from rblx_oauth.errors import ReauthorizationRequired
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app, roblox
from tests.support.clock import ManualClock

HOUR = 3600.0


def test_c42_the_session_ends_when_roblox_says_that_the_grant_is_gone(
    app: Flask, browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """A page with a button, not a loop; after a new login all is well."""
    lost: list[dict[str, object]] = []

    def note(sender: Flask, **facts: object) -> None:
        lost.append(facts)

    browser.log_in()
    assert browser.get("/token-state").text == ADA
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    with grant_lost.connected_to(note, sender=app):
        answer = browser.get("/token-state")
    assert answer.status_code == 401
    assert "Please log in again" in answer.text
    assert "next=/token-state" in answer.text
    assert [each["user_id"] for each in lost] == [int(ADA)]
    assert browser.cookie() is None
    assert browser.who() == "nobody"
    browser.log_in()
    assert browser.get("/token-state").text == ADA


def test_c42_a_script_gets_a_problem(browser: Browser, cloud: Sandbox, clock: ManualClock) -> None:
    """401 with its own type."""
    browser.log_in()
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    answer = browser.get("/token-state", Accept="application/json")
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["type"] == "urn:rblx-oauth:problem:session-ended"


def test_c42_scopes_and_picks_notice_a_lost_grant_too(
    browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """Whatever asks the grant first ends the session."""
    browser.log_in()
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    assert browser.get("/universe/1").status_code == 401
    assert browser.who() == "nobody"


def test_c42_a_grant_revoked_before_its_token_ends_is_noticed_by_picks(
    browser: Browser, cloud: Sandbox
) -> None:
    """Roblox refuses the token: one refresh is tried, then the session ends."""
    browser.log_in()
    cloud.revoke_grants(ADA)
    assert browser.get("/universe/1").status_code == 401
    assert browser.who() == "nobody"


def test_c42_another_persons_lost_grant_logs_nobody_out(
    app: Flask, browser: Browser, cloud: Sandbox
) -> None:
    """A view that acts for somebody else by client_for fails without touching this session."""

    @app.get("/for-zoe")
    @login_required
    def for_zoe() -> str:
        roblox.client_for(ZOE)
        return "never"

    browser.log_in(ADA)
    assert browser.get("/for-zoe").status_code == 500
    assert browser.who() == "ada_builds"


def test_a_login_works_with_a_session_whose_grant_is_gone(
    app: Flask, browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """The log-in button logs in anew; it does not believe the old session."""
    browser.log_in()
    with app.app_context():
        state = app.extensions[NAME].here
        state.oauth.grant(browser_grant(app), state.store).end()
    assert browser.get("/roblox/login").headers["Location"].startswith(cloud.issuer)


def browser_grant(app: Flask) -> str:
    """The only grant of the app's store."""
    return str(app.extensions[NAME].here.store.list_records("session", now=0)[0].owner)


def test_an_anonymous_view_that_asks_for_the_client_sends_to_log_in(
    app: Flask, browser: Browser
) -> None:
    """current_user.client of nobody is a 401 page, not a crash."""
    answer = browser.get("/token-state")
    assert answer.status_code == 401
    assert "Please log in" in answer.text


def test_f26_a_store_that_is_down_logs_nobody_out(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """503 with Retry-After and no change of cookies; back when the store is back."""
    path = tmp_path / "store.db"
    browser = Browser(make_app(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{path}"), cloud)
    browser.log_in()
    cookie = browser.cookie()
    away = sqlite3.connect(path)
    away.execute("alter table rblx_oauth_records rename to gone")
    away.commit()
    for page in ("/", "/private", "/roblox/callback?state=x"):
        answer = browser.get(page)
        assert answer.status_code == 503, page
        assert answer.headers["Retry-After"]
        assert "Set-Cookie" not in answer.headers
        assert "sqlite" not in answer.text.lower()
    problem = browser.get("/private", Accept="application/json")
    assert problem.json is not None
    assert problem.json["type"] == "urn:rblx-oauth:problem:unavailable"
    assert browser.get("/plain").status_code == 200
    away.execute("alter table gone rename to rblx_oauth_records")
    away.commit()
    away.close()
    assert browser.cookie() == cookie
    assert browser.who() == "ada_builds"


def test_a_site_answers_these_errors_itself_if_it_wants(cloud: Sandbox, clock: ManualClock) -> None:
    """A handler registered before init_app is left in place."""
    app = Flask("own")

    @app.errorhandler(ReauthorizationRequired)
    def own(error: ReauthorizationRequired) -> tuple[str, int]:
        return f"our own: {error.reason}", 403

    from tests.flask_ext.site import settings

    app.config.update(settings(cloud))
    roblox.init_app(app, clock=clock)

    @app.get("/")
    def home() -> str:
        return str(current_user.client)

    assert Browser(app, cloud).get("/").text == "our own: logged_out"


# There is no positive number for it, so SQLite fails whenever the trigger runs.
BROKEN = "create trigger broken before {} begin select abs(-9223372036854775807 - 1); end"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database of a site's store, to be tampered with."""
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as database:
        yield database


@pytest.fixture
def stored(cloud: Sandbox, clock: ManualClock, tmp_path: Path) -> Browser:
    """A browser at a site that has that store."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    return Browser(make_app(cloud, clock, ROBLOX_STORE_URL=url), cloud)


def test_f26_a_store_that_fails_in_mid_callback_says_to_begin_again(
    stored: Browser, database: sqlite3.Connection
) -> None:
    """The code is spent, so the page offers a new login; the store back, that one works."""
    callback = stored.cloud.consent(stored.begin("/private"))
    database.execute(BROKEN.format("insert on rblx_oauth_grants"))
    answer = stored.land(callback)
    assert answer.status_code == 503
    assert "/roblox/login?next=/private" in answer.text
    assert stored.cookie() is None
    database.execute("drop trigger broken")
    assert stored.land(callback).status_code == 400
    assert stored.log_in(then="/private").headers["Location"] == "/private"


def test_f30_a_login_that_cannot_be_noted_for_the_back_button_is_a_login(
    stored: Browser, database: sqlite3.Connection
) -> None:
    """Session and grant are there; only a second use of the callback cannot lead on."""
    callback = stored.cloud.consent(stored.begin("/private"))
    database.execute(BROKEN.format("insert on rblx_oauth_records when new.kind = 'login-used'"))
    assert stored.land(callback).headers["Location"] == "/private"
    assert stored.who() == "ada_builds"
    assert stored.land(callback).status_code == 400
    assert stored.who() == "ada_builds"


def test_f26_a_store_that_takes_no_writes_is_503_for_a_lost_grant_too(
    stored: Browser, cloud: Sandbox, database: sqlite3.Connection
) -> None:
    """A full disk while the session of a lost grant is ended: no crash, and ended later."""
    stored.log_in()
    database.execute("update rblx_oauth_grants set status = 'lost', reason = 'revoked'")
    database.execute(BROKEN.format("delete on rblx_oauth_records"))
    assert stored.get("/announce").status_code == 503
    database.execute("drop trigger broken")
    assert stored.get("/announce").status_code == 401
    assert stored.who() == "nobody"


def test_c46_a_grant_that_cannot_be_read_fails_closed_until_a_new_login(
    stored: Browser, database: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """Its pages are 503 and the log says why; logging in again replaces it."""
    stored.log_in()
    database.execute("update rblx_oauth_grants set sealed = x'00'")
    for page in ("/announce", "/token-state", "/universe/13058"):
        assert stored.get(page).status_code == 503, page
    assert "a stored secret" in caplog.text.lower()
    stored.log_in()
    assert stored.get("/token-state").text == ADA


def test_c46_a_step_up_replaces_a_grant_that_cannot_be_read(
    stored: Browser, database: sqlite3.Connection
) -> None:
    """Tampered with while the person was at Roblox: what they granted now is all there is."""
    stored.log_in()
    callback = stored.cloud.consent(
        stored.get(stored.get("/announce").headers["Location"]).headers["Location"]
    )
    database.execute("update rblx_oauth_grants set sealed = x'00'")
    assert stored.land(callback).headers["Location"] == "/announce"
    assert stored.get("/announce").status_code == 200
