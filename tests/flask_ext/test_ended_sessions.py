"""A session that was ended elsewhere, or ran out: nobody is logged in, and a page says why."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from flask_ext.state import NAME
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, PUBLISH, Browser
from tests.support.clock import ManualClock


@pytest.fixture
def ended(app: Flask, cloud: Sandbox) -> Browser:
    """A browser whose person has logged out everywhere from another one."""
    here, elsewhere = Browser(app, cloud), Browser(app, cloud)
    here.log_in(ADA)
    elsewhere.log_in(ADA)
    elsewhere.post("/sessions/end-all")
    return here


def button(page: str) -> str:
    """Where a page's button leads."""
    return page.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")


def test_a_private_page_says_that_the_session_has_ended(ended: Browser) -> None:
    """401 with a button, and not off to Roblox: it may log them in again without a question."""
    answer = ended.get("/private?x=1")
    assert answer.status_code == 401
    assert "You have been logged out" in answer.text
    assert "Location" not in answer.headers
    assert parse_qs(urlsplit(button(answer.text)).query)["next"] == ["/private?x=1"]


def test_public_pages_see_nobody(ended: Browser) -> None:
    """They work as for everybody."""
    assert ended.who() == "nobody"
    assert ended.get("/sessions").json == []


def test_the_button_logs_in_and_asks_which_account_it_is(ended: Browser) -> None:
    """As after logging out: who was logged out everywhere may be at somebody else's computer."""
    begun = ended.get(button(ended.get("/private").text)).headers["Location"]
    assert parse_qs(urlsplit(begun).query)["prompt"] == ["select_account"]
    assert ended.land(ended.cloud.consent(begun)).headers["Location"] == "/private"
    assert ended.get("/private").status_code == 200


def test_the_button_asks_for_the_scopes_of_the_page_too(ended: Browser) -> None:
    """One visit to Roblox, not two."""
    begun = ended.get(button(ended.get("/announce").text)).headers["Location"]
    assert PUBLISH in parse_qs(urlsplit(begun).query)["scope"][0].split()


def test_a_script_gets_a_problem_of_its_own(ended: Browser) -> None:
    """401 with the type session-expired, and where to log in."""
    answer = ended.get("/private", Accept="application/json")
    assert answer.status_code == 401
    problem = answer.json or {}
    assert problem["type"] == "urn:rblx-oauth:problem:session-expired"
    assert problem["login_url"].startswith("/roblox/login")


def test_the_cookie_stays_until_the_next_login(ended: Browser) -> None:
    """A late answer to an old request must not take away the cookie of a login since."""
    for path in ("/", "/private"):
        assert "Set-Cookie" not in ended.get(path).headers


def test_a_session_that_ran_out_says_so_too(browser: Browser, clock: ManualClock) -> None:
    """After a fortnight without a visit."""
    browser.log_in()
    clock.advance(15 * 86400)
    assert "You have been logged out" in browser.get("/private").text


def test_an_erased_session_says_so_too(app: Flask, browser: Browser) -> None:
    """Whoever deletes it from the store."""
    browser.log_in()
    store = app.extensions[NAME].here.store
    (record,) = store.list_records("session", now=0)
    store.delete_owned("session", record.owner)
    assert browser.get("/private").status_code == 401
    assert browser.who() == "nobody"


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "never-made.c2lnbmF0dXJl"])
def test_a_cookie_that_was_never_ours_is_just_nobody(browser: Browser, cookie: str) -> None:
    """Off to log in, as everybody."""
    browser.set_cookie("roblox_session", cookie)
    assert browser.get("/private").status_code == 302
