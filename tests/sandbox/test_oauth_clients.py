"""OAuth and OpenID Connect libraries that know nothing of this project log in at the sandbox."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from cryptojwt import KeyJar
from idpyoidc.client.rp_handler import RPHandler
from joserfc import jwt
from joserfc.jwk import KeySet
from requests_oauthlib import OAuth2Session as OauthlibSession

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import REDIRECT_URI, VERIFIER, challenge
from tests.support.programs import absent

SCOPES = "openid profile universe-messaging-service:publish"


@pytest.fixture
def metadata(cloud: Sandbox) -> dict[str, Any]:
    """What the provider says of itself."""
    url = f"{cloud.issuer}.well-known/openid-configuration"
    return dict(requests.get(url, timeout=10).json())


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both libraries want to be told that http is meant."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib(cloud: Sandbox, metadata: dict[str, Any], method: str) -> None:
    """Authlib: PKCE, exchange, id_token, userinfo, refresh, introspection, revocation."""
    public = method == "none"
    session = AuthlibSession(
        cloud.public_client_id if public else cloud.client_id,
        None if public else cloud.client_secret,
        scope=SCOPES,
        redirect_uri=REDIRECT_URI,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        code_challenge_method="S256",
    )
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="n"
    )
    token = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=cloud.consent(url, user=1000002, universes=[3000004]),
        state=state,
        code_verifier=VERIFIER,
    )
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["sub"], claims["nonce"]) == ("1000002", "n")
    assert session.get(metadata["userinfo_endpoint"]).json()["sub"] == "1000002"
    publish = f"{cloud.api_base}/cloud/v2/universes/3000004:publishMessage"
    assert session.post(publish, json={"topic": "t", "message": "hello"}).status_code == 200
    fresh = session.refresh_token(metadata["token_endpoint"], token["refresh_token"])
    assert fresh["refresh_token"] != token["refresh_token"]
    found = session.introspect_token(
        metadata["introspection_endpoint"], fresh["access_token"], "access_token"
    )
    assert found.json()["active"] is True
    ended = session.revoke_token(
        metadata["revocation_endpoint"], fresh["refresh_token"], "refresh_token"
    )
    assert (ended.status_code, ended.text) == (200, "")
    assert session.get(metadata["userinfo_endpoint"]).status_code == 401
    session.close()


def test_requests_oauthlib(cloud: Sandbox, metadata: dict[str, Any]) -> None:
    """requests-oauthlib: PKCE, exchange, and a refresh by itself when the token is old."""
    renewed: list[dict[str, Any]] = []
    identity = {"client_id": cloud.client_id, "client_secret": cloud.client_secret}
    session = OauthlibSession(
        cloud.client_id,
        redirect_uri=REDIRECT_URI,
        scope=SCOPES.split(),
        pkce="S256",
        auto_refresh_url=metadata["token_endpoint"],
        auto_refresh_kwargs=identity,
        token_updater=renewed.append,
    )
    url, _ = session.authorization_url(metadata["authorization_endpoint"])
    token = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=cloud.consent(url),
        client_secret=cloud.client_secret,
        include_client_id=True,
    )
    assert session.get(metadata["userinfo_endpoint"]).json()["preferred_username"] == "ada_builds"
    session.token = {**token, "expires_in": -1, "expires_at": 1}
    assert session.get(metadata["userinfo_endpoint"]).json()["sub"] == "1000001"
    assert [each["scope"] for each in renewed] == [token["scope"]]
    assert cloud.count("/v1/token", grant_type="refresh_token", status=200) == 1
    session.close()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_idpyoidc(cloud: Sandbox, metadata: dict[str, Any], method: str) -> None:
    """idpyoidc, a strict relying party: every answer and the id_token pass its own checks.

    It takes the metadata as given. Fetched by itself it would refuse them, because Roblox does not
    offer RS256, which OpenID Connect Discovery 3 wants of everybody.
    """
    pkce = "idpyoidc.client.oauth2.add_on.pkce.add_support"
    party = RPHandler(
        base_url="http://127.0.0.1:18999",
        keyjar=KeyJar(),  # or it makes keys, and keeps them in the working directory
        client_configs={
            cloud.issuer: {
                "client_type": "oidc",
                "issuer": cloud.issuer,
                "client_id": cloud.client_id,
                "client_secret": cloud.client_secret,
                "client_authn_methods": [method],
                "token_endpoint_auth_methods_supported": [method],
                "redirect_uris": [REDIRECT_URI],
                "provider_info": metadata,
                "response_types_supported": ["code"],
                "scopes_supported": SCOPES.split(),
                "id_token_signing_alg_values_supported": ["ES256"],
                "add_ons": {
                    "pkce": {
                        "function": pkce,
                        "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                    }
                },
            }
        },
    )
    callback = cloud.consent(party.begin(cloud.issuer), user=1000002)
    found = party.finalize(cloud.issuer, dict(parse_qsl(urlsplit(callback).query)))
    assert "error" not in found
    assert found["id_token"]["sub"] == "1000002"
    assert found["userinfo"]["preferred_username"] == "zoe_and_co"
    fresh = party.refresh_access_token(found["state"])
    assert fresh["__verified_id_token"]["sub"] == "1000002"
    assert fresh["access_token"] != found["token"]


Curl = Callable[..., str]


@pytest.fixture
def curl(tmp_path: Path) -> Curl:
    """The program, with a jar for its cookies."""
    program = shutil.which("curl")
    if program is None:
        absent("no curl on PATH: apt-get install curl")
    jar = str(tmp_path / "jar")

    def run(*arguments: str) -> str:
        command = [program, "-sS", "--noproxy", "*", "-b", jar, "-c", jar, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return done.stdout

    return run


def field(page: str, name: str) -> str:
    """The value of a page's hidden field."""
    found = page.partition(f'name="{name}" value="')[2].partition('"')[0]
    return html.unescape(found)


def form(fields: dict[str, str]) -> list[str]:
    """What makes curl post a form."""
    pairs = [f"{name}={value}" for name, value in fields.items()]
    return [part for pair in pairs for part in ("--data-urlencode", pair)]


def test_curl(cloud: Sandbox, metadata: dict[str, Any], curl: Curl) -> None:
    """Nothing but curl and a cookie jar: login page, consent page, code, tokens, userinfo."""
    query = {
        "client_id": cloud.public_client_id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": SCOPES,
        "state": "s",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    url = f"{metadata['authorization_endpoint']}?{urlencode(query)}"
    page = curl(url)
    login = {"user": "1000001", "csrf": field(page, "csrf"), "query": field(page, "query")}
    page = curl("-L", *form(login), f"{cloud.issuer}v1/login")
    answer = {"csrf": field(page, "csrf"), "decision": "allow", "universe": "3000001"}
    back = curl(*form(answer), "-o", os.devnull, "-w", "%{redirect_url}", url)
    callback = dict(parse_qsl(urlsplit(back).query))
    assert callback["state"] == "s"
    exchange = {
        "grant_type": "authorization_code",
        "client_id": cloud.public_client_id,
        "code": callback["code"],
        "code_verifier": VERIFIER,
        "redirect_uri": REDIRECT_URI,
    }
    token = json.loads(curl(*form(exchange), metadata["token_endpoint"]))
    bearer = f"Authorization: Bearer {token['access_token']}"
    assert json.loads(curl("-H", bearer, metadata["userinfo_endpoint"]))["sub"] == "1000001"
