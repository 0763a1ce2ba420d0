"""The OpenID Foundation's tests of a basic and configured provider, over plain HTTP.

These modules of its conformance suite (plan "Basic OP", and "Config OP") are walked through, each
named where it is:

- `oidcc-server`, `-server-client-secret-post`, `-response-type-missing`, `-refresh-token`,
  `-codereuse`, `-codereuse-30seconds`, `-ensure-registered-redirect-uri`,
  `-ensure-post-request-succeeds`, `-ensure-request-with-valid-pkce-succeeds`,
  `-ensure-request-without-nonce-succeeds-for-code-flow`
- `-userinfo-get`, `-userinfo-post-header`, `-userinfo-post-body`
- `-scope-profile`, `-ensure-other-scope-order-succeeds`
- `-prompt-login`, `-prompt-none-logged-in`, `-prompt-none-not-logged-in`, `-max-age-1`,
  `-max-age-10000`
- `-display-page`, `-display-popup`, `-login-hint`, `-id-token-hint`, `-ui-locales`,
  `-claims-locales`, `-claims-essential`, `-ensure-request-with-acr-values-succeeds`,
  `-ensure-request-with-unknown-parameter-succeeds`
- `-unsigned-request-object-supported-correctly-or-rejected-as-unsupported`,
  `-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported`,
  `-ensure-request-object-with-redirect-uri`
- `-discovery-endpoint-verification`

Where Roblox differs from the book, the sandbox follows Roblox: discovery offers ES256 alone, though
OpenID Connect Discovery 3 wants RS256 too, and does not say that there is no `request_uri`; apps
get no scopes `email`, `address` and `phone`, and what they do not get is refused (`-scope-email`,
`-scope-address`, `-scope-phone`, `-scope-all`); the access token is taken from the header only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import REDIRECT_URI, App, query_of
from tests.sandbox.person import Person, is_login

PROFILE = {"name", "nickname", "preferred_username", "created_at", "profile", "picture"}


def get(url: str, **more: Any) -> requests.Response:
    """A GET that follows nothing."""
    return requests.get(url, allow_redirects=False, timeout=10, **more)


def code_of(answer: requests.Response) -> str:
    """The code of a callback, and nothing that is not a callback."""
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(REDIRECT_URI)
    return query_of(answer.headers["Location"])["code"]


def error_of(answer: requests.Response) -> str:
    """The error of a callback."""
    assert answer.headers["Location"].startswith(REDIRECT_URI)
    found = query_of(answer.headers["Location"])
    assert found["state"] == "a-state"
    return found["error"]


def judged(cloud: Sandbox, token: dict[str, Any]) -> dict[str, Any]:
    """The claims of an id_token that every check of the suite passes."""
    keys = KeySet.import_key_set(get(f"{cloud.issuer}v1/certs").json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
    claims, now = decoded.claims, cloud.clock.now()
    assert decoded.header["kid"] in {key.kid for key in keys.keys}
    assert claims["iss"] == cloud.issuer
    assert claims["aud"] == cloud.client_id
    assert isinstance(claims["sub"], str)
    assert 0 < len(claims["sub"]) <= 255
    assert claims["iat"] <= now + 1
    assert claims["exp"] > now
    half = hashlib.sha256(token["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    return claims


def test_oidcc_server(cloud: Sandbox, app: App) -> None:
    """A login, the token's form, the id_token, and a code and tokens with enough in them."""
    first, second = app.code(), app.code()
    assert len(first) >= 22  # 128 bits
    assert first != second
    answer = app.exchange(first)
    token = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert token["token_type"].lower() == "bearer"
    assert token["expires_in"] > 0
    assert judged(cloud, token)["nonce"] == "a-nonce"


def test_oidcc_server_client_secret_post_and_basic(cloud: Sandbox, app: App) -> None:
    """Both ways of authenticating that discovery names work."""
    found = get(f"{cloud.issuer}.well-known/openid-configuration").json()
    assert set(found["token_endpoint_auth_methods_supported"]) == {
        "client_secret_basic",
        "client_secret_post",
    }
    data = {
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT_URI,
        "code_verifier": "v" * 64,
    }
    basic = {"auth": (cloud.client_id, cloud.client_secret)}
    post = {"client_id": cloud.client_id, "client_secret": cloud.client_secret}
    url = found["token_endpoint"]
    assert requests.post(url, data | {"code": app.code()}, timeout=10, **basic).ok
    assert requests.post(url, data | post | {"code": app.code()}, timeout=10).ok


def test_oidcc_response_type_missing(app: App) -> None:
    """The error goes to the app, with its state."""
    answer = get(app.authorization_url(response_type=None))
    assert error_of(answer) in ("invalid_request", "unsupported_response_type")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_oidcc_userinfo_get_and_post_header(cloud: Sandbox, app: App, method: str) -> None:
    """Both methods give the subject of the id_token, as JSON."""
    token = app.login()
    answer = app.call(method, "/oauth/v1/userinfo", token)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["sub"] == judged(cloud, token)["sub"]


def test_oidcc_userinfo_post_body(app: App) -> None:
    """A token in the body is not taken, and the refusal says how to send it (RFC 6750 3)."""
    url = f"{app.cloud.issuer}v1/userinfo"
    for where in ({"data": {"access_token": "x"}}, {"params": {"access_token": "x"}}):
        answer = requests.post(url, timeout=10, **where)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_oidcc_without_nonce(cloud: Sandbox, app: App) -> None:
    """The code flow needs no nonce, and none is made up."""
    code = query_of(cloud.consent(app.authorization_url(nonce=None)))["code"]
    assert "nonce" not in judged(cloud, app.exchange(code).json())


def test_oidcc_scope_profile_and_order(cloud: Sandbox, app: App) -> None:
    """`profile` opens the claims it stands for, in whatever order; without it there are none."""
    for scope in ("openid profile", "profile openid"):
        token = app.login(scope=scope)
        assert set(app.userinfo(token).json()) == {"sub"} | PROFILE
        assert judged(cloud, token).keys() > PROFILE
    token = app.login(scope="openid")
    assert set(app.userinfo(token).json()) == {"sub"}
    assert not judged(cloud, token).keys() & PROFILE
    asked = get(app.authorization_url(scope="openid email"))
    assert error_of(asked) == "invalid_scope"


def test_oidcc_prompt_login_and_none(cloud: Sandbox, app: App) -> None:
    """`none` needs a login that is there; `login` makes one anew, with a later `auth_time`."""
    person = Person(app)
    assert error_of(person.open(prompt="none")) == "login_required"
    first = judged(cloud, app.exchange(code_of(person.log_in())).json())
    silent = judged(cloud, app.exchange(code_of(person.open(prompt="none"))).json())
    assert (silent["sub"], silent["auth_time"]) == (first["sub"], first["auth_time"])
    cloud.clock.advance(2)
    page = person.open(prompt="login")
    assert is_login(page)
    again = judged(cloud, app.exchange(code_of(person.choose(page, "1000001"))).json())
    assert again["auth_time"] > first["auth_time"]


def test_oidcc_max_age_1_and_10000(cloud: Sandbox, app: App) -> None:
    """One second is over soon, and ten thousand are not; `auth_time` is told."""
    person = Person(app)
    first = judged(cloud, app.exchange(code_of(person.log_in())).json())
    cloud.clock.advance(2)
    page = person.open(max_age="1")
    assert is_login(page)
    again = judged(cloud, app.exchange(code_of(person.choose(page, "1000001"))).json())
    assert again["auth_time"] > first["auth_time"]
    silent = code_of(person.open(max_age="10000", prompt="none"))
    assert judged(cloud, app.exchange(silent).json())["auth_time"] == again["auth_time"]


HINTS = [
    {"display": "page"},
    {"display": "popup"},
    {"login_hint": "bob@example.com"},
    {"ui_locales": "se"},
    {"claims_locales": "se"},
    {"acr_values": "1 2"},
    {"extra": "foobar"},
    {"claims": json.dumps({"userinfo": {"name": {"essential": True}}})},
]


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: next(iter(hint)))
def test_oidcc_hints_that_need_no_heeding(cloud: Sandbox, app: App, hint: dict[str, str]) -> None:
    """Display, hints, locales, acr_values, claims and unknown parameters leave the login be."""
    code = code_of(Person(app).log_in(**hint))
    assert "name" in judged(cloud, app.exchange(code).json())


def test_oidcc_id_token_hint(cloud: Sandbox, app: App) -> None:
    """With the hint of who is logged in, `prompt=none` gives a code for that person."""
    person = Person(app)
    token = app.exchange(code_of(person.log_in())).json()
    again = code_of(person.open(prompt="none", id_token_hint=token["id_token"]))
    assert judged(cloud, app.exchange(again).json())["sub"] == judged(cloud, token)["sub"]


@pytest.mark.parametrize("seconds", [0, 30])
def test_oidcc_codereuse_and_after_30_seconds(cloud: Sandbox, app: App, seconds: int) -> None:
    """A second use is `invalid_grant`, and the first one's token is dead."""
    code = app.code()
    token = app.exchange(code).json()
    cloud.clock.advance(seconds)
    again = app.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert app.userinfo(token).status_code == 401


def test_oidcc_ensure_registered_redirect_uri(app: App) -> None:
    """An unregistered redirect URI is told to the person, and nothing is sent there."""
    answer = get(app.authorization_url(redirect_uri="https://site.example/roblox/callback/x"))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_oidcc_ensure_post_request_succeeds(cloud: Sandbox, app: App) -> None:
    """The authorization request may be posted as a form."""
    url, _, query = app.authorization_url().partition("?")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    person = Person(app)
    page = person.http.post(url, query, headers=headers, timeout=10)
    assert is_login(page)
    code = code_of(person.allow(person.choose(page, "1000001")))
    judged(cloud, app.exchange(code).json())


def test_oidcc_request_objects_are_rejected_as_unsupported(cloud: Sandbox, app: App) -> None:
    """A request with one is refused by that name; discovery says nothing, as Roblox's does."""
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert error_of(get(app.authorization_url(request=f"{header}.e30."))) == "request_not_supported"
    uri = "https://site.example/request.jwt"
    assert error_of(get(app.authorization_url(request_uri=uri))) == "request_uri_not_supported"


def test_oidcc_refresh_token(cloud: Sandbox, app: App, public_app: App) -> None:
    """A refresh gives new tokens about the same person; another app cannot use the token."""
    token = app.login()
    before = judged(cloud, token)
    assert public_app.refresh(token).json()["error"] == "invalid_grant"
    fresh = app.refresh(token).json()
    after = judged(cloud, fresh)
    assert fresh["access_token"] != token["access_token"]
    assert [after[name] for name in ("iss", "sub", "aud")] == [
        before[name] for name in ("iss", "sub", "aud")
    ]
    assert app.userinfo(fresh).json()["sub"] == before["sub"]


def test_oidcc_ensure_request_with_valid_pkce_succeeds(cloud: Sandbox, app: App) -> None:
    """S256 works for a client with a secret."""
    judged(cloud, app.exchange(app.code()).json())


def test_oidcc_discovery_endpoint_verification(cloud: Sandbox) -> None:
    """Everything required is there and of its form, and every endpoint answers under the issuer."""
    answer = get(f"{cloud.issuer}.well-known/openid-configuration")
    assert answer.headers["Content-Type"] == "application/json"
    found = answer.json()
    assert found["issuer"] == cloud.issuer
    for name in ("authorization", "token", "userinfo", "introspection", "revocation", "resources"):
        url = found[f"{name}_endpoint"]
        assert url.startswith(cloud.issuer)
        assert requests.post(url, timeout=10).status_code in (400, 401)
    required = {"response_types_supported", "subject_types_supported", "scopes_supported"}
    assert all(isinstance(found[name], list) and found[name] for name in required)
    assert {"openid", "profile"} <= set(found["scopes_supported"])
    assert "code" in found["response_types_supported"]
    assert found["subject_types_supported"] == ["public"]
    keys = get(found["jwks_uri"]).json()["keys"]
    for key in keys:
        assert (key["kty"], key["crv"], key["use"]) == ("EC", "P-256", "sig")
        assert key["kid"]
        assert "d" not in key
    assert len({key["kid"] for key in keys}) == len(keys)
