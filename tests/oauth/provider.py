"""A provider on loopback whose every answer a test can bend."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey

from rblx_oauth.oauth.authorization import AuthorizationRequest
from tests.support.clock import ManualClock
from tests.support.server import Answer, ScriptedServer, Seen, json_reply

CLIENT_ID, CLIENT_SECRET = "8409201234567890123", "RBX-secret+/=%"
SUBJECT = "287113233"


def new_key(kid: str = "key-1") -> ECKey:
    """A signing key with that id."""
    return ECKey.generate_key("P-256", parameters={"kid": kid, "use": "sig", "alg": "ES256"})


def sign(claims: object, key: ECKey, **header: object) -> str:
    """A JWS over `claims`, ES256 and with the key's id unless `header` says otherwise."""
    protected = {"alg": "ES256", "kid": key.kid, "typ": "JWT"} | header
    protected = {name: value for name, value in protected.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[str(protected["alg"])], strict_check_header=False)
    return jws.serialize_compact(protected, json.dumps(claims).encode(), key, registry=registry)


def half_hash(text: str) -> str:
    """What ``at_hash`` holds for an access token."""
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Provider:
    """Answers like Roblox does, unless `override` has something for the path.

    `claims` changes the id_token's claims (a value of None drops one),
    `answer` the members of the token answer, `header` the id_token's header.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.server = ScriptedServer(self._answer)
        self.issuer = f"{self.server.url}/oauth/"
        self.keys = [new_key()]
        self.metadata: dict[str, object] = self._metadata()
        self.claims: dict[str, object] = {}
        self.header: dict[str, object] = {}
        self.answer: dict[str, object] = {}
        self.override: dict[str, Answer | Callable[[Seen], Answer]] = {}
        self.nonce: str | None = None
        self.id_token: str | None = None
        self.signing_key: ECKey | None = None

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def callback(self, request: AuthorizationRequest | str, **changes: str | None) -> str:
        """The callback URL after consent; keywords change its parameters, None drops one."""
        url = request if isinstance(request, str) else request.url
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.nonce = asked["nonce"]
        given = {"code": secrets.token_urlsafe(24), "state": asked["state"]} | changes
        pairs = {name: value for name, value in given.items() if value is not None}
        return f"{asked['redirect_uri']}?{urlencode(pairs)}"

    def calls(self, path: str) -> list[Seen]:
        """The requests that came for a path below the issuer."""
        return [seen for seen in self.server.seen if seen.path == f"/oauth/{path}"]

    def _metadata(self) -> dict[str, object]:
        paths = {
            "authorization_endpoint": "v1/authorize",
            "token_endpoint": "v1/token",
            "introspection_endpoint": "v1/token/introspect",
            "revocation_endpoint": "v1/token/revoke",
            "resources_endpoint": "v1/token/resources",
            "userinfo_endpoint": "v1/userinfo",
            "jwks_uri": "v1/certs",
        }
        return {"issuer": self.issuer} | {name: self.issuer + path for name, path in paths.items()}

    def _answer(self, seen: Seen) -> Answer:
        path = seen.path.removeprefix("/oauth/")
        bent = self.override.get(path)
        if bent is not None:
            return bent(seen) if callable(bent) else bent
        match path:
            case ".well-known/openid-configuration":
                return json_reply(self.metadata)
            case "v1/certs":
                return json_reply({"keys": [key.as_dict(private=False) for key in self.keys]})
            case "v1/token":
                return json_reply(self._token())
            case "v1/token/revoke":
                return Answer(200)
            case "v1/userinfo":
                return json_reply({"sub": SUBJECT, "name": "builderman"})
            case "v1/token/introspect":
                return json_reply({"active": True, "sub": SUBJECT, "scope": "openid profile"})
            case _:
                return Answer(404)

    def _token(self) -> dict[str, object]:
        access = "at-" + secrets.token_urlsafe(500)
        answer = {
            "access_token": access,
            "refresh_token": "rt-" + secrets.token_urlsafe(800),
            "token_type": "Bearer",
            "expires_in": 899,
            "scope": "openid profile",
            "id_token": self.id_token or self.make_id_token(access),
        } | self.answer
        return {name: value for name, value in answer.items() if value is not None}

    def make_id_token(self, access: str) -> str:
        """An id_token for the login under way, bent by `claims` and `header`."""
        now = int(self.clock.now())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "nonce": self.nonce,
            "at_hash": half_hash(access),
            "name": "builderman",
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return sign(kept, self.signing_key or self.keys[0], **self.header)
