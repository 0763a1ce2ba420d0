"""Bad configuration is one clear error at start-up."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.oauth.config import origin

GOOD: dict[str, Any] = {"client_id": "84", "client_secret": "RBX-1"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"client_id": ""}, "client_id is missing"),
        ({"client_id": None}, "client_id is missing"),
        ({"client_id": 84}, "not a string"),
        ({"client_id": "84 "}, "client_id is missing"),
        ({"client_secret": ""}, "client_secret .* non-empty"),
        ({"client_secret": "RBX 1\n"}, "client_secret .* copy it again"),
        ({"client_secret": None, "token_endpoint_auth_method": "client_secret_post"}, "needs a"),
        ({"token_endpoint_auth_method": "none"}, "must be 'client_secret_post'"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "must be 'client_secret_post'"),
        ({"redirect_uri": "http://my.site/callback"}, "plain http on a public host"),
        ({"redirect_uri": "http://localhost.evil.example/cb"}, "plain http on a public host"),
        ({"redirect_uri": "https://my.site/" + "a" * 241}, "at most 256"),
        ({"redirect_uri": "https://my.site/callback#top"}, "fragment"),
        ({"redirect_uri": "https://my.site/callback#"}, "fragment"),
        ({"redirect_uri": "/callback"}, "absolute https URL"),
        ({"redirect_uri": "localhost:5000/callback"}, "absolute https URL"),
        ({"redirect_uri": "javascript:/alert(1)"}, "absolute https URL"),
        ({"redirect_uri": "https:///callback"}, "absolute https URL"),
        ({"redirect_uri": "https://me@my.site/callback"}, "user name"),
        ({"redirect_uri": "https://my.site/call back"}, "spaces"),
        ({"redirect_uri": "https://[::1/callback"}, "not a valid URL"),
        ({"redirect_uri": "https://my.site:99999/callback"}, "not a valid URL"),
        ({"redirect_uri": ""}, "redirect_uri must be a URL"),
        ({"issuer": "http://apis.roblox.com/oauth/"}, "issuer uses plain http"),
        ({"issuer": "apis.roblox.com/oauth/"}, "issuer must be an absolute"),
        ({"issuer": "https://apis.roblox.com/oauth/?a=b"}, "query or a fragment"),
        ({"issuer": ""}, "issuer must be a URL"),
        ({"api_base": "http://apis.roblox.com"}, "api_base must be https"),
        ({"api_base": "http://127.0.0.1.evil.example"}, "api_base must be https"),
        ({"api_base": "https://key@apis.roblox.com"}, "origin alone"),
        ({"api_base": "https://[apis.roblox.com"}, "not a valid URL"),
        ({"api_base": None}, "api_base must be a URL"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
    ],
)
def test_wrong_settings_are_refused_when_the_app_is_made(
    settings: dict[str, Any], says: str
) -> None:
    """Each wrong setting raises at once, and the message names it."""
    with pytest.raises(ConfigurationError, match=says):
        OAuthApp(**GOOD | settings)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"client_secret": None},
        {"client_secret": None, "token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"redirect_uri": "https://my.site/callback?tenant=1"},
        {"redirect_uri": "https://my.site/" + "a" * 240},
        {"redirect_uri": "http://localhost:5000/callback"},
        {"redirect_uri": "http://127.0.0.1:5000/callback"},
        {"redirect_uri": "http://[::1]:5000/callback"},
        {"redirect_uri": "com.example.game:/callback"},
        {"issuer": "http://localhost:5000/oauth/", "api_base": "http://localhost:5000/"},
    ],
)
def test_right_settings_are_taken(settings: dict[str, Any]) -> None:
    """Everything that Roblox registers can be configured."""
    app = OAuthApp(**GOOD | settings)
    assert app.redirect_uri == settings.get("redirect_uri")


def test_the_error_never_quotes_the_secret() -> None:
    """A secret that is refused is not in the message."""
    with pytest.raises(ConfigurationError) as caught:
        OAuthApp("84", "RBX-canary value")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://apis.roblox.com/oauth/", ("https", "apis.roblox.com", 443)),
        ("https://APIS.roblox.com:443", ("https", "apis.roblox.com", 443)),
        ("http://[::1]:80/", ("http", "::1", 80)),
        ("https://apis.roblox.com@evil.example/", None),
        ("https://evil.example\\@apis.roblox.com/", None),
        ("https://apis.roblox.com:x/", None),
        ("ftp://apis.roblox.com/", None),
        ("https://apis.röblox.com/", None),
        ("//apis.roblox.com/", None),
    ],
)
def test_origin_of_a_url(url: str, expected: tuple[str, str, int] | None) -> None:
    """Scheme, host and port; nothing for a URL that readers could disagree about."""
    assert origin(url) == expected
