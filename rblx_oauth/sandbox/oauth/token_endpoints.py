"""The endpoints that take a token and tell or do something about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import InvalidGrantError, OAuth2Request, TokenEndpoint
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc import jws
from joserfc.errors import JoseError

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.oauth.grants import CLIENT_AUTHENTICATION
from rblx_oauth.sandbox.oauth.keys import ALGORITHM
from rblx_oauth.sandbox.oauth.records import AccessToken, Client, Picks, RefreshToken
from rblx_oauth.sandbox.state import State

if TYPE_CHECKING:
    from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["ENDPOINTS"]

Answer = tuple[int, object, list[tuple[str, str]]]
Token = AccessToken | RefreshToken


class _IdToken(msgspec.Struct):
    """The claims of an id_token that introspection tells."""

    jti: str
    iss: str
    aud: str
    sub: str
    exp: int
    iat: int


_REVOKED_BY_APP = "revoked by the app"
_INACTIVE: dict[str, object] = {"active": False}


def _find(state: State, value: str) -> Token | None:
    return state.oauth.access.get(value) or state.oauth.refresh.get(value)


def _id_token(state: State, value: str) -> _IdToken | None:
    """The id_token of that value, if it was signed here; they are kept nowhere."""
    try:
        signed = jws.deserialize_compact(value.encode(), state.keys.key_set(), [ALGORITHM])
        found = decoder(_IdToken)(signed.payload)
    except (JoseError, ValueError):
        return None
    return found if found.jti.startswith("ID.") else None


class Revocation(RevocationEndpoint):
    """Ends the whole authorization that a token belongs to (RFC 7009)."""

    CLIENT_AUTH_METHODS = CLIENT_AUTHENTICATION
    server: Server

    def authenticate_token(self, request: OAuth2Request, client: Client) -> Token | None:
        """The token, if it is the app's own."""
        self.check_params(request, client)
        token = _find(self.server.state, request.form["token"])
        if token and token.grant.client_id != client.client_id:
            raise InvalidGrantError("The token was issued to another app.")
        return token

    def revoke_token(self, token: Token, request: OAuth2Request) -> None:  # noqa: ARG002
        """End everything that the person authorized the app to do, other logins included."""
        grant = token.grant
        if not grant.ended:
            self.server.state.oauth.end(grant.user_id, grant.client_id, reason=_REVOKED_BY_APP)

    def create_endpoint_response(self, request: OAuth2Request) -> Answer:
        """200 with an empty body, whether or not there was such a token."""
        status, _, headers = super().create_endpoint_response(request)
        return status, "", headers


class Introspection(IntrospectionEndpoint):
    """Tells what a token is (RFC 7662), an id_token too.

    As at Roblox it is no revocation check: an access token that the person took away stays active
    until it expires.
    """

    CLIENT_AUTH_METHODS = CLIENT_AUTHENTICATION
    server: Server

    def query_token(
        self,
        token_string: str,
        token_type_hint: str | None,  # noqa: ARG002
    ) -> Token | _IdToken | None:
        """The token of that value."""
        state = self.server.state
        return _find(state, token_string) or _id_token(state, token_string)

    def check_permission(
        self,
        token: Token | _IdToken,
        client: Client,
        request: OAuth2Request,  # noqa: ARG002
    ) -> bool:
        """Only an app's own tokens."""
        owner = token.aud if isinstance(token, _IdToken) else token.grant.client_id
        return owner == client.client_id

    def create_introspection_payload(self, token: Token | _IdToken | None) -> dict[str, object]:
        """The answer's body."""
        if isinstance(token, _IdToken):
            active = token.exp > self.server.state.clock.now()
            claims = msgspec.structs.asdict(token)
            return {"active": True, "client_id": token.aud} | claims if active else _INACTIVE
        if token is None or not self._is_active(token):
            return _INACTIVE
        grant = token.grant
        scopes = token.scopes if isinstance(token, AccessToken) else grant.scope.split()
        return {
            "active": True,
            "jti": token.jti,
            "iss": self.server.mint.issuer,
            "token_type": "Bearer",
            "client_id": grant.client_id,
            "aud": self.server.state.settings.token_audience or grant.client_id,
            "sub": grant.user_id,
            "scope": " ".join(sorted(scopes)),
            "exp": token.expires_at,
            "iat": token.issued_at,
        }

    def _is_active(self, token: Token) -> bool:
        if token.expires_at <= self.server.state.clock.now():
            return False
        if isinstance(token, RefreshToken):
            return not token.grant.ended and token.spent_at is None
        return token.grant.ended != _REVOKED_BY_APP


class Resources(TokenEndpoint):
    """Lists what a person let an app into, by its owner. Roblox's own endpoint."""

    ENDPOINT_NAME = "resources"
    CLIENT_AUTH_METHODS = CLIENT_AUTHENTICATION
    server: Server

    def authenticate_token(self, request: OAuth2Request, client: Client) -> Token:
        """The token, if it is the app's own and good now."""
        state = self.server.state
        token = _find(state, request.form.get("token", ""))
        if token is None or token.grant.client_id != client.client_id:
            raise InvalidTokenError("The token is not known.", status_code=400)
        if token.grant.ended or token.expires_at <= state.clock.now():
            raise InvalidTokenError("The token has expired or was revoked.", status_code=400)
        return token

    def create_endpoint_response(self, request: OAuth2Request) -> Answer:
        """The resources behind the token."""
        client = self.authenticate_endpoint_client(request)
        grant = self.authenticate_token(request, client).grant
        infos = resource_infos(self.server.state, grant.user_id, grant.picks)
        return 200, {"resource_infos": infos}, default_json_headers


def resource_infos(state: State, user_id: str, picks: Picks) -> list[dict[str, object]]:
    """The picks, grouped by owner; an account that acts as itself is given as ``U``."""
    owners: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = {}

    def add(kind: str, owner: str, resource: str, identifier: str) -> None:
        resources = owners.setdefault((kind, owner), {})
        resources.setdefault(resource, {"ids": []})["ids"].append(identifier)

    for universe in (state.universes[each] for each in sorted(picks.universes)):
        if universe.user:
            add("User", universe.user, "universe", universe.id)
        else:
            add("Group", universe.group, "universe", universe.id)
    for creator in sorted(picks.creators):
        if creator.startswith("G"):
            add("Group", creator[1:], "creator", creator)
        else:
            add("User", creator[1:], "creator", "U" if creator[1:] == user_id else creator)
    return [
        {"owner": {"id": owner, "type": kind}, "resources": resources}
        for (kind, owner), resources in owners.items()
    ]


ENDPOINTS: tuple[type[TokenEndpoint], ...] = (Revocation, Introspection, Resources)
