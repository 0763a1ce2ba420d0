"""Settings: where they come from, and what a wrong one says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from flask_ext import RobloxOAuth
from flask_ext.config import load
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.vault import Vault

GOOD = {
    "SECRET_KEY": "not a secret",
    "ROBLOX_CLIENT_ID": "840",
    "ROBLOX_CLIENT_SECRET": "RBX-x",
    "ROBLOX_REDIRECT_URI": "https://site.example/roblox/callback",
    "ROBLOX_STORE_URL": "memory://",
}


def app_with(**changes: object) -> Flask:
    """An app with good settings, but for these; None leaves one out."""
    app = Flask(__name__)
    app.config.update(
        {name: value for name, value in (GOOD | changes).items() if value is not None}
    )
    return app


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ROBLOX_CLIENT_ID": None}, ["ROBLOX_CLIENT_ID is not set", "create.roblox.com"]),
        ({"ROBLOX_CLIENT_SECRET": "a b"}, ["ROBLOX_CLIENT_SECRET", "copy it again"]),
        ({"ROBLOX_REDIRECT_URI": None}, ["ROBLOX_REDIRECT_URI is not set", "/roblox/callback"]),
        (
            {"ROBLOX_REDIRECT_URI": "http://site.example/roblox/callback"},
            ["ROBLOX_REDIRECT_URI", "plain http on a public host"],
        ),
        (
            {"ROBLOX_REDIRECT_URI": "https://site.example/" + "a" * 250 + "/roblox/callback"},
            ["ROBLOX_REDIRECT_URI", "at most 256"],
        ),
        (
            {"ROBLOX_REDIRECT_URI": "https://site.example/other"},
            ["must end with /roblox/callback", "ROBLOX_URL_PREFIX"],
        ),
        ({"ROBLOX_REDIRECT_URI": "myapp://x/roblox/callback"}, ["must be https"]),
        ({"ROBLOX_SCOPES": "openid profil"}, ["ROBLOX_SCOPES", "Did you mean 'profile'"]),
        ({"ROBLOX_SCOPES": 7}, ["ROBLOX_SCOPES must be a list"]),
        ({"ROBLOX_TOKEN_KEYS": "short"}, ["ROBLOX_TOKEN_KEYS cannot be used"]),
        ({"ROBLOX_ISSUER": "http://site.example/"}, ["ROBLOX_ISSUER", "plain http"]),
        ({"ROBLOX_API_BASE": "ftp://x"}, ["ROBLOX_API_BASE", "https"]),
        ({"ROBLOX_SESSION_IDLE": "soon"}, ["ROBLOX_SESSION_IDLE must be a number of seconds"]),
        ({"ROBLOX_SESSION_LIFETIME": -1}, ["ROBLOX_SESSION_LIFETIME must be a number"]),
        ({"ROBLOX_SESSION_LIFETIME": 1e300}, ["ROBLOX_SESSION_LIFETIME", "at most a hundred"]),
        ({"ROBLOX_SESSION_IDLE": timedelta.max}, ["ROBLOX_SESSION_IDLE", "at most a hundred"]),
        ({"ROBLOX_API_KEY": "one\ntwo"}, ["ROBLOX_API_KEY cannot be used", "copy it again"]),
        ({"ROBLOX_CLEAR_SITE_DATA": "cache"}, ["ROBLOX_CLEAR_SITE_DATA", "in double quotes"]),
        ({"ROBLOX_CLEAR_SITE_DATA": '"a"\r\nX: "b"'}, ["ROBLOX_CLEAR_SITE_DATA must be words"]),
        ({"ROBLOX_REVOKE_ON_LOGOUT": "perhaps"}, ["ROBLOX_REVOKE_ON_LOGOUT must be true or"]),
        ({"ROBLOX_RATE_BUDGET": "file://x"}, ["ROBLOX_RATE_BUDGET cannot be used", "memory://"]),
        ({"ROBLOX_RATE_BUDGET": "redis://"}, ["ROBLOX_RATE_BUDGET cannot be used", "or a store"]),
        ({"ROBLOX_URL_PREFIX": "roblox"}, ["ROBLOX_URL_PREFIX must begin with a slash"]),
        ({"SECRET_KEY": None}, ["SECRET_KEY is not set", "secrets.token_hex()"]),
        ({"ROBLOX_CLIENT_ID": ["840"]}, ["ROBLOX_CLIENT_ID must be a string"]),
        ({"SECRET_KEY": 12345}, ["SECRET_KEY must be a string"]),
        ({"SECRET_KEY_FALLBACKS": "old"}, ["SECRET_KEY_FALLBACKS must be a list"]),
        ({"SECRET_KEY_FALLBACKS": [7]}, ["SECRET_KEY_FALLBACKS must be a list"]),
        ({"ROBLOX_SESSION_COOKIE": "session"}, ["ROBLOX_SESSION_COOKIE", "Flask's own"]),
        ({"SESSION_COOKIE_NAME": "roblox_session"}, ["ROBLOX_SESSION_COOKIE", "Flask's own"]),
        ({"SESSION_COOKIE_NAME": "__Host-roblox_session"}, ["ROBLOX_SESSION_COOKIE", "another"]),
        ({"ROBLOX_SESSION_COOKIE": "my cookie"}, ["ROBLOX_SESSION_COOKIE", "letters"]),
        ({"ROBLOX_SESSION_COOKIE": "sid;x"}, ["ROBLOX_SESSION_COOKIE", "letters"]),
    ],
)
def test_a_wrong_setting_says_what_to_do(changes: dict[str, object], said: list[str]) -> None:
    """Each is one clear error at start-up that names the setting and the remedy."""
    with pytest.raises(ConfigurationError) as caught:
        RobloxOAuth(app_with(**changes))
    for words in said:
        assert words in str(caught.value)
    assert "settings are wrong" not in str(caught.value)  # this one is, and no other


def test_everything_wrong_is_said_at_once() -> None:
    """A person mends all settings in one go."""
    app = app_with(ROBLOX_CLIENT_ID=None, SECRET_KEY=None, ROBLOX_SCOPES="nonsense")
    with pytest.raises(ConfigurationError) as caught:
        RobloxOAuth(app)
    assert str(caught.value).count("\n  - ") == 3


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:////no/such/folder/x.db"])
def test_a_wrong_store_url_fails_at_start_up(url: str) -> None:
    """Not at the first login."""
    with pytest.raises(ConfigurationError):
        RobloxOAuth(app_with(ROBLOX_STORE_URL=url))


def test_no_error_repeats_a_secret() -> None:
    """Messages go to logs: neither keys nor client secret nor a store's password are in them."""
    app = app_with(
        ROBLOX_TOKEN_KEYS="canary-one",
        ROBLOX_CLIENT_SECRET="canary two",
        ROBLOX_STORE_URL="mysql://u:canary-three@h/db",
    )
    with pytest.raises(ConfigurationError) as caught:
        RobloxOAuth(app)
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(load(app_with(ROBLOX_API_KEY="canary")))


def test_the_environment_fills_in_and_the_app_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strings from the environment are parsed; app.config comes first."""
    monkeypatch.setenv("ROBLOX_SCOPES", "profile  asset:read")
    monkeypatch.setenv("ROBLOX_SESSION_IDLE", "90.5")
    monkeypatch.setenv("ROBLOX_REVOKE_ON_LOGOUT", "No")
    monkeypatch.setenv("ROBLOX_CLIENT_ID", "from the environment")
    keys = [Vault.generate_key(), Vault.generate_key()]
    monkeypatch.setenv("ROBLOX_TOKEN_KEYS", ", ".join(keys))
    found = load(app_with(ROBLOX_SESSION_LIFETIME=timedelta(hours=1)))
    assert found.scopes == ("openid", "profile", "asset:read")
    assert (found.session_idle, found.session_lifetime) == (90.5, 3600)
    assert found.revoke_on_logout is False
    assert found.client_id == "840"
    assert list(found.token_keys) == keys


def test_the_store_is_a_file_of_the_instance_by_default(tmp_path: Path) -> None:
    """Without a store URL, an SQLite file appears in the instance folder, which is made."""
    app = Flask(__name__, instance_path=str(tmp_path / "made" / "here"))
    app.config.update(GOOD)
    del app.config["ROBLOX_STORE_URL"]
    RobloxOAuth(app)
    assert (tmp_path / "made" / "here" / "roblox_oauth.db").exists()


def test_c37_plain_http_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """A configuration that weakens the cookies says so in the log; https says nothing."""
    RobloxOAuth(app_with())
    assert not caplog.records
    RobloxOAuth(app_with(ROBLOX_REDIRECT_URI="http://127.0.0.1:5000/roblox/callback"))
    assert "Secure" in caplog.text


def test_init_app_twice_is_an_error() -> None:
    """The second call would add every route again."""
    app = app_with()
    RobloxOAuth(app)
    with pytest.raises(ConfigurationError, match="twice"):
        RobloxOAuth(app)


def test_f34_a_cookie_too_large_for_browsers_is_refused_at_start_up() -> None:
    """They would drop it without a word, and nobody would be logged in."""
    with pytest.raises(ConfigurationError, match="at most 128"):
        load(app_with(ROBLOX_SESSION_COOKIE="s" * 4000))


@pytest.mark.parametrize("name", ["__Host-sid", "__Secure-sid", "__host-sid"])
def test_c37_a_cookie_name_that_browsers_refuse_over_http_is_said(name: str) -> None:
    """Otherwise every login would seem to work and leave nobody logged in."""
    local = "http://localhost:5000/roblox/callback"
    with pytest.raises(ConfigurationError, match="ROBLOX_SESSION_COOKIE"):
        load(app_with(ROBLOX_SESSION_COOKIE=name, ROBLOX_REDIRECT_URI=local))
    assert load(app_with(ROBLOX_SESSION_COOKIE=name)).session_cookie == name


def test_c37_a_host_cookie_needs_the_root_of_its_host() -> None:
    """Browsers take a __Host- cookie for the path / only, and a mounted site has another."""
    mounted = "https://site.example/game/roblox/callback"
    with pytest.raises(ConfigurationError, match="ROBLOX_SESSION_COOKIE"):
        load(app_with(ROBLOX_SESSION_COOKIE="__Host-sid", ROBLOX_REDIRECT_URI=mounted))


@pytest.mark.parametrize(
    ("redirect_uri", "origin"),
    [
        ("https://Site.Example/roblox/callback", "https://site.example"),
        ("https://site.example:443/roblox/callback", "https://site.example"),
        ("HTTPS://site.example:8443/roblox/callback", "https://site.example:8443"),
        ("http://localhost:80/roblox/callback", "http://localhost"),
        ("http://[::1]:5000/roblox/callback", "http://[::1]:5000"),
    ],
)
def test_the_public_origin_is_spelled_as_browsers_do(redirect_uri: str, origin: str) -> None:
    """It is compared with the headers Origin and Referer (RFC 6454 6.1)."""
    assert load(app_with(ROBLOX_REDIRECT_URI=redirect_uri)).public_origin == origin
