"""Reading what the provider answers: JSON with status 200, or an error that says why not."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.core.headers import is_json, retry_after
from rblx_oauth.core.message import Response
from rblx_oauth.errors import (
    DiscoveryError,
    InvalidClient,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    RobloxError,
    ServerError,
    TokenError,
    Unauthorized,
)

T = TypeVar("T")

UNKNOWN_ERROR = "invalid_error"
"""The code reported in place of one that no specification knows."""

# RFC 6749 5.2, RFC 7009 2.2.1, RFC 6750 3.1.
_CODES = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "unsupported_token_type",
        "invalid_token",
        "insufficient_scope",
        "access_denied",
        "server_error",
        "temporarily_unavailable",
    }
)

_REMEDIES = {
    "invalid_grant": "it was used before, has expired, or was revoked: log in again",
    "invalid_scope": "check the scopes of your app on create.roblox.com",
    "unauthorized_client": "this app may not do that: check it on create.roblox.com",
    "invalid_request": "check redirect_uri and token_endpoint_auth_method",
}


class _Refusal(msgspec.Struct):
    error: str


def json_answer(response: Response, kind: type[T], *, operation: str) -> T:
    """The body of a 200 as a `kind`.

    Raises:
        ProtocolError: It is not JSON, or not of that shape. The body is never quoted.
    """
    if not is_json(response.headers):
        raise ProtocolError(
            f"{operation}: the answer is not labelled as JSON; "
            "check that issuer names the provider itself",
            operation=operation,
        )
    try:
        return decoder(kind)(response.body)
    except (ValueError, RecursionError):
        raise ProtocolError(
            f"{operation}: the answer is not the JSON that was expected", operation=operation
        ) from None


def token_endpoint_error(response: Response, *, operation: str, now: float) -> RobloxError:
    """What a refusal of a token, revocation or introspection request means (RFC 6749 5.2)."""
    general = _general_error(response, operation=operation, now=now)
    if general is not None:
        return general
    code = _error_code(response)
    if code is None:
        return _unexpected(response, operation)
    if code == "invalid_client":
        return InvalidClient(
            f"{operation}: Roblox does not accept this client. Check client_id, client_secret "
            "and token_endpoint_auth_method; no login is at fault.",
            code=code,
            status=response.status,
        )
    remedy = _REMEDIES.get(code)
    return TokenError(
        f"{operation}: Roblox refused with {code}" + (f" ({remedy})" if remedy else ""),
        code=code,
        status=response.status,
    )


def bearer_error(response: Response, *, operation: str, now: float) -> RobloxError:
    """What a refusal of a request made with an access token means (RFC 6750 3.1)."""
    if response.status == 401:
        return Unauthorized(401, code=_error_code(response) or "", operation=operation)
    if response.status == 403:
        return PermissionDenied(403, code=_error_code(response) or "", operation=operation)
    general = _general_error(response, operation=operation, now=now)
    return general or _unexpected(response, operation)


def published(
    response: Response, kind: type[T], *, operation: str, now: float, otherwise: str
) -> T:
    """What the provider publishes for everybody, as a `kind`.

    Raises:
        DiscoveryError: It is not there; `otherwise` says what that means.
        RateLimited, ServerError: The provider cannot answer now.
    """
    general = _general_error(response, operation=operation, now=now)
    if general is not None:
        raise general
    try:
        if response.status != 200:
            raise _unexpected(response, operation)
        return json_answer(response, kind, operation=operation)
    except ProtocolError as error:
        raise DiscoveryError(f"{otherwise} (status {response.status})") from error


def _general_error(response: Response, *, operation: str, now: float) -> RobloxError | None:
    if response.status == 429:
        wait = retry_after(response.headers, now=now)
        return RateLimited(retry_after=wait, operation=operation)
    if response.status >= 500:
        return ServerError(response.status, operation=operation)
    return None


def _unexpected(response: Response, operation: str) -> ProtocolError:
    # RFC 9700 4.12: a redirect could carry what was sent to somebody else.
    what = "a redirect, which is never followed" if 300 <= response.status < 400 else "no reason"
    return ProtocolError(
        f"{operation}: answered {response.status} with {what}; check issuer", operation=operation
    )


def _error_code(response: Response) -> str | None:
    """The ``error`` member if a specification knows it; None if there is no such answer."""
    if not 400 <= response.status < 500 or not is_json(response.headers):
        return None
    try:
        code = decoder(_Refusal)(response.body).error
    except (ValueError, RecursionError):
        return None
    return code if code in _CODES else UNKNOWN_ERROR
