"""Cookies: what they look like, and what happens to those that are not ours."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st

from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import Browser, make_app
from tests.support.clock import ManualClock

HTTPS = {"ROBLOX_REDIRECT_URI": "https://localhost/roblox/callback"}


def test_c37_cookies_are_secure_httponly_and_lax_behind_https(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """On https, both cookies have every attribute, and names that only this host can set."""
    browser = Browser(make_app(cloud, clock, **HTTPS), cloud, base="https://localhost")
    began = browser.get("/roblox/login")
    landed = browser.land(cloud.consent(began.headers["Location"]))
    login = began.headers["Set-Cookie"]
    session = next(each for each in landed.headers.getlist("Set-Cookie") if "session" in each)
    assert login.startswith("__Host-roblox_login_")
    assert session.startswith("__Host-roblox_session=")
    for cookie in (login, session):
        for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert attribute in cookie
        assert "Domain" not in cookie
    assert browser.who() == "ada_builds"


def test_c37_loopback_alone_goes_without_secure(browser: Browser) -> None:
    """On http://localhost the cookie cannot be Secure, but is all the rest."""
    cookie = browser.get("/roblox/login").headers["Set-Cookie"]
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_c37_f34_cookies_are_small_whatever_roblox_says(cloud: Sandbox, clock: ManualClock) -> None:
    """The store holds what a login brings, so no cookie grows with it towards 4,096 bytes."""
    browser = Browser(make_app(cloud, clock), cloud)
    landed = browser.log_in("1000002")
    assert all(len(each) < 300 for each in landed.headers.getlist("Set-Cookie"))


def test_the_cookie_name_can_be_chosen(cloud: Sandbox, clock: ManualClock) -> None:
    """ROBLOX_SESSION_COOKIE is taken as it is."""
    browser = Browser(make_app(cloud, clock, ROBLOX_SESSION_COOKIE="sid"), cloud)
    browser.log_in()
    assert browser.cookie("sid") is not None
    assert browser.who() == "ada_builds"


@pytest.mark.parametrize(
    "value",
    [
        "x",
        ".",
        "a.b",
        "x" * 5000,
        "x." + "y" * 100_000,
        "\x00",
        "%00.%ff",
        '"quoted"',
        "é.ü",
        "=;=",
    ],
)
def test_f33_f34_a_tampered_or_oversized_cookie_is_nobody(browser: Browser, value: str) -> None:
    """Garbage is anonymous, never an error."""
    answer = browser.client.get("/", headers={"Cookie": f"roblox_session={value}"})
    assert (answer.status_code, answer.text) == (200, "home of nobody")


def test_f33_every_flipped_character_is_noticed(browser: Browser) -> None:
    """The signature covers the whole value, and is itself looked at."""
    browser.log_in()
    value = browser.cookie() or ""
    for place in range(len(value) - 1):  # some bits of the last one stand for nothing
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
        browser.set_cookie("roblox_session", changed)
        assert browser.who() == "nobody"
    browser.set_cookie("roblox_session", value)
    assert browser.who() == "ada_builds"


@settings(
    print_blob=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(st.binary(max_size=200))
def test_f33_random_cookies_are_nobody(browser: Browser, value: bytes) -> None:
    """Whatever bytes a client sends, the answer is 200 for nobody."""
    environ = {"HTTP_COOKIE": "roblox_session=" + value.decode("latin-1")}
    answer = browser.client.get("/", environ_overrides=environ)
    assert (answer.status_code, answer.text) == (200, "home of nobody")


def test_c36_an_id_that_a_client_invents_is_never_adopted(browser: Browser) -> None:
    """A login makes an id of its own, of 256 bits, whatever the browser brought."""
    browser.set_cookie("roblox_session", "i" * 43 + "." + "s" * 43)
    browser.log_in()
    session_id = (browser.cookie() or "").rpartition(".")[0]
    assert session_id != "i" * 43
    assert len(session_id) == 43


def test_f35_a_cookie_signed_with_an_old_key_is_accepted_through_fallbacks(
    cloud: Sandbox, clock: ManualClock, tmp_path: object
) -> None:
    """SECRET_KEY rotates with SECRET_KEY_FALLBACKS, and nobody is logged out."""
    store = f"sqlite:///{tmp_path}/store.db"

    def browser_of(key: str, *fallbacks: str) -> Browser:
        more = {"SECRET_KEY": key, "SECRET_KEY_FALLBACKS": list(fallbacks)}
        return Browser(make_app(cloud, clock, ROBLOX_STORE_URL=store, **more), cloud)

    before = browser_of("first")
    before.log_in()
    cookie = before.cookie() or ""
    after = browser_of("second", "first")
    after.set_cookie("roblox_session", cookie)
    assert after.who() == "ada_builds"
    assert after.get("/announce").status_code == 302  # the grant's token opens too
    # Without the old key it is nobody's, and nothing has been deleted.
    alone = browser_of("second")
    alone.set_cookie("roblox_session", cookie)
    assert alone.who() == "nobody"
    assert after.who() == "ada_builds"


def test_another_app_does_not_take_the_cookie(cloud: Sandbox, clock: ManualClock) -> None:
    """Two clients that share a SECRET_KEY do not share sessions."""
    one = Browser(make_app(cloud, clock), cloud)
    one.log_in()
    two = Browser(
        make_app(cloud, clock, ROBLOX_CLIENT_ID=cloud.public_client_id, ROBLOX_CLIENT_SECRET=""),
        cloud,
    )
    two.set_cookie("roblox_session", one.cookie() or "")
    assert two.who() == "nobody"


def test_a_neighbours_cookie_of_the_same_name_is_passed_over(app: Flask, browser: Browser) -> None:
    """Where two cookies of one name arrive, the one with a good signature counts."""
    browser.log_in()
    both = f"roblox_session=garbage; roblox_session={browser.cookie()}"
    answer = app.test_client(use_cookies=False).get("/", headers={"Cookie": both})
    assert answer.text == "home of ada_builds"


def test_pages_that_know_who_asks_are_not_for_shared_caches(browser: Browser) -> None:
    """Vary and Cache-Control are set where the session was read, and only there."""
    browser.log_in()
    seen = browser.get("/")
    assert "Cookie" in seen.headers["Vary"]
    assert seen.headers["Cache-Control"] == "private"
    plain = browser.get("/plain")
    assert "Vary" not in plain.headers
    assert "Cache-Control" not in plain.headers


def test_a_sites_own_cookies_are_left_alone(browser: Browser) -> None:
    """A new login makes room among the cookies of logins, whatever the site calls its own."""
    for number in range(12):
        browser.set_cookie(f"roblox_login_hint{number}", "the site's own")
    for _ in range(10):
        browser.begin()
    names = [name for _, _, name in browser.client._cookies or ()]
    assert len([name for name in names if "hint" in name]) == 12
    assert len(names) == 12 + 8
