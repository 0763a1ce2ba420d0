"""Faults of the provider: grants that end, keys that change, clocks that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec
from flask import Request, Response, g

from rblx_oauth.sandbox.faults.answers import gateway_page
from rblx_oauth.sandbox.faults.kind import Kind
from rblx_oauth.sandbox.oauth.keys import new_key

if TYPE_CHECKING:
    from rblx_oauth.sandbox.oauth.records import AccessToken, RefreshToken
    from rblx_oauth.sandbox.state import State

__all__ = [
    "CredentialRefused",
    "GrantRevoked",
    "KeysDown",
    "KeysRotated",
    "TokenSpent",
    "UnknownKeys",
    "WrongClock",
]

_TOKEN = frozenset({"v1/token"})
_CERTS = frozenset({"v1/certs"})
_DAY = 86_400
_UNKNOWN = "refused-by-fault-f12"


class GrantRevoked(Kind):
    """f11: the person removes the app while it is at work."""

    name: ClassVar[str] = "f11"
    summary: ClassVar[str] = "the person removes the app just before: 401, and no refresh helps"

    def concerns(self, state: State, request: Request) -> bool:
        """Only those who act for somebody."""
        return _access_token(state, request) is not None

    def before(self, state: State, request: Request) -> Response | None:
        """End what the person authorized this app to do; what follows, follows."""
        with state.lock:
            token = _access_token(state, request)
            if token is not None:
                state.oauth.end_by_person(token.grant.user_id, token.grant.client_id)
        return None


class CredentialRefused(Kind):
    """f12: tokens and keys are good, and still refused."""

    name: ClassVar[str] = "f12"
    summary: ClassVar[str] = "401 for every access token and API key, new ones included"
    times: ClassVar[int | None] = None

    def concerns(self, state: State, request: Request) -> bool:  # noqa: ARG002
        """Only those who send a credential of the kind that is refused."""
        return bool(_bearer(request)) or "x-api-key" in request.headers

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Put unknown credentials in place of those sent, for the refusal of each endpoint."""
        environ = request.environ
        if _bearer(request):
            environ["HTTP_AUTHORIZATION"] = f"Bearer {_UNKNOWN}"
        if "HTTP_X_API_KEY" in environ:
            environ["HTTP_X_API_KEY"] = _UNKNOWN
        return None


class KeysRotated(Kind):
    """f16: clients that hold the old keys have to ask again."""

    name: ClassVar[str] = "f16"
    summary: ClassVar[str] = "the signing key is replaced before the next token is signed"
    only_at: ClassVar[frozenset[str]] = _TOKEN

    keep_old: Annotated[
        bool, msgspec.Meta(description="whether the key before it stays listed")
    ] = True

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Rotate."""
        state.keys.rotate(keep_old=self.keep_old)
        return None


class UnknownKeys(Kind):
    """f17: a client that asks for keys each time floods the provider."""

    name: ClassVar[str] = "f17"
    summary: ClassVar[str] = "each token is signed with a key of its own that is listed nowhere"
    times: ClassVar[int | None] = None
    only_at: ClassVar[frozenset[str]] = _TOKEN

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Sign this answer's tokens with a stray key."""
        g.stray_key = new_key()
        return None


class KeysDown(Kind):
    """f18: clients go on with the keys they have, for a while."""

    name: ClassVar[str] = "f18"
    summary: ClassVar[str] = "the keys (JWKS) are not to be had: 503"
    times: ClassVar[int | None] = None
    only_at: ClassVar[frozenset[str]] = _CERTS

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """A gateway's page."""
        return gateway_page(503)


class WrongClock(Kind):
    """f19: one of the two clocks is wrong, and the client cannot know which."""

    name: ClassVar[str] = "f19"
    summary: ClassVar[str] = "id_tokens are dated by a clock that is wrong"
    times: ClassVar[int | None] = None
    only_at: ClassVar[frozenset[str]] = _TOKEN

    seconds: Annotated[
        int, msgspec.Meta(ge=-_DAY, le=_DAY, description="by how much; negative: it is slow")
    ] = 600

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Set the clock that dates this answer's id_token."""
        g.skew = self.seconds
        return None


class TokenSpent(Kind):
    """f20: another worker was faster, or the answer to an earlier refresh was lost."""

    name: ClassVar[str] = "f20"
    summary: ClassVar[str] = "the refresh token counts as spent already: invalid_grant"
    only_at: ClassVar[frozenset[str]] = _TOKEN

    def concerns(self, state: State, request: Request) -> bool:
        """Only refreshes."""
        return _refresh_token(state, request) is not None

    def before(self, state: State, request: Request) -> Response | None:
        """Spend the token, beyond any time of grace; what follows, follows."""
        with state.lock:
            token = _refresh_token(state, request)
            if token is not None:
                token.spent_at = 0.0
        return None


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _access_token(state: State, request: Request) -> AccessToken | None:
    return state.oauth.access.get(_bearer(request))


def _refresh_token(state: State, request: Request) -> RefreshToken | None:
    if request.form.get("grant_type") != "refresh_token":
        return None
    return state.oauth.refresh.get(request.form.get("refresh_token", ""))
