"""`flask_ext.testing`: logged in without the way to Roblox, and otherwise as if one had gone it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from flask_ext import RobloxOAuth, User, user_logged_in, user_logged_out
from flask_ext.testing import assert_published, log_in, log_out, published, sandbox_config
from rblx_oauth import Client, Token
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, KAI, PUBLISH, ZOE, Browser, add_views, make_app, roblox
from tests.support.clock import ManualClock


def test_a_person_is_logged_in_without_a_request(app: Flask, cloud: Sandbox) -> None:
    """Neither the site nor Roblox is asked anything, and the site knows who it is."""
    client = app.test_client()
    token = log_in(client, cloud, user=ZOE)
    assert not len(cloud.requests)
    assert (token.subject, token.scopes) == (ZOE, {"openid", "profile"})
    assert client.get("/private").text == f"private page of {ZOE}"
    assert client.get("/").text == "home of zoe_and_co"
    assert client.get("/token-state").text == ZOE
    assert app.test_client().get("/private").status_code in (302, 401)


def test_the_first_user_logs_in_unless_told(app: Flask, cloud: Sandbox) -> None:
    """So that a test that does not care need not say."""
    client = app.test_client()
    log_in(client, cloud)
    assert client.get("/private").text == f"private page of {ADA}"


def test_the_session_is_of_the_browser_that_asks(app: Flask, cloud: Sandbox) -> None:
    """As after a login of its own: the device is known by its User-Agent."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
    log_in(client, cloud)
    with client:
        client.get("/")
        devices = [each.device for each in roblox.sessions()]
    assert devices == ["Firefox on Linux"]


def test_scopes_and_picks_are_those_of_the_consent_page(app: Flask, cloud: Sandbox) -> None:
    """Views that need scopes and universes open and stay shut as after a real consent."""
    client = app.test_client()
    log_in(client, cloud, scopes=[PUBLISH], universes=[3000001])
    assert client.get("/announce").text.startswith(f"announced as {ADA} with")
    assert client.get("/universe/3000001").status_code == 200
    assert client.get("/universe/3000002").status_code == 403
    narrow = app.test_client()
    log_in(narrow, cloud)
    assert narrow.get("/announce").status_code == 302  # asks for the scope
    with pytest.raises(ValueError, match="not on offer"):
        log_in(client, cloud, user=KAI, scopes=[PUBLISH], universes=[3000001])
    assert client.get("/private").text == f"private page of {ADA}"


def test_the_session_is_a_real_one(browser: Browser, cloud: Sandbox) -> None:
    """CSRF tokens, the list of sessions, logging out by the button: all as after a login."""
    log_in(browser.client, cloud)
    other = browser.app.test_client()
    log_in(other, cloud)
    found = browser.get("/sessions").json
    assert [each["current"] for each in found] in ([True, False], [False, True])
    csrf = browser.get("/csrf").text
    assert browser.post("/change", {"csrf_token": csrf}).text == "changed"
    assert browser.log_out().status_code == 200
    assert browser.who() == "nobody"
    assert other.get("/").text == "home of ada_builds"


def test_the_token_renews_itself_as_ever(app: Flask, cloud: Sandbox, clock: ManualClock) -> None:
    """When the access token is over, the grant is refreshed at the sandbox."""
    client = app.test_client()
    log_in(client, cloud)
    clock.advance(3600)
    assert client.get("/token-state").text == ADA
    assert cloud.count("/v1/token", grant_type="refresh_token", status=200) == 1


def test_a_token_of_ones_own_will_do(app: Flask, cloud: Sandbox) -> None:
    """Any token of the site's app logs in whom it is about; another app's is refused."""
    client = app.test_client()
    mine = cloud.token_for(user=KAI, scopes=["openid", "profile"])
    assert log_in(client, mine) is mine
    assert client.get("/").text == "home of kai_plays"
    foreign = cloud.token_for(user=KAI, client_id=cloud.public_client_id)
    assert isinstance(foreign, Token)
    with pytest.raises(ConfigurationError):
        log_in(client, foreign)


def test_another_login_ends_the_one_before(app: Flask, cloud: Sandbox) -> None:
    """As at a real login, the browser's old session is dead, its cookie with it."""
    client = app.test_client()
    log_in(client, cloud, user=ADA)
    old = client.get_cookie("roblox_session")
    log_in(client, cloud, user=ZOE)
    new = client.get_cookie("roblox_session")
    assert old
    assert new
    assert old.value != new.value
    stranger = app.test_client()
    stranger.set_cookie("roblox_session", old.value)
    assert stranger.get("/").text == "home of nobody"
    assert client.get("/").text == "home of zoe_and_co"


def test_logging_out_is_as_with_the_button(app: Flask, cloud: Sandbox) -> None:
    """Session and grant end, the next login asks who it is; a second time nothing happens."""
    client = app.test_client()
    token = log_in(client, cloud)
    log_out(client)
    assert client.get("/").text == "home of nobody"
    assert client.get_cookie("roblox_session") is None
    assert cloud.count("/v1/token/revoke", status=200) == 1
    assert token.refresh_token
    assert "prompt=select_account" in client.get("/roblox/login").headers["Location"]
    log_out(client)
    assert cloud.count("/v1/token/revoke") == 1
    log_in(client, cloud)
    assert client.get("/").text == "home of ada_builds"
    assert client.get_cookie("roblox_left") is None


def test_signals_are_sent(app: Flask, cloud: Sandbox) -> None:
    """A site that makes its own user at `user_logged_in` has one in its tests too."""
    seen: list[object] = []

    def came(sender: Flask, user: User) -> None:
        seen.append((sender.name, user.name, user.scopes))

    def went(sender: Flask, user_id: int, everywhere: bool) -> None:
        seen.append((user_id, everywhere))

    client = app.test_client()
    with (
        user_logged_in.connected_to(came, sender=app),
        user_logged_out.connected_to(went, sender=app),
    ):
        log_in(client, cloud)
        log_out(client)
    assert seen == [(app.name, "ada_builds", {"openid", "profile"}), (int(ADA), False)]


@pytest.mark.parametrize(
    ("redirect_uri", "base_url"),
    [
        ("http://localhost/roblox/callback", None),
        ("https://site.example/roblox/callback", None),
        ("https://site.example/roblox/callback", "https://site.example"),
        ("https://site.example/roblox/callback", "https://site.example:8443/"),
        ("https://site.example/games/roblox/callback", "https://site.example/games/"),
    ],
)
def test_https_other_hosts_and_prefixes(
    cloud: Sandbox, clock: ManualClock, redirect_uri: str, base_url: str | None
) -> None:
    """Secure cookies under their names, at the address where the test makes its requests."""
    app = make_app(cloud, clock, ROBLOX_REDIRECT_URI=redirect_uri)
    client = app.test_client()
    log_in(client, cloud, base_url=base_url)
    assert client.get("/", base_url=base_url).text == "home of ada_builds"
    ((_, path, name),) = client._cookies
    secure, prefixed = redirect_uri.startswith("https"), "/games" in redirect_uri
    assert name == ("__Host-roblox_session" if secure and not prefixed else "roblox_session")
    assert path == ("/games" if prefixed else "/")
    (cookie,) = client._cookies.values()
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (secure, True, "Lax")
    assert client.get("/", base_url="http://elsewhere.example").text == "home of nobody"
    log_out(client, base_url=base_url)
    assert client.get("/", base_url=base_url).text == "home of nobody"


def test_a_chosen_cookie_name_is_kept(cloud: Sandbox, clock: ManualClock) -> None:
    """ROBLOX_SESSION_COOKIE, and no other cookie."""
    app = make_app(cloud, clock, ROBLOX_SESSION_COOKIE="sid")
    client = app.test_client()
    log_in(client, cloud)
    assert client.get_cookie("sid")
    assert client.get("/").text == "home of ada_builds"


def test_the_config_of_a_site_for_a_sandbox(cloud: Sandbox) -> None:
    """`sandbox_config` and a secret key are all that a site needs."""
    app = Flask("tests.flask_ext.configured")
    app.config.update(sandbox_config(cloud), SECRET_KEY="not a secret")
    RobloxOAuth(app)
    add_views(app)
    browser = Browser(app, cloud)
    browser.log_in()
    assert browser.who() == "ada_builds"


def test_time_passes_for_the_site_and_the_sandbox_alike(cloud: Sandbox) -> None:
    """Tokens grow old and are refreshed, people log in again, and sessions run out at last."""
    app = Flask("tests.flask_ext.ageing")
    app.config.update(
        sandbox_config(cloud), SECRET_KEY="not a secret", ROBLOX_SCOPES=f"profile {PUBLISH}"
    )
    RobloxOAuth(app)
    add_views(app)
    browser, other = Browser(app, cloud), Browser(app, cloud)
    browser.log_in()
    cloud.clock.advance(3600)
    assert browser.get("/token-state").text == ADA
    assert cloud.count("/v1/token", grant_type="refresh_token") == 1
    other.log_in(ZOE)
    assert other.who() == "zoe_and_co"
    cloud.clock.advance(15 * 86400)
    assert browser.who() == "nobody"


def test_an_app_without_the_extension_is_told_so(cloud: Sandbox) -> None:
    """One clear error."""
    client = Flask("tests.flask_ext.bare").test_client()
    for act in (lambda: log_in(client, cloud), lambda: log_out(client)):
        with pytest.raises(ConfigurationError, match="no RobloxOAuth"):
            act()


def test_published_messages_are_found_and_asserted_on(cloud: Sandbox) -> None:
    """By universe, topic and text; a failure shows what was published instead."""
    client = cloud.token_for(scopes=[PUBLISH])
    with pytest.raises(AssertionError, match=re.escape("0 messages were published with anything")):
        assert_published(cloud)
    send(cloud, client, 3000001, "news", "hello")
    send(cloud, client, 3000002, "news", "good evening")
    assert_published(cloud, universe_id=3000001, topic="news", message="hello")
    assert_published(cloud, topic="news", times=2)
    assert_published(cloud, universe_id="3000003", times=0)
    assert [each.message for each in published(cloud, topic="news")] == ["hello", "good evening"]
    with pytest.raises(AssertionError) as failure:
        assert_published(cloud, universe_id=3000001, message="bye")
    said = str(failure.value)
    assert "universe_id=3000001, message='bye'" in said
    assert "universe 3000002, topic 'news': 'good evening'" in said


def send(cloud: Sandbox, token: Token, universe: int, topic: str, text: str) -> None:
    """Publish as an app does."""
    with Client(token=token, api_base=cloud.api_base) as client:
        client.universe(universe).publish_message(topic, text)
