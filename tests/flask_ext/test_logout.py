"""Logging out, and forms that other sites cannot forge."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from flask_ext import user_logged_out
from flask_ext.state import NAME
from rblx_oauth.oauth.grant_rows import grant_id_for
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app
from tests.support.clock import ManualClock

REVOKE = "/oauth/v1/token/revoke"


def test_c40_logout_deletes_the_servers_state(app: Flask, browser: Browser) -> None:
    """The cookie is gone, and a copy of it opens nothing."""
    browser.log_in()
    copied = browser.cookie() or ""
    answer = browser.log_out()
    assert browser.cookie() is None
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "You are logged out" in answer.text
    browser.set_cookie("roblox_session", copied)
    assert browser.who() == "nobody"
    assert not app.extensions[NAME].here.store.list_records("session", now=0)


def test_f40_logout_by_get_is_405(browser: Browser) -> None:
    """A picture on another site cannot log anybody out."""
    browser.log_in()
    assert browser.get("/roblox/logout").status_code == 405
    assert browser.who() == "ada_builds"


@pytest.mark.parametrize("token", ["", "x", "A" * 86 + "==", "é"])
def test_c40_f40_logout_without_a_good_token_is_400(browser: Browser, token: str) -> None:
    """Nor can a form on another site, and it learns nothing from the answer."""
    browser.log_in()
    answer = browser.post("/roblox/logout", {"csrf_token": token})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert "Clear-Site-Data" not in answer.headers
    assert browser.who() == "ada_builds"


def test_c40_the_token_of_another_session_is_refused(app: Flask, cloud: Sandbox) -> None:
    """An attacker's own token does not serve for a victim's session."""
    attacker, victim = Browser(app, cloud), Browser(app, cloud)
    attacker.log_in(ZOE)
    victim.log_in(ADA)
    token = attacker.get("/csrf").text
    assert victim.post("/roblox/logout", {"csrf_token": token}).status_code == 400
    assert victim.who() == "ada_builds"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_c40_the_browsers_word_counts_too(browser: Browser, headers: dict[str, str]) -> None:
    """Even with a good token, a form that the browser says comes from elsewhere is refused."""
    browser.log_in()
    token = browser.get("/csrf").text
    assert browser.post("/change", {"csrf_token": token}, **headers).status_code == 400
    assert (
        browser.post("/change", {"csrf_token": token}, Origin="http://localhost").text == "changed"
    )


def test_tokens_differ_each_time_and_serve_in_a_header_too(browser: Browser) -> None:
    """So that a compressed page does not leak one; scripts send X-CSRF-Token."""
    assert browser.get("/csrf").text == ""
    assert browser.post("/change").status_code == 400
    browser.log_in()
    first, second = browser.get("/csrf").text, browser.get("/csrf").text
    assert first != second
    assert browser.post("/change", X_CSRF_Token=first).text == "changed"
    assert browser.post("/change", {"csrf_token": second}).text == "changed"


def test_logout_goes_on_to_a_page_of_the_site(browser: Browser) -> None:
    """`next` is followed after a logout, if it is local."""
    browser.log_in()
    assert browser.log_out(next="/plain").headers["Location"] == "/plain"
    browser.log_in()
    answer = browser.log_out(next="//evil.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_logging_out_ends_the_grant_with_the_last_session(app: Flask, cloud: Sandbox) -> None:
    """While another device is logged in, the grant lives on."""
    laptop, phone = Browser(app, cloud), Browser(app, cloud)
    laptop.log_in()
    phone.log_in()
    laptop.log_out()
    assert cloud.count(REVOKE) == 0
    assert phone.who() == "ada_builds"
    phone.log_out()
    assert cloud.count(REVOKE, status=200) == 1


def test_a_site_with_jobs_keeps_grants_after_logout(cloud: Sandbox, clock: ManualClock) -> None:
    """ROBLOX_REVOKE_ON_LOGOUT=false: logging out here does not stop what runs for the person."""
    app = make_app(cloud, clock, ROBLOX_REVOKE_ON_LOGOUT="false")
    browser = Browser(app, cloud)
    browser.log_in()
    browser.log_out()
    state = app.extensions[NAME]
    row = state.here.store.get_grant(grant_id_for(cloud.issuer, cloud.client_id, ADA))
    assert row.status == "live"
    assert cloud.count(REVOKE) == 0


def test_a_site_says_what_a_browser_clears_at_logout(
    cloud: Sandbox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing, where the setting is empty: in the configuration or the environment."""
    monkeypatch.setenv("ROBLOX_CLEAR_SITE_DATA", "")
    for given, sent in ((None, None), ("", None), ('"cache","cookies"', '"cache","cookies"')):
        browser = Browser(make_app(cloud, clock, ROBLOX_CLEAR_SITE_DATA=given), cloud)
        browser.log_in()
        assert browser.log_out().headers.get("Clear-Site-Data") == sent


def test_c41_logout_completes_when_roblox_is_away(app: Flask, browser: Browser) -> None:
    """The person is logged out here; the revocation waits in the store."""
    browser.log_in()
    token = browser.get("/csrf").text
    browser.cloud.stop()
    assert browser.post("/roblox/logout", {"csrf_token": token}).status_code == 200
    assert browser.who() == "nobody"
    assert len(app.extensions[NAME].here.store.list_records("revocation", now=0)) == 1


def test_c34_c41_a_queued_revocation_is_tried_again_until_roblox_confirms(
    app: Flask, browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """The site does so by itself, a minute later, and no login fails for it."""
    browser.log_in()
    token = browser.get("/csrf").text
    cloud.stop()
    browser.post("/roblox/logout", {"csrf_token": token})
    stranger = Browser(app, cloud)
    clock.advance(61)
    assert stranger.get("/roblox/login").status_code == 302
    cloud.start()
    assert cloud.count(REVOKE) == 0
    clock.advance(61)
    stranger.begin()
    assert cloud.count(REVOKE) == 1
    assert not app.extensions[NAME].here.store.list_records("revocation", now=0)
    clock.advance(61)
    stranger.begin()
    assert cloud.count(REVOKE) == 1


def test_f46_a_logout_wins_over_a_refresh_in_flight(
    app: Flask, cloud: Sandbox, clock: ManualClock
) -> None:
    """The refresh finishes after the logout; its new token is revoked, and nobody is back in."""
    browser = Browser(app, cloud)
    browser.log_in()
    token, cookie = browser.get("/csrf").text, browser.cookie() or ""
    other_tab = Browser(app, cloud)
    other_tab.set_cookie("roblox_session", cookie)
    store = app.extensions[NAME].here.store
    grant_id = grant_id_for(cloud.issuer, cloud.client_id, ADA)
    clock.advance(3600)  # the access token is over, so the tab has to refresh
    with cloud.state.lock:  # Roblox takes its time
        refreshing = threading.Thread(target=other_tab.get, args=("/token-state",))
        refreshing.start()
        wait_until(lambda: bool(store.get_grant(grant_id).intent))
        leaving = threading.Thread(
            target=browser.post, args=("/roblox/logout", {"csrf_token": token})
        )
        leaving.start()
        wait_until(lambda: store.get_grant(grant_id).status == "ended")
    refreshing.join()
    leaving.join()
    assert store.get_grant(grant_id).status == "ended"
    assert (browser.who(), other_tab.who()) == ("nobody", "nobody")
    assert all(grant.ended for grant in cloud.state.oauth.grants.values())


def wait_until(reached: object, *, seconds: float = 8.0) -> None:
    """Let other threads work until `reached()`; what is waited for is an event, not time."""
    assert callable(reached)
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if reached():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("path", ["/roblox/logout", "/sessions/end-all"])
def test_c43_after_logging_out_roblox_asks_who_it_is(browser: Browser, path: str) -> None:
    """Roblox may know the person still; the next one at this computer is not let in as them."""

    def prompt() -> list[str] | None:
        return parse_qs(urlsplit(browser.begin()).query).get("prompt")

    assert prompt() is None
    browser.log_in()
    browser.post(path, {"csrf_token": browser.get("/csrf").text})
    assert prompt() == ["select_account"]
    browser.log_in()
    browser.client.delete_cookie("roblox_session", domain="localhost")  # lost, not logged out
    assert prompt() is None


def test_a_logout_is_signalled(app: Flask, browser: Browser) -> None:
    """With who it was and whether everywhere."""
    seen: list[dict[str, object]] = []

    def note(sender: Flask, **facts: object) -> None:
        seen.append(facts)

    with user_logged_out.connected_to(note, sender=app):
        browser.log_in()
        browser.log_out()
        browser.log_in()
        browser.post("/sessions/end-all")
    assert seen == [
        {"user_id": int(ADA), "everywhere": False},
        {"user_id": int(ADA), "everywhere": True},
    ]


def test_the_logout_button_is_a_form_with_a_token(app: Flask, browser: Browser) -> None:
    """`roblox_logout_button()` in a template logs out when pressed, and is empty for nobody."""
    from flask import render_template_string

    @app.get("/button")
    def button() -> str:
        return render_template_string("{{ roblox_logout_button('Bye', next='/plain') }}")

    assert browser.get("/button").text == ""
    browser.log_in()
    page = browser.get("/button").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert ">Bye</button>" in page
    assert (
        browser.post("/roblox/logout", {"csrf_token": token, "next": "/plain"}).status_code == 303
    )
    assert browser.who() == "nobody"
