"""Authlib's grants, with Roblox's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    AuthorizationCodeGrant,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Request,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc6749.grants import AuthorizationEndpointMixin, BaseGrant
from authlib.oauth2.rfc6749.grants.authorization_code import validate_code_authorization_request
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDToken
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from rblx_oauth.sandbox.oauth.keys import ALGORITHM
from rblx_oauth.sandbox.oauth.minting import Mint
from rblx_oauth.sandbox.oauth.records import AuthorizationCode, Client, Picks, RefreshToken
from rblx_oauth.sandbox.people import User

if TYPE_CHECKING:
    from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["CLIENT_AUTHENTICATION", "CodeGrant", "IdToken", "NoneGrant", "Refresh", "S256Only"]

CLIENT_AUTHENTICATION = ["client_secret_post", "client_secret_basic", "none"]

_CODE_SECONDS = 60.0
_ID_TOKEN_SECONDS = 36_000  # ten hours, by the example in Roblox's guide


class _RobloxRequest(AuthorizationEndpointMixin):
    """What Roblox demands of an authorization request."""

    picks = Picks()
    authenticated = 0.0
    server: Server

    def validate_authorization_redirect_uri(self, request: OAuth2Request, client: Client) -> str:
        """The redirect URI, if it is the app's or leads to this machine (RFC 9700 2.1)."""
        redirect_uri = request.payload.redirect_uri
        if not redirect_uri:
            raise InvalidRequestError("Missing 'redirect_uri' in request.")
        if not self.server.leads_back(client, redirect_uri):
            raise InvalidRequestError("The 'redirect_uri' is not registered for this app.")
        return str(redirect_uri)

    def validate_requested_scope(self) -> None:
        """Nothing that Roblox does not do; scopes it knows; ``profile`` only beside ``openid``."""
        parameters = self.request.payload.data
        if "request" in parameters:
            raise RequestNotSupportedError
        if "request_uri" in parameters:
            raise RequestURINotSupportedError
        if parameters.get("response_mode", "query") != "query":
            raise InvalidRequestError("The 'response_mode' must be query.")
        super().validate_requested_scope()
        scopes = (self.request.payload.scope or "").split()
        if "profile" in scopes and "openid" not in scopes:
            raise InvalidScopeError("The scope 'profile' needs 'openid'.")


class CodeGrant(_RobloxRequest, AuthorizationCodeGrant):
    """The authorization code grant: codes live a minute and work once (RFC 6749 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTHENTICATION

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Remember a new code, with what the person agreed to."""
        data = request.payload.data
        state = self.server.state
        state.oauth.codes[code] = AuthorizationCode(
            value=code,
            user_id=request.user.id,
            client_id=request.client.client_id,
            redirect_uri=self.redirect_uri,
            scope=request.scope,
            nonce=data.get("nonce", ""),
            code_challenge=data.get("code_challenge", ""),
            code_challenge_method=data.get("code_challenge_method", ""),
            picks=self.picks,
            authenticated=self.authenticated,
            expires_at=state.clock.now() + _CODE_SECONDS,
        )

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode:
        """The code, if it is good now; a second use ends what the first gave (RFC 6749 4.1.2).

        Roblox documents the exchange without `redirect_uri`, which RFC 6749 4.1.3 demands: so it
        may be left out, and must be the right one where it is given.
        """
        state = self.server.state
        record = state.oauth.codes.get(code)
        if record is None or record.client_id != client.client_id:
            raise InvalidGrantError("The code is not known.")
        if record.spent:
            if record.grant:
                record.grant.ended = record.grant.ended or "its authorization code was used twice"
            raise InvalidGrantError("The code was used before; what it gave has been revoked.")
        if record.expires_at <= state.clock.now():
            raise InvalidGrantError("The code has expired.")
        given = self.request.payload.redirect_uri
        if given and given != record.redirect_uri:
            raise InvalidGrantError("The 'redirect_uri' is not that of the authorization request.")
        return record

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Mark the code as used; it stays known, so that a second use is noticed."""
        authorization_code.spent = True

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User | None:
        """Whom the code is about."""
        return self.server.state.users.get(authorization_code.user_id)


class NoneGrant(_RobloxRequest, BaseGrant):
    """``response_type=none``: the app learns that the person agreed, and gets no code."""

    RESPONSE_TYPES = {"none"}

    def validate_authorization_request(self) -> str:
        """Check the request as for a code."""
        return str(validate_code_authorization_request(self))

    def create_authorization_response(
        self, redirect_uri: str, grant_user: User | None
    ) -> tuple[int, str, list[tuple[str, str]]]:
        """The redirect back, with nothing but the state."""
        if grant_user is None:
            raise AccessDeniedError(redirect_uri=redirect_uri)
        state = self.request.payload.state
        location = add_params_to_uri(redirect_uri, [("state", state)] if state else [])
        return 302, "", [("Location", location)]


class Refresh(RefreshTokenGrant):
    """The refresh grant: a token works once, and its reuse is noticed (RFC 9700 4.14.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTHENTICATION
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Server

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken:
        """The token, if it is good now."""
        state = self.server.state
        record = state.oauth.refresh.get(refresh_token)
        now = state.clock.now()
        if record is None or not record.check_client(self.request.client):
            raise InvalidGrantError("The refresh token is not known.")
        if record.grant.ended:
            raise InvalidGrantError(f"The authorization has ended: {record.grant.ended}.")
        if record.expires_at <= now:
            raise InvalidGrantError("The refresh token has expired.")
        if record.spent_at is None or now - record.spent_at < state.settings.grace_seconds:
            return record
        if state.settings.reuse_revokes:
            record.grant.ended = "a spent refresh token was used again"
        raise InvalidGrantError("The refresh token was used before.")

    def authenticate_user(self, refresh_token: RefreshToken) -> User | None:
        """Whom the token is about."""
        return self.server.state.users.get(refresh_token.grant.user_id)

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """The token is spent."""
        if refresh_token.spent_at is None:
            refresh_token.spent_at = self.server.state.clock.now()


class S256Only(CodeChallenge):
    """PKCE with S256; public clients must use it (RFC 9700 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse a request without a challenge from a public client, and any other method."""
        data = grant.request.payload.data
        if "code_challenge" not in data and grant.request.client.is_public:
            raise InvalidRequestError("A public client must send 'code_challenge'.")
        if "code_challenge" in data and data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The 'code_challenge_method' must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDToken):
    """Adds an id_token to token answers whose scope holds ``openid``.

    Args:
        mint: Signs it.
    """

    def __init__(self, mint: Mint) -> None:
        self._mint = mint

    def get_compatible_claims(self, request: OAuth2Request) -> dict[str, object]:
        """The claims that are not about the person (OpenID Connect Core 2)."""
        code, refresh = request.authorization_code, request.refresh_token
        authenticated = code.authenticated if code else refresh.grant.authenticated
        now = self._mint.stamp()
        return {
            "iss": self._mint.issuer,
            "aud": request.client.client_id,
            "iat": now,
            "nbf": now,
            "exp": now + _ID_TOKEN_SECONDS,
            "auth_time": int(authenticated),
            "jti": f"ID.{self._mint.id()}",
        }

    def get_client_algorithm(self, client: Client) -> str:  # noqa: ARG002
        """ES256 for everyone."""
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002
        """The header, naming the key."""
        return self._mint.header()

    def resolve_client_private_key(self, client: Client) -> object:  # noqa: ARG002
        """The key that signs."""
        return self._mint.key

    def generate_user_info(self, user: User, scope: str) -> dict[str, object]:
        """The claims about the person."""
        return self._mint.user_claims(user, scope)
