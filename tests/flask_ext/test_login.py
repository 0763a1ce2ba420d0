"""Logins: who begins one, how it ends, and what of it is seen."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from flask_ext import LoginFailed, user_logged_in
from flask_ext.state import NAME
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app, token_calls
from tests.support.clock import ManualClock


def test_a_person_logs_in_and_out(browser: Browser) -> None:
    """Login, callback and logout lead where they should, and the site knows who it is."""
    assert browser.who() == "nobody"
    answer = browser.log_in(then="/private")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/private")
    assert browser.get("/private").text == f"private page of {ADA}"
    assert browser.who() == "ada_builds"
    assert browser.log_out().status_code == 200
    assert browser.who() == "nobody"


def test_a_public_client_logs_in_without_a_secret(cloud: Sandbox, clock: ManualClock) -> None:
    """PKCE alone is enough for a client without a secret."""
    app = make_app(cloud, clock, ROBLOX_CLIENT_ID=cloud.public_client_id, ROBLOX_CLIENT_SECRET=None)
    browser = Browser(app, cloud)
    browser.log_in()
    assert browser.who() == "ada_builds"


def test_c45_a_refused_code_is_a_page_that_gives_nothing_away(
    browser: Browser, cloud: Sandbox
) -> None:
    """What Roblox refused and why is for the log; the page offers to begin again."""
    answer = browser.land(cloud.consent(browser.begin()).replace("code=", "code=x"))
    assert answer.status_code == 400
    assert token_calls(cloud) == 1
    for told in ("invalid_grant", "exchange", "oauth.", "expired"):
        assert told not in answer.text


def test_c43_a_denied_login_explains_itself(
    browser: Browser, cloud: Sandbox, failures: list[str]
) -> None:
    """A "no" at Roblox is a friendly page, not a loop."""
    answer = browser.land(cloud.consent(browser.begin(), deny=True))
    assert (answer.status_code, failures) == (403, ["denied"])
    assert "You did not give permission" in answer.text
    assert browser.who() == "nobody"


def test_f31_two_tabs_log_in_at_once_and_both_complete(browser: Browser, cloud: Sandbox) -> None:
    """Each login under way has a cookie of its own."""
    first, second = browser.begin("/private"), browser.begin("/account")
    assert browser.land(cloud.consent(second)).headers["Location"] == "/account"
    assert browser.land(cloud.consent(first)).headers["Location"] == "/private"
    assert browser.who() == "ada_builds"


def test_f31_the_number_of_logins_under_way_is_bounded(browser: Browser) -> None:
    """A browser that begins many keeps the newest eight, so its headers stay small."""
    for _ in range(12):
        browser.begin()
    kept = [name for _, _, name in browser.client._cookies or () if name.startswith("roblox_login")]
    assert len(kept) == 8


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Dest": "empty", "Accept": "*/*"},
    ],
)
def test_c43_only_a_person_going_somewhere_begins_a_login(
    browser: Browser, headers: dict[str, str]
) -> None:
    """Pages fetched ahead, pictures, frames and scripts do not."""
    answer = browser.get("/roblox/login", **headers)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_a_link_checker_neither_begins_nor_uses_up_a_login(
    browser: Browser, cloud: Sandbox
) -> None:
    """HEAD has no effect."""
    assert browser.client.head("/roblox/login").status_code == 401
    callback = urlsplit(cloud.consent(browser.begin()))
    target = f"{callback.path}?{callback.query}"
    assert browser.client.head(target).status_code == 405
    assert browser.get(target).status_code == 302


def test_somebody_logged_in_is_not_sent_to_roblox_again(browser: Browser) -> None:
    """With nothing to ask, the login leads straight on."""
    browser.log_in()
    assert browser.get("/roblox/login?next=/private").headers["Location"] == "/private"


def test_c35_f36_the_session_id_changes_at_login(browser: Browser, cloud: Sandbox) -> None:
    """A session from before is dead after a login in the same browser."""
    waiting = browser.begin()
    browser.log_in(ADA)
    before = browser.cookie()
    browser.land(cloud.consent(waiting, user=ZOE))
    after = browser.cookie()
    assert before is not None
    assert after is not None
    assert before != after
    assert browser.who() == "zoe_and_co"
    browser.set_cookie("roblox_session", before)
    assert browser.who() == "nobody"


def test_c38_no_token_reaches_the_browser(browser: Browser, cloud: Sandbox) -> None:
    """Neither cookies nor redirects hold a token, a code verifier or a nonce's secret."""
    began = browser.get("/roblox/login")
    landed = browser.land(cloud.consent(began.headers["Location"]))
    cookies = began.headers.getlist("Set-Cookie") + landed.headers.getlist("Set-Cookie")
    assert cookies
    assert all(len(cookie) < 400 for cookie in cookies)
    assert "code_verifier" not in began.headers["Location"]
    assert landed.headers["Location"] == "/"


def test_c45_roblox_away_is_a_page_that_gives_nothing_away(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """Login fails closed with 503 and a button when the provider cannot be reached."""
    app = make_app(cloud, clock)
    browser = Browser(app, cloud)
    cloud.stop()
    answer = browser.get("/roblox/login")
    assert answer.status_code == 503
    assert "Roblox does not answer" in answer.text
    assert str(cloud.port) not in answer.text


def test_c45_a_wrong_client_secret_is_the_owners_business(
    cloud: Sandbox, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The page says that trying again will not help; the log says what is wrong."""
    app = make_app(cloud, clock, ROBLOX_CLIENT_SECRET="RBX-wrong")
    browser = Browser(app, cloud)
    answer = browser.log_in()
    assert answer.status_code == 400
    assert "trying again will not help" in answer.text
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    assert "RBX-wrong" not in caplog.text + answer.text


def test_a_login_is_signalled_with_the_user(app: Flask, browser: Browser) -> None:
    """user_logged_in has the app as sender and the user, never a token."""
    seen: list[tuple[Flask, object, set[str]]] = []

    def note(sender: Flask, **facts: object) -> None:
        seen.append((sender, getattr(facts["user"], "id", None), set(facts)))

    with user_logged_in.connected_to(note, sender=app):
        browser.log_in()
    assert seen == [(app, int(ADA), {"user"})]


def test_a_site_dresses_the_pages_with_its_own_template(
    app: Flask, browser: Browser, tmp_path: Path
) -> None:
    """A template of the same name wins; the base alone is enough for all of them."""
    (tmp_path / "roblox").mkdir()
    own = "our frame: {% block content %}{% endblock %}"
    (tmp_path / "roblox" / "base.html").write_text(own)
    app.template_folder = str(tmp_path)
    answer = browser.get("/roblox/callback")
    assert answer.text.startswith("our frame:")
    assert "could not be completed" in answer.text


def test_a_site_answers_a_refusal_itself(cloud: Sandbox, clock: ManualClock) -> None:
    """By an error handler for the exception."""
    app = make_app(cloud, clock)

    @app.errorhandler(LoginFailed)
    def own(error: LoginFailed) -> tuple[str, int]:
        return f"our own words for {error.reason}", 418

    answer = Browser(app, cloud).get("/roblox/callback")
    assert (answer.status_code, answer.text) == (418, "our own words for state")


def test_expired_logins_are_swept(
    app: Flask, browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """People who never come back from Roblox leave nothing behind for long."""
    store = app.extensions[NAME].here.store
    for _ in range(3):
        browser.begin()
    clock.advance(700)
    browser.begin()
    assert len(store.list_records("login", now=0)) == 1


def test_c48_no_secret_of_a_login_reaches_the_log_or_a_page(
    app: Flask,
    browser: Browser,
    cloud: Sandbox,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At DEBUG, through a login, a refusal, a step-up, a refresh, a replay and a logout."""
    caplog.set_level(logging.DEBUG)
    authorization_url = browser.begin("/private")
    callback = cloud.consent(authorization_url)
    pages = [browser.land(callback), browser.get("/private")]
    cookies = [browser.cookie() or ""]
    pages += [browser.step_up("/announce", deny=True), browser.step_up("/announce")]
    clock.advance(3600)
    pages += [browser.get("/token-state")]
    cookies += [browser.cookie() or ""]
    token = browser.get("/csrf").text
    secrets = set(cloud.state.oauth.access) | set(cloud.state.oauth.refresh)
    pages += [Browser(app, cloud).land(callback), browser.post("/roblox/logout")]
    pages += [browser.post("/roblox/logout", {"csrf_token": token}), browser.land(callback)]
    query = parse_qs(urlsplit(callback).query) | parse_qs(urlsplit(authorization_url).query)
    secrets |= {query[name][0] for name in ("code", "state", "nonce")}
    secrets |= {*cookies, *(each.partition(".")[0] for each in cookies), token}
    secrets |= {str(cloud.client_secret), "not a secret"}
    # The sandbox's own server logs in this process too, and is not meant here.
    ours = [each for each in caplog.records if each.name.startswith(("flask_ext", "rblx_oauth."))]
    said = "".join(each.getMessage() for each in ours) + repr(app.extensions[NAME])
    said += "".join(page.text for page in pages)
    assert len(secrets) > 14
    for secret in secrets:
        assert secret not in said


def test_f19_a_wrong_clock_is_told_to_the_owner(
    cloud: Sandbox, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A site ten minutes behind refuses the id_token, and the log says what to look at."""
    browser = Browser(make_app(cloud, clock), cloud)
    callback = cloud.consent(browser.begin())
    cloud.clock.advance(45)  # Roblox is ahead by more than the 30 seconds allowed
    answer = browser.land(callback)
    assert answer.status_code == 400
    assert browser.who() == "nobody"
    errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert any("clock" in message for message in errors)
