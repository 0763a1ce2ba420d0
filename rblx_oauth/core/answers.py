"""What an answer means: the value asked for, or which error.

Roblox's families of APIs have eight shapes of error bodies, and a proxy before
them may answer HTML; all become one tree (`rblx_oauth.errors.ApiError`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.core import redact
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import nothing
from rblx_oauth.core.headers import is_json, request_id, retry_after
from rblx_oauth.core.message import Response
from rblx_oauth.errors import (
    ApiError,
    BadRequest,
    Conflict,
    InsufficientScope,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    RobloxError,
    ServerError,
    Unauthorized,
)

T = TypeVar("T")

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    429: RateLimited,
}


class Refusal(msgspec.Struct, frozen=True):
    """What an error body says, whatever its shape."""

    code: str = ""
    message: str = ""
    details: object = None


def read(call: Call[T], response: Response) -> T:
    """The value of an answer that is no refusal.

    Raises:
        NotFound: It is empty, which Roblox says to who reads what was deleted.
        ProtocolError: It is a redirect, or the body is not JSON of the expected
            shape. It says where the shape differs, and quotes nothing.
    """
    name = call.operation.name
    if response.status >= 300:
        raise ProtocolError(
            f"{name}: answered {response.status}, and redirects are never followed; check api_base",
            operation=name,
        )
    if call.decode is nothing:
        return call.decode(b"")
    if response.status == 204:
        if call.operation.method == "GET":
            raise NotFound(204, code="NO_CONTENT", operation=name)
        raise ProtocolError(
            f"{name}: answered 204: it was done, but the answer lacks what was expected in it",
            operation=name,
        )
    if not is_json(response.headers, call.operation.answer):
        raise ProtocolError(
            f"{name}: the answer is not labelled as JSON; check api_base", operation=name
        )
    try:
        return call.decode(response.body)
    except msgspec.ValidationError as error:
        # Its text has the expected type and the JSON path, never a value.
        problem = f"the answer is not as expected: {error}"
    except (ValueError, RecursionError):
        problem = "the answer is not valid JSON"
    raise ProtocolError(f"{name}: {problem}", operation=name)


def refused(
    response: Response, *, operation: str, scopes: Iterable[str], now: float
) -> RobloxError:
    """The error of an answer of 400 or above.

    Args:
        response: The answer.
        operation: The operation's name.
        scopes: What the operation needs.
        now: Epoch seconds, to read a date in ``Retry-After``.
    """
    status = response.status
    refusal = read_refusal(response)
    if status == 403 and refusal.code == "INSUFFICIENT_SCOPE":
        return InsufficientScope(
            f"{operation}: Roblox says that the credential lacks a permission. "
            f"The operation needs {', '.join(scopes) or 'none that is documented'}.",
            missing=scopes,
            operation=operation,
        )
    kind = ServerError if status >= 500 else _BY_STATUS.get(status, ApiError)
    wait = retry_after(response.headers, now=now, limited=status == 429)
    return kind(
        status,
        retry_after=wait,
        code=refusal.code,
        message=refusal.message,
        operation=operation,
        request_id=request_id(response.headers),
        details=refusal.details,
        remedy=_remedy(status, scopes, wait),
    )


def _remedy(status: int, scopes: Iterable[str], wait: float | None) -> str:
    """What to do about a refusal, where its status tells."""
    if status == 401:
        return "check that the credential is right, not expired or revoked, and good from here"
    if status == 403 and (needed := ", ".join(scopes)):
        return f"check that the credential has {needed}, and its owner the right to do this"
    return "" if wait is None else f"try again after {wait:.3g} s"


def read_refusal(response: Response) -> Refusal:
    """Code, message and details of an error body; empty where it is not one of Roblox's."""
    if not is_json(response.headers):
        return Refusal()
    try:
        body = plain(response.body)
    except (ValueError, RecursionError):
        return Refusal()
    if not isinstance(body, dict):
        return Refusal()
    errors = body.get("errors")
    if isinstance(errors, list):  # the gateway: errors: [{code, message}]
        first = errors[0] if errors and isinstance(errors[0], dict) else {}
        return _refusal(first.get("code"), first.get("message"), errors[1:] or None)
    if isinstance(errors, dict):  # validation: errors: {field: [...]}, title
        fields = ", ".join(str(name) for name in errors)
        return _refusal("INVALID_ARGUMENT", f"{body.get('title', '')} ({fields})", errors)
    if "error" in body and "error_description" in body:  # OAuth
        return _refusal(body["error"], body["error_description"], None)
    if isinstance(body.get("error"), dict):  # analytics: error: {code, message}
        return _refusal(body["error"].get("code"), body["error"].get("message"), None)
    if "error" in body:  # v1: error, message, errorDetails
        return _refusal(body["error"], body.get("message"), body.get("errorDetails"))
    if "errorCode" in body:  # passes and products: errorCode, errorMessage, field, hint
        more = {name: body[name] for name in ("field", "hint") if body.get(name)}
        return _refusal(body["errorCode"], body.get("errorMessage"), more)
    if "detail" in body:  # events: title, detail (RFC 9457)
        return _refusal(body.get("title"), body["detail"], None)
    return _refusal(body.get("code"), body.get("message"), body.get("details"))  # v2


def _refusal(code: object, message: object, details: object) -> Refusal:
    return Refusal(redact.words(code), redact.words(message), details or None)
