"""The smallest OAuth app and Open Cloud client, written out in plain `requests`."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import requests

from rblx_oauth.sandbox import Sandbox

REDIRECT_URI = "http://127.0.0.1:18999/callback"
SCOPES = "openid profile universe-messaging-service:publish asset:read asset:write"
VERIFIER = "v" * 64


def challenge(verifier: str = VERIFIER) -> str:
    """The S256 challenge of a verifier (RFC 7636 4.2)."""
    return (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )


def query_of(url: str) -> dict[str, str]:
    """The query of a URL; each parameter must come once."""
    found = parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


class App:
    """An app registered with a sandbox."""

    def __init__(self, cloud: Sandbox, client_id: str, secret: str) -> None:
        self.cloud = cloud
        self.client_id = client_id
        self.secret = secret
        self.http = requests.Session()
        self.http.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def authorization_url(self, **changes: str | None) -> str:
        """Where the app sends a person; `changes` replace parameters, ``None`` drops one."""
        parameters = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": SCOPES,
            "state": "a-state",
            "nonce": "a-nonce",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        } | changes
        kept = {name: value for name, value in parameters.items() if value is not None}
        return f"{self.cloud.issuer}v1/authorize?{urlencode(kept)}"

    def code(self, *, scope: str = SCOPES, **consent: Any) -> str:
        """A fresh authorization code."""
        return query_of(self.cloud.consent(self.authorization_url(scope=scope), **consent))["code"]

    def post(self, endpoint: str, **data: str) -> requests.Response:
        """A request to an endpoint under ``v1/``, as this app."""
        credentials = {"client_id": self.client_id}
        if self.secret:
            credentials["client_secret"] = self.secret
        return self.http.post(f"{self.cloud.issuer}v1/{endpoint}", credentials | data, timeout=10)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        """The token request for a code."""
        data = {"code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER} | changes
        return self.post("token", grant_type="authorization_code", **data)

    def login(self, *, scope: str = SCOPES, **consent: Any) -> dict[str, Any]:
        """The token answer after a login."""
        answer = self.exchange(self.code(scope=scope, **consent))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refresh(self, token: dict[str, Any], **changes: str) -> requests.Response:
        """The refresh request of a token answer."""
        data = {"refresh_token": token["refresh_token"]} | changes
        return self.post("token", grant_type="refresh_token", **data)

    def call(
        self, method: str, path: str, token: dict[str, Any] | None = None, **more: Any
    ) -> requests.Response:
        """A call to Open Cloud: with the token, or else with the seeded API key."""
        if token is None:
            headers = {"x-api-key": self.cloud.api_key}
        else:
            headers = {"Authorization": f"Bearer {token['access_token']}"}
        headers |= more.pop("headers", {})
        url = self.cloud.api_base + path
        return self.http.request(method, url, headers=headers, timeout=30, **more)

    def userinfo(self, token: dict[str, Any]) -> requests.Response:
        """The userinfo request with a token."""
        return self.call("GET", "/oauth/v1/userinfo", token)


def entries(store: str = "things", scope: str = "global", universe: str = "3000001") -> str:
    """The path of a data store's entries."""
    names = f"data-stores/{quote(store, safe='')}/scopes/{quote(scope, safe='')}"
    return f"/cloud/v2/universes/{universe}/{names}/entries"


def entry(key: str, **where: str) -> str:
    """The path of an entry, its key percent-encoded."""
    return f"{entries(**where)}/{quote(key, safe='')}"
