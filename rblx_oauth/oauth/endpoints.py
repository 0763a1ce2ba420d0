"""Requests to the provider's endpoints, each beside the reading of its answer.

RFC 6749 (token), RFC 7009 (revocation), RFC 7662 (introspection), OpenID
Connect Core 5.3 (userinfo), and Roblox's token resources.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote_plus

import msgspec

# The package before its modules, which it imports itself: of two threads that came from
# both ends, one would be told of a deadlock.
from authlib.oauth2 import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from rblx_oauth.core.clock import aware
from rblx_oauth.core.message import Request, Response
from rblx_oauth.errors import IdTokenError, ProtocolError
from rblx_oauth.oauth.answers import bearer_error, json_answer, token_endpoint_error
from rblx_oauth.oauth.config import ClientCredentials
from rblx_oauth.oauth.discovery import Metadata
from rblx_oauth.oauth.scopes import granted_scopes
from rblx_oauth.oauth.token import Token

EXCHANGE, REFRESH = "oauth.exchange", "oauth.refresh"
REVOKE, INTROSPECT = "oauth.revoke", "oauth.introspect"
RESOURCES, USERINFO = "oauth.resources", "oauth.userinfo"

_YEAR = 366 * 24 * 3600


class TokenAnswer(msgspec.Struct, frozen=True):
    """A successful token answer (RFC 6749 5.1). Its repr shows nothing."""

    access_token: Annotated[str, msgspec.Meta(min_length=1, pattern=r"^[\x21-\x7e]+\Z")]
    token_type: str
    expires_in: Annotated[int, msgspec.Meta(gt=0, le=_YEAR)]
    refresh_token: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    id_token: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    scope: str | None = None

    def __repr__(self) -> str:
        return "TokenAnswer()"


def exchange_request(
    metadata: Metadata,
    client: ClientCredentials,
    *,
    code: str,
    code_verifier: str,
    redirect_uri: str,
) -> Request:
    """Exchange a code (RFC 6749 4.1.3, RFC 7636 4.5). It works once: never send it again."""
    body = prepare_token_request(
        "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=code_verifier
    )
    return _client_request(EXCHANGE, metadata.token_endpoint, body, client)


def refresh_request(metadata: Metadata, client: ClientCredentials, refresh_token: str) -> Request:
    """Spend a refresh token (RFC 6749 6). Roblox takes each one once."""
    body = prepare_token_request("refresh_token", refresh_token=refresh_token)
    return _client_request(REFRESH, metadata.token_endpoint, body, client)


def read_token_answer(response: Response, *, operation: str, now: float) -> TokenAnswer:
    """Judge the answer to `exchange_request` or `refresh_request`.

    Raises:
        TokenError, InvalidClient: The provider refused.
        RateLimited, ServerError: It cannot answer now.
        ProtocolError: The answer is not a token answer.
    """
    if response.status != 200:
        raise token_endpoint_error(response, operation=operation, now=now)
    answer = json_answer(response, TokenAnswer, operation=operation)
    # RFC 6749 5.1 and 7.1: the type in any case; a client must not use one it does not know.
    if answer.token_type.lower() != "bearer":
        raise ProtocolError(f"{operation}: the token is not of type Bearer", operation=operation)
    return answer


def token_from(
    answer: TokenAnswer,
    *,
    asked_at: float,
    scopes: frozenset[str],
    subject: str,
    issuer: str,
    client_id: str,
) -> Token:
    """The answer as a `Token`. Its life counts from when it was asked for: the safe side."""
    return Token(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token,
        id_token=answer.id_token,
        scopes=scopes,
        issued_at=aware(asked_at),
        expires_at=aware(asked_at + answer.expires_in),
        subject=subject,
        issuer=issuer,
        client_id=client_id,
    )


def refreshed_token(answer: TokenAnswer, old: Token, *, asked_at: float) -> Token:
    """The answer to a refresh as a `Token`, with what it leaves out carried over from `old`.

    RFC 6749 6: the refresh token and the scopes stay as they were unless new
    ones are named.
    """
    new = token_from(
        answer,
        asked_at=asked_at,
        scopes=granted_scopes(answer.scope, otherwise=old.scopes),
        subject=old.subject,
        issuer=old.issuer,
        client_id=old.client_id,
    )
    return replace(
        new,
        refresh_token=new.refresh_token or old.refresh_token,
        id_token=new.id_token or old.id_token,
        claims=old.claims,
    )


def revoke_request(metadata: Metadata, client: ClientCredentials, token: Token | str) -> Request:
    """Revoke (RFC 7009 2.1): the refresh token if there is one, which ends the whole grant."""
    hint = None
    if isinstance(token, Token):
        hint = "refresh_token" if token.refresh_token else "access_token"
        token = token.refresh_token or token.access_token
    return _token_request(REVOKE, metadata.endpoint("revocation_endpoint"), client, token, hint)


def read_revocation(response: Response, *, now: float) -> None:
    """Judge the answer to `revoke_request`: 200 also for a token that was gone already.

    Raises:
        ServerError, RateLimited: The token is still live (RFC 7009 2.2.1): try again later.
        TokenError, InvalidClient, ProtocolError: It was refused.
    """
    if response.status != 200:
        raise token_endpoint_error(response, operation=REVOKE, now=now)


def introspect_request(
    metadata: Metadata, client: ClientCredentials, token: Token | str
) -> Request:
    """Ask what a token is good for (RFC 7662 2.1)."""
    access = token.access_token if isinstance(token, Token) else token
    return _token_request(INTROSPECT, metadata.endpoint("introspection_endpoint"), client, access)


class Introspection(msgspec.Struct, frozen=True):
    """What the provider says of a token (RFC 7662 2.2). Times are epoch seconds.

    At Roblox a token stays `active` until it expires, even when the person
    has revoked it: this is no revocation check.
    """

    active: bool
    sub: str | None = None
    client_id: str | None = None
    iss: str | None = None
    aud: str | list[str] | None = None
    jti: str | None = None
    token_type: str | None = None
    scope: str | None = None
    exp: float | None = None
    iat: float | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the token."""
        return frozenset((self.scope or "").split())


def read_introspection(response: Response, *, now: float) -> Introspection:
    """Judge the answer to `introspect_request`.

    Raises:
        TokenError, InvalidClient, RateLimited, ServerError, ProtocolError: It was refused.
    """
    if response.status != 200:
        raise token_endpoint_error(response, operation=INTROSPECT, now=now)
    return json_answer(response, Introspection, operation=INTROSPECT)


def resources_request(metadata: Metadata, client: ClientCredentials, token: Token | str) -> Request:
    """Ask which universes and creators the person picked on the consent page."""
    access = token.access_token if isinstance(token, Token) else token
    return _token_request(RESOURCES, metadata.endpoint("resources_endpoint"), client, access)


def userinfo_request(metadata: Metadata, token: Token) -> Request:
    """Ask who the person is (OpenID Connect Core 5.3.1)."""
    # RFC 6750 2.1: in the header; never in a URL or a form.
    headers = {"Accept": "application/json", "Authorization": f"Bearer {token.access_token}"}
    return Request("GET", metadata.endpoint("userinfo_endpoint"), headers, operation=USERINFO)


def read_userinfo(response: Response, *, subject: str, now: float) -> dict[str, object]:
    """Judge the answer to `userinfo_request`.

    Raises:
        IdTokenError: It is about somebody else than the id_token was.
        Unauthorized, PermissionDenied, RateLimited, ServerError, ProtocolError: Refused.
    """
    if response.status != 200:
        raise bearer_error(response, operation=USERINFO, now=now)
    claims = json_answer(response, dict[str, object], operation=USERINFO)
    # OpenID Connect Core 5.3.2: without the same subject nothing in it may be used.
    if claims.get("sub") != subject:
        raise IdTokenError("userinfo is about somebody else than the id_token", check="sub")
    return claims


def _token_request(
    operation: str, url: str, client: ClientCredentials, token: str, hint: str | None = None
) -> Request:
    # These endpoints define the token as a member of the form; it is their subject, not
    # the credential of the request.
    fields = [("token", token), *([("token_type_hint", hint)] if hint else [])]
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in fields)
    return _client_request(operation, url, body, client)


def _client_request(operation: str, url: str, body: str, client: ClientCredentials) -> Request:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    # RFC 6749 2.3.1: for Basic, id and secret are form-encoded before they are joined.
    encode = quote_plus if client.method == "client_secret_basic" else str
    auth = ClientAuth(encode(client.client_id), encode(client.client_secret or ""), client.method)
    url, headers, body = auth.prepare("POST", url, headers, body)
    return Request("POST", url, headers, body.encode(), operation)
