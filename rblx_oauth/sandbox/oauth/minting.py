"""Makes tokens with Roblox's claims, algorithm and lengths."""

from __future__ import annotations

import base64

from flask import g
from joserfc import jwt
from joserfc.jwk import ECKey

from rblx_oauth.sandbox.oauth.keys import ALGORITHM
from rblx_oauth.sandbox.oauth.records import Client
from rblx_oauth.sandbox.people import User
from rblx_oauth.sandbox.state import State

__all__ = ["Mint"]

# Roblox's tokens are long, and programs have been caught out by that: a column too short, a cookie
# too large. So these are as long.
_ACCESS_LENGTH = 700
_REFRESH_PARTS = (256, 12, 540, 16)


class Mint:
    """Signs and shapes tokens.

    Args:
        state: The sandbox's state.
        issuer: The issuer, with its trailing slash.
    """

    def __init__(self, state: State, issuer: str) -> None:
        self._state = state
        self.issuer = issuer

    @property
    def key(self) -> ECKey:
        """The key that signs; for a request that a fault strikes, perhaps a stray one."""
        stray: ECKey | None = g.get("stray_key")
        return stray or self._state.keys.current

    def public_keys(self) -> dict[str, object]:
        """The JWK set that clients verify id_tokens with (RFC 7517 5)."""
        return self._state.keys.public()

    def now(self) -> int:
        """Whole seconds since the epoch, by the sandbox's clock."""
        return int(self._state.clock.now())

    def stamp(self) -> int:
        """What id_tokens are dated with: `now`, unless a fault has set that clock wrong."""
        return self.now() + int(g.get("skew", 0))

    def id(self) -> str:
        """A new token id."""
        return self._state.ids.token(16)

    def header(self) -> dict[str, str]:
        """The JOSE header of what is signed here."""
        return {"alg": ALGORITHM, "kid": str(self.key.kid), "typ": "JWT"}

    def access_token(self, client: Client, user: User, scope: str) -> str:
        """A signed access token; to its holder it means nothing."""
        now = self.now()
        claims = {
            "iss": self.issuer,
            "aud": client.client_id,
            "sub": user.id,
            "client_id": client.client_id,
            "scope": scope,
            "jti": f"AT.{self.id()}",
            "nbf": now,
            "iat": now,
            "exp": now + self._state.settings.token_seconds,
        }
        header = self.header()
        short = jwt.encode(header, claims, self.key, [ALGORITHM])
        padding = max(12, (_ACCESS_LENGTH - len(short)) * 9 // 16)
        claims["sid"] = self._state.ids.token(padding)
        return jwt.encode(header, claims, self.key, [ALGORITHM])

    def refresh_token(self) -> str:
        """A random refresh token in the form of a JWE, as Roblox's are (RFC 7516 3.1)."""
        header = base64.urlsafe_b64encode(b'{"alg":"RSA-OAEP-256","enc":"A256GCM"}').rstrip(b"=")
        parts = (self._state.ids.token(size) for size in _REFRESH_PARTS)
        return ".".join((header.decode(), *parts))

    def user_claims(self, user: User, scope: str) -> dict[str, object]:
        """The claims about a person that `scope` opens; always ``sub``."""
        if "profile" not in scope.split():
            return {"sub": user.id}
        return {
            "sub": user.id,
            "name": user.display_name,
            "nickname": user.display_name,
            "preferred_username": user.name,
            "created_at": int(user.created),
            "profile": f"https://www.roblox.com/users/{user.id}/profile",
            "picture": self._picture(user),
        }

    def _picture(self, user: User) -> str | None:
        choice = self._state.settings.picture
        if choice == "loopback":
            base = self.issuer.removesuffix("/oauth/")
            return f"{base}/_sandbox/avatars/{user.id}.svg"
        if choice == "roblox":
            return (
                f"https://tr.rbxcdn.com/30DAY-AvatarHeadshot-{user.id}/150/150/Image/Webp/noFilter"
            )
        return None
