"""The cookies: what they are called, where they go, and how their values are signed."""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, current_app, request
from itsdangerous import BadSignature, Signer

from flask_ext.config import SESSION_COOKIE, Settings
from flask_ext.redirects import mount
from rblx_oauth.core.redact import Quiet

MAX_VALUE = 256
"""Characters of a value worth looking at; ours have 87."""
MAX_TRIED = 4
"""Values of one name worth looking at: a neighbour under a longer path may use the name too."""


def digest(secret: str) -> str:
    """What the store keeps in place of a secret of 256 random bits: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Cookies:
    """Reads, writes and deletes this extension's cookies for one app."""

    def __init__(self, settings: Settings) -> None:
        self._secure = settings.secure_cookies
        self._session_name = settings.session_cookie
        self._has_older_keys = len(settings.secret_keys) > 1
        # itsdangerous signs with the last key and accepts each of them.
        self._signer = Signer(
            list(reversed(settings.secret_keys)),
            salt=f"rblx-oauth session {settings.client_id}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )

    def path(self) -> str:
        """The part of the host this site has to itself."""
        return mount() or current_app.config["APPLICATION_ROOT"] or "/"

    def name(self, base: str) -> str:
        """`base` as a host-only cookie, which no other subdomain can set, where allowed.

        RFC 6265bis 4.1.3.2: ``__Host-`` needs Secure and the path ``/``.
        """
        return f"__Host-{base}" if self._secure and self.path() == "/" else base

    def session_name(self) -> str:
        """The session cookie's name."""
        return self._session_name or self.name(SESSION_COOKIE)

    def new_session_id(self) -> str:
        """A new session id of 256 random bits."""
        return Quiet(secrets.token_urlsafe(32))

    def signed(self, session_id: str) -> str:
        """The value of the session cookie."""
        return Quiet(self._signer.sign(session_id).decode())

    def session_id(self) -> str | None:
        """The session id that this request brings with a good signature; else None."""
        for value in request.cookies.getlist(self.session_name())[:MAX_TRIED]:
            if len(value) > MAX_VALUE or not value.isascii():
                continue
            try:
                return Quiet(self._signer.unsign(value).decode())
            except BadSignature:
                continue
        return None

    def renewed(self, session_id: str) -> str | None:
        """The session cookie under the newest key, if this request's is under an older one.

        So whoever comes by while the older key is still accepted stays logged
        in when it is taken out.
        """
        if not self._has_older_keys:
            return None
        cookie = self.signed(session_id)
        return None if cookie in request.cookies.getlist(self.session_name()) else cookie

    def put(self, response: Response, name: str, value: str, *, max_age: float) -> None:
        """Set a cookie: HttpOnly, SameSite=Lax, Secure unless the site is http on loopback."""
        response.set_cookie(
            name,
            value,
            max_age=int(max_age),
            path=self.path(),
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Delete a cookie."""
        response.delete_cookie(
            name, path=self.path(), secure=self._secure, httponly=True, samesite="Lax"
        )
