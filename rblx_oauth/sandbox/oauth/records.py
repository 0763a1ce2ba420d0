"""What an authorization server remembers: apps, consents, codes, grants and tokens.

The methods that Authlib calls keep the names it gives them.
"""

from __future__ import annotations

import re
import secrets
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from authlib.common.urls import url_decode

from rblx_oauth.core.url import is_loopback

__all__ = [
    "AccessToken",
    "AuthorizationCode",
    "BrowserSession",
    "Client",
    "Consent",
    "Grant",
    "OAuthRecords",
    "Picks",
    "RefreshToken",
    "SavedRecords",
    "is_loopback_uri",
]

_LONGEST_REDIRECT = 256
_MOST_REDIRECTS = 10
_OTHER_SCHEMES = re.compile(r"(?!javascript:|data:|file:|http:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)

Loopback = Literal["any", "port", "exact"]
"""Which loopback redirect URIs pass: all, registered ones on any port, registered ones alone."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A registered app; without a secret it is a public client (RFC 6749 2.1).

    Attributes:
        client_id: What it is known by.
        secret: What it proves itself with; empty for a public client.
        name: What people are told that it is called.
        redirect_uris: Where it may send people back to: https, http on loopback, or a scheme of
            its own; at most ten, of at most 256 characters.
        private: Whether it awaits its review, so that only ten people can authorize it.
    """

    client_id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...]
    private: bool = False

    def __post_init__(self) -> None:
        if len(self.redirect_uris) > _MOST_REDIRECTS:
            raise ValueError(f"an app has at most {_MOST_REDIRECTS} redirect URIs")
        for uri in self.redirect_uris:
            if len(uri) > _LONGEST_REDIRECT:
                raise ValueError(f"a redirect URI has at most {_LONGEST_REDIRECT} characters")
            if not is_loopback_uri(uri) and not _OTHER_SCHEMES.match(uri):
                raise ValueError(
                    "a redirect URI is https, http on loopback, or of a scheme of the app's own"
                )

    def __repr__(self) -> str:
        return f"<Client {self.client_id}>"

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret."""
        return not self.secret

    def get_client_id(self) -> str:
        """The client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: Roblox wants the redirect URI in every request."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What of `scope` the app may ask for: everything, but it must ask for something."""
        return " ".join((scope or "").split()) or None

    def check_redirect_uri(self, redirect_uri: str, loopback: Loopback = "exact") -> bool:
        """Whether the URI is registered, letter by letter, or may pass as one of this machine."""
        if len(redirect_uri) > _LONGEST_REDIRECT or not _can_be_added_to(redirect_uri):
            return False
        if redirect_uri in self.redirect_uris:
            return True
        if loopback == "exact" or not is_loopback_uri(redirect_uri):
            return False
        registered = {_without_port(each) for each in self.redirect_uris if is_loopback_uri(each)}
        return loopback == "any" or _without_port(redirect_uri) in registered

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether that is the app's secret."""
        return secrets.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        """Whether the app may authenticate in that way."""
        return (method == "none") == self.is_public

    def check_response_type(self, response_type: str) -> bool:
        """Whether the app may ask for that response type."""
        return response_type in ("code", "none")

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the app may ask for tokens in that way."""
        return grant_type in ("authorization_code", "refresh_token")


def _can_be_added_to(uri: str) -> bool:
    """Whether the callback's parameters can be added to the URI's query."""
    try:
        url_decode(urlsplit(uri).query)
    except ValueError:
        return False
    return True


def _without_port(uri: str) -> str:
    """A loopback URI of which the port is free to choose (RFC 8252 7.3)."""
    parts = urlsplit(uri)
    host = parts.hostname or ""
    return parts._replace(netloc=f"[{host}]" if ":" in host else host).geturl()


def is_loopback_uri(uri: str) -> bool:
    """Whether an http or https URI leads to this machine (RFC 8252 7.3), on any port and path."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or parts.fragment or "@" in parts.netloc:
            return False
        return is_loopback(host)
    except ValueError:
        return False


class Picks(msgspec.Struct, frozen=True):
    """The resources that a person let an app into; creators as ``U123`` and ``G456``."""

    universes: frozenset[str] = frozenset()
    creators: frozenset[str] = frozenset()


class Consent(msgspec.Struct, frozen=True):
    """What a person has agreed to for an app, so as not to be asked again."""

    scopes: frozenset[str]
    picks: Picks


class Grant(msgspec.Struct, kw_only=True):
    """One login: everything issued from one authorization code, until `ended` says why not."""

    id: str
    user_id: str
    client_id: str
    scope: str
    picks: Picks
    created: float
    authenticated: float
    ended: str = ""


class AuthorizationCode(msgspec.Struct, kw_only=True):
    """A code on its way from the callback to the token endpoint."""

    value: str
    user_id: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    picks: Picks
    authenticated: float
    expires_at: float
    spent: bool = False
    grant: Grant | None = None

    def get_redirect_uri(self) -> None:
        """None for Authlib, which would demand it; `CodeGrant` compares what is given."""

    def get_scope(self) -> str:
        """The granted scope."""
        return self.scope

    def get_nonce(self) -> str:
        """The nonce of the authorization request, or an empty string."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person logged in, in seconds since the epoch."""
        return int(self.authenticated)

    def get_acr(self) -> None:
        """None: there is no authentication context here."""

    def get_amr(self) -> None:
        """None: nor a method."""


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """An issued access token."""

    jti: str
    grant: Grant
    scopes: frozenset[str]
    issued_at: int
    expires_at: int


class RefreshToken(msgspec.Struct, kw_only=True):
    """An issued refresh token; `spent_at` is when it was first used."""

    jti: str
    grant: Grant
    issued_at: int
    expires_at: int
    spent_at: float | None = None

    def check_client(self, client: Client) -> bool:
        """Whether it was issued to that app."""
        return self.grant.client_id == client.client_id

    def get_scope(self) -> str:
        """The scope of its grant."""
        return self.grant.scope


class BrowserSession(msgspec.Struct, kw_only=True):
    """A browser that has visited the login page, and who is logged in there."""

    id: str
    csrf: str
    user_id: str = ""
    authenticated: float = 0.0


class SavedRecords(msgspec.Struct):
    """What outlives a restart: not the codes, which live for a minute."""

    grants: list[Grant] = []
    access: dict[str, AccessToken] = {}
    refresh: dict[str, RefreshToken] = {}
    consents: list[tuple[str, str, Consent]] = []
    sessions: list[BrowserSession] = []

    def __post_init__(self) -> None:
        needed = {each.grant.id for each in self.access.values()}
        needed |= {each.grant.id for each in self.refresh.values()}
        if not needed <= {each.id for each in self.grants}:
            raise ValueError("a token is of a grant that is not among the grants")


class OAuthRecords:
    """The memory of the authorization server."""

    def __init__(self) -> None:
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.grants: dict[str, Grant] = {}
        self.consents: dict[tuple[str, str], Consent] = {}
        self.sessions: dict[str, BrowserSession] = {}

    def saved(self) -> SavedRecords:
        """What is worth saving."""
        return SavedRecords(
            grants=list(self.grants.values()),
            access=self.access,
            refresh=self.refresh,
            consents=[(user, client, each) for (user, client), each in self.consents.items()],
            sessions=list(self.sessions.values()),
        )

    @classmethod
    def of(cls, saved: SavedRecords) -> OAuthRecords:
        """The records that `saved` gave; tokens of one grant share it again."""
        records = cls()
        records.grants = {each.id: each for each in saved.grants}
        replace = msgspec.structs.replace
        for value, token in saved.access.items():
            records.access[value] = replace(token, grant=records.grants[token.grant.id])
        for value, refresh in saved.refresh.items():
            records.refresh[value] = replace(refresh, grant=records.grants[refresh.grant.id])
        records.consents = {(user, client): each for user, client, each in saved.consents}
        records.sessions = {each.id: each for each in saved.sessions}
        return records

    def end_by_person(self, user_id: str, client_id: str = "") -> int:
        """The person removes an app (or all); see `end`."""
        return self.end(user_id, client_id, reason="revoked by the person")

    def end(self, user_id: str, client_id: str = "", *, reason: str) -> int:
        """End what a person authorized an app (or all) to do: consent, grants and tokens.

        Returns:
            How many grants ended.
        """
        for key in [each for each in self.consents if each[0] == user_id]:
            if client_id in ("", key[1]):
                del self.consents[key]
        ended = 0
        for grant in self.grants.values():
            if grant.user_id == user_id and client_id in ("", grant.client_id) and not grant.ended:
                grant.ended = reason
                ended += 1
        return ended
