"""Authlib's authorization server over the sandbox's state."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from urllib.parse import urlsplit

import msgspec
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Payload,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from flask import Request, g, request as current_request
from joserfc import jws
from werkzeug.datastructures import MultiDict

from rblx_oauth._decoding import decoder
from rblx_oauth.catalog import known_scopes
from rblx_oauth.sandbox.oauth import token_endpoints
from rblx_oauth.sandbox.oauth.grants import CodeGrant, IdToken, NoneGrant, Refresh, S256Only
from rblx_oauth.sandbox.oauth.minting import Mint
from rblx_oauth.sandbox.oauth.records import (
    AccessToken,
    AuthorizationCode,
    Client,
    Grant,
    RefreshToken,
)
from rblx_oauth.sandbox.people import User
from rblx_oauth.sandbox.state import State

__all__ = ["Server"]

_RESPONSE_TYPES = ("code", "none")
_REFRESH_SECONDS = 90 * 24 * 3600


class _Payload(OAuth2Payload):
    def __init__(self, data: MultiDict[str, str]) -> None:
        self._data = data

    @property
    def data(self) -> MultiDict[str, str]:
        return self._data

    @cached_property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, {name: self._data.getlist(name) for name in self._data})


class _LoopbackRequest(OAuth2Request):
    """The request as Authlib wants to see it.

    Authlib serves https only. A sandbox is reached over loopback, where nobody listens in, so it
    is shown its own request as https, rather than told through an environment variable to forgo
    the check in the whole process. Parameters come from the query at the authorization endpoint
    and from the body everywhere else, so that no credential is taken from a URL.
    """

    def __init__(self, request: Request) -> None:
        secure = urlsplit(request.url)._replace(scheme="https").geturl()
        super().__init__(request.method, secure, headers=request.headers)
        self._request = request
        in_query = request.path.endswith("/authorize")
        self.payload = _Payload(request.args if in_query else request.form)

    @property
    def args(self) -> MultiDict[str, str]:
        return self._request.args

    @property
    def form(self) -> MultiDict[str, str]:
        return self._request.form


class _Unauthenticated(InvalidClientError):
    """Tells who calls what is wrong, with a challenge that has a realm (RFC 7617 2)."""

    def __init__(self, description: str, status_code: int) -> None:
        super().__init__(description=description, status_code=status_code)

    def get_headers(self) -> list[tuple[str, str]]:
        """The headers of the answer."""
        return [
            (name, value.replace("Basic ", 'Basic realm="sandbox", ', 1))
            for name, value in super().get_headers()
        ]


class Answer(dict[str, object]):
    """A token answer. Authlib writes its repr to the log, which must hold no token."""

    def __repr__(self) -> str:
        return f"<answer with {', '.join(sorted(self))}>"


class _Claims(msgspec.Struct):
    jti: str
    iat: int
    exp: int


class Server(AuthorizationServer):
    """The authorization server of one sandbox."""

    def __init__(self, state: State, mint: Mint) -> None:
        super().__init__()
        self.state = state
        self.mint = mint
        self.scopes_supported = sorted(known_scopes())
        self.id_token = IdToken(mint)
        self.register_grant(CodeGrant, [S256Only(), self.id_token])
        self.register_grant(NoneGrant)
        self.register_grant(Refresh, [self._id_token_on_refresh])
        for endpoint in token_endpoints.ENDPOINTS:
            self.register_endpoint(endpoint)

    def _id_token_on_refresh(self, grant: Refresh) -> None:
        if self.state.settings.refresh_id_token:
            self.id_token(grant)

    def query_client(self, client_id: str) -> Client | None:
        """The registered app."""
        return self.state.clients.get(client_id)

    def leads_back(self, client: Client, redirect_uri: str) -> bool:
        """Whether people may be sent there on the app's behalf."""
        return client.check_redirect_uri(redirect_uri, self.state.settings.loopback_redirects)

    def get_authorization_grant(self, request: OAuth2Request) -> object:
        """The grant of an authorization request, by its response type."""
        if request.payload.response_type not in _RESPONSE_TYPES:
            client = self.query_client(request.payload.client_id or "")
            uri = request.payload.redirect_uri or ""
            raise OAuth2Error(
                "The 'response_type' must be 'code' or 'none'.",
                error="unsupported_response_type",
                redirect_uri=uri if client and self.leads_back(client, uri) else None,
            )
        return super().get_authorization_grant(request)

    def create_oauth2_request(self, request: object) -> OAuth2Request:  # noqa: ARG002
        """Authlib's view of Flask's current request."""
        return _LoopbackRequest(current_request)

    def authenticate_client(
        self, request: OAuth2Request, methods: list[str], endpoint: str = "token"
    ) -> Client:
        """The app that asks; two ways of authenticating at once are refused (RFC 6749 2.3)."""
        basic = request.headers.get("Authorization", "").lower().startswith("basic ")
        if basic and "client_secret" in request.form:
            raise InvalidRequestError("Authenticate in the header or in the body, not in both.")
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except UnicodeDecodeError:
            raise _Unauthenticated("The Authorization header is not of UTF-8.", 401) from None
        except InvalidClientError as error:
            raise _Unauthenticated(self._what_is_wrong(request), error.status_code) from None
        g.caller = f"app {client.client_id}"
        if request.form.get("client_id", client.client_id) != client.client_id:
            raise InvalidRequestError("The header names one app and the body another.")
        return client

    def _what_is_wrong(self, request: OAuth2Request) -> str:
        """Why nobody is authenticated."""
        client_id, _ = extract_basic_authorization(request.headers)
        client_id = client_id or request.form.get("client_id", "")
        if not client_id:
            return "Send the app's 'client_id', and its secret if it has one."
        client = self.query_client(client_id)
        if client is None:
            return "There is no app with this 'client_id'."
        if client.is_public:
            return "A public app has no secret: send its 'client_id' alone, in the body."
        return "The app's secret is missing or wrong."

    def generate_token(
        self,
        grant_type: str,  # noqa: ARG002
        client: Client,
        user: User,
        scope: str,
        expires_in: int | None = None,  # noqa: ARG002
        include_refresh_token: bool = True,
    ) -> Answer:
        """The token answer, before an id_token is added to it (RFC 6749 5.1)."""
        token = Answer(
            access_token=self.mint.access_token(client, user, scope),
            token_type="Bearer",  # noqa: S106 (a type, not a token)
            expires_in=self.state.settings.token_seconds,
            scope=scope,
        )
        if include_refresh_token:
            token["refresh_token"] = self.mint.refresh_token()
        return token

    def save_token(self, token: Answer, request: OAuth2Request) -> None:
        """Remember what was issued, under the grant it belongs to."""
        records = self.state.oauth
        grant = self._grant_of(request)
        value, scope = str(token["access_token"]), str(token["scope"])
        payload = jws.extract_compact(value.encode()).payload
        claims = decoder(_Claims)(payload)
        records.access[value] = AccessToken(
            jti=claims.jti,
            grant=grant,
            scopes=frozenset(scope.split()),
            issued_at=claims.iat,
            expires_at=claims.exp,
        )
        records.refresh[str(token["refresh_token"])] = RefreshToken(
            jti=f"RT.{self.mint.id()}",
            grant=grant,
            issued_at=claims.iat,
            expires_at=claims.iat + _REFRESH_SECONDS,
        )

    def _grant_of(self, request: OAuth2Request) -> Grant:
        refresh: RefreshToken | None = request.refresh_token
        if refresh:
            return refresh.grant
        code: AuthorizationCode = request.authorization_code
        code.grant = Grant(
            id=self.state.ids.uuid(),
            user_id=code.user_id,
            client_id=code.client_id,
            scope=code.scope,
            picks=code.picks,
            created=self.state.clock.now(),
            authenticated=code.authenticated,
        )
        self.state.oauth.grants[code.grant.id] = code.grant
        return code.grant
