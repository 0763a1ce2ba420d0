"""What is asked for when a login begins."""

from __future__ import annotations

import base64
import hashlib
import pickle
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.oauth.authorization import AuthorizationRequest
from tests.oauth.conftest import REDIRECT, Colour, make_app
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, Provider


def query(request: AuthorizationRequest) -> dict[str, str]:
    """The parameters of the URL; one that comes twice is an error."""
    pairs = parse_qs(urlsplit(request.url).query, strict_parsing=True)
    assert all(len(values) == 1 for values in pairs.values())
    return {name: values[0] for name, values in pairs.items()}


async def test_c01_code_flow_with_pkce_s256_only(app: Colour, provider: Provider) -> None:
    """The URL asks for a code, with the S256 challenge of the verifier that is kept here."""
    request = await app.authorization_request(["profile"])
    asked = query(request)
    assert request.url.startswith(f"{provider.issuer}v1/authorize?")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    digest = hashlib.sha256(request.code_verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"] == request.redirect_uri == REDIRECT


def test_c02_verifier_is_long_unreserved_and_new_each_time(sync_app: OAuthApp) -> None:
    """43 to 128 unreserved characters holding 256 bits; no two logins share one."""
    requests = [sync_app.authorization_request([]) for _ in range(200)]
    verifiers = {request.code_verifier for request in requests}
    assert len(verifiers) == 200
    for verifier in verifiers:
        assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)
        assert len(base64.urlsafe_b64decode(verifier + "=")) * 8 >= 256


def test_c03_state_and_nonce_are_random_and_apart(sync_app: OAuthApp) -> None:
    """State, nonce and verifier are three different values of at least 128 bits, never reused."""
    requests = [sync_app.authorization_request([]) for _ in range(200)]
    values = [
        value
        for request in requests
        for value in (request.state, request.nonce, request.code_verifier)
    ]
    assert len(set(values)) == 600
    assert all(len(base64.urlsafe_b64decode(value + "=")) * 8 >= 128 for value in values)


def test_c06_profile_implies_openid_and_no_secret_is_in_the_url(sync_app: OAuthApp) -> None:
    """``openid`` comes first whatever is asked for; secret and verifier stay out of the URL."""
    request = sync_app.authorization_request(["profile", "universe-messaging-service:publish"])
    assert request.scopes == ("openid", "profile", "universe-messaging-service:publish")
    assert query(request)["scope"] == "openid profile universe-messaging-service:publish"
    assert request.code_verifier not in request.url
    assert set(query(request)) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
    assert CLIENT_SECRET not in str(query(request))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ("openid",)),
        ("profile openid", ("openid", "profile")),
        (["profile", "profile", "openid"], ("openid", "profile")),
        (("asset:read",), ("openid", "asset:read")),
    ],
)
def test_scopes_are_tidied(sync_app: OAuthApp, given: object, expected: tuple[str, ...]) -> None:
    """Each once, ``openid`` first, from a string or any collection."""
    assert sync_app.authorization_request(given).scopes == expected  # type: ignore[arg-type]


def test_unknown_scope_names_the_nearest_known_one(sync_app: OAuthApp) -> None:
    """A typing slip is found before anybody is sent to Roblox."""
    with pytest.raises(ConfigurationError, match="Did you mean 'profile'"):
        sync_app.authorization_request(["profle"])


@pytest.mark.parametrize("scope", ["", 'a"b', "a\\b", "ä", "a\x7f"])
def test_malformed_scope_is_refused_even_when_unknown_ones_pass(
    provider: Provider, scope: str
) -> None:
    """A scope is printable ASCII without quote and backslash."""
    app = make_app(provider, allow_unknown_scopes=True)
    assert "new-api:read" in app.authorization_request(["new-api:read"]).scopes
    with pytest.raises(ConfigurationError, match="scope"):
        app.authorization_request([scope])


@pytest.mark.parametrize("prompt", ["none", "login", "consent", "login consent"])
def test_prompt_is_passed_on(sync_app: OAuthApp, prompt: str) -> None:
    """Roblox's prompts reach the URL."""
    assert query(sync_app.authorization_request([], prompt=prompt))["prompt"] == prompt


@pytest.mark.parametrize("prompt", ["", "create", "none login", "login  consent"])
def test_wrong_prompt_is_refused(sync_app: OAuthApp, provider: Provider, prompt: str) -> None:
    """An unknown prompt, or ``none`` beside another, raises before anything is sent."""
    with pytest.raises(ConfigurationError, match="prompt"):
        sync_app.authorization_request([], prompt=prompt)
    assert provider.server.seen == []


def test_redirect_uri_can_be_given_with_the_call_and_is_checked(provider: Provider) -> None:
    """Without one anywhere, or with a bad one, the error comes at once."""
    app = make_app(provider, redirect_uri=None)
    with pytest.raises(ConfigurationError, match="redirect_uri is missing"):
        app.authorization_request([])
    with pytest.raises(ConfigurationError, match="plain http"):
        app.authorization_request([], redirect_uri="http://my.site/cb")
    request = app.authorization_request([], redirect_uri="https://my.site/cb")
    assert query(request)["redirect_uri"] == request.redirect_uri == "https://my.site/cb"


def test_request_survives_json_and_refuses_pickling(sync_app: OAuthApp) -> None:
    """It can be kept in the server's own store, not in something that pickles."""
    request = sync_app.authorization_request(["profile"])
    assert AuthorizationRequest.from_json(request.to_json()) == request
    with pytest.raises(ValueError):
        AuthorizationRequest.from_json(b'{"url": 1}')
    with pytest.raises(TypeError, match="to_json"):
        pickle.dumps(request)
