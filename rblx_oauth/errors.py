"""Every error that rblx_oauth raises.

::

    RobloxError
    ├── ConfigurationError (ValueError)     wrong set-up, raised before anything is sent
    ├── CredentialError                     nothing this client holds is accepted by the operation
    │   └── InsufficientScope               the token lacks scopes: .missing
    ├── OAuthError                          logging in, refreshing or revoking failed
    │   ├── CallbackError                   the callback is not an answer to our request
    │   │   └── AuthorizationDenied         the person (or Roblox) said no: .code
    │   ├── DiscoveryError                  the provider's metadata cannot be trusted
    │   ├── IdTokenError                    the id_token failed a check: .check
    │   ├── TokenError                      the token endpoint refused: .code
    │   │   └── InvalidClient               client id or secret are wrong: a configuration alarm
    │   └── ReauthorizationRequired         the grant is gone: the person must log in again
    ├── StoreError                          the token store did something wrong
    │   ├── StoreUnavailable                it cannot be reached now; nothing is lost
    │   └── UnsealError                     a stored secret cannot be decrypted; nothing is deleted
    ├── TransportError                      no usable answer came back
    │   ├── ConnectFailed                   no connection was made: surely not processed
    │   ├── ConnectionLost                  the connection broke before the whole answer was there
    │   ├── DeadlineExceeded                the time given to the whole call is over
    │   └── AmbiguousOutcome                it may or may not have been done: look before repeating
    ├── ProtocolError                       an answer came that does not follow the protocol
    │   └── ResponseTooLarge                larger than the cap, after decompression
    ├── ApiError                            Open Cloud refused: .status .code .message .operation
    │   ├── BadRequest                      400 INVALID_ARGUMENT
    │   ├── Unauthorized                    401
    │   ├── PermissionDenied                403
    │   ├── NotFound                        404
    │   ├── Conflict                        409 ABORTED, or 412: an etag did not match
    │   ├── RateLimited                     429 RESOURCE_EXHAUSTED: .retry_after seconds
    │   │   └── BudgetExhausted             the client's own rate budget: nothing was sent
    │   └── ServerError                     5xx
    ├── WebhookError                        a notification is not to be believed: .check .status
    ├── BulkFailed                          of many writes, some failed: .done .failed .untried
    └── OperationFailed                     a long-running operation ended in an error: .code
        ├── ModerationRejected              Roblox's moderation refused the content
        └── OperationTimeout                it was still running when the caller's patience ended

Messages say what happened, in which operation, and what to do next. They
never contain a token, code, secret or key, nor text that an attacker chose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class RobloxError(Exception):
    """The root of the tree: catch this to catch everything raised on purpose here."""

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without calling ``__init__``, so that job queues can carry any of these."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    kind: type[RobloxError], args: tuple[object, ...], state: dict[str, object]
) -> RobloxError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(RobloxError, ValueError):
    """The application is set up wrongly. The message names the setting and the remedy."""


class CredentialError(RobloxError):
    """No credential of this client is accepted by the operation. Nothing was sent.

    Attributes:
        operation: The operation's name in the catalogue.
    """

    def __init__(self, message: str, *, operation: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation


class InsufficientScope(CredentialError):
    """The access token was not granted every scope that the operation needs.

    Attributes:
        missing: The scopes to ask for, sorted.
    """

    def __init__(
        self, message: str, *, missing: Iterable[str], operation: str | None = None
    ) -> None:
        super().__init__(message, operation=operation)
        self.missing: tuple[str, ...] = tuple(sorted(missing))


class OAuthError(RobloxError):
    """Logging in, refreshing, revoking or asking about a token failed."""


class CallbackError(OAuthError):
    """The callback is not a well-formed answer to the request we made."""


class AuthorizationDenied(CallbackError):
    """The provider answered the authorization request with an error (RFC 6749 4.1.2.1).

    Attributes:
        code: The error code, e.g. ``access_denied``: letters and underscores only.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class DiscoveryError(OAuthError):
    """The provider's metadata or keys are missing, malformed or not to be trusted."""


class IdTokenError(OAuthError):
    """An id_token failed validation; the login must not go on.

    Attributes:
        check: The name of the check that failed, e.g. ``nonce``.
    """

    def __init__(self, message: str, *, check: str) -> None:
        super().__init__(message)
        self.check = check


class TokenError(OAuthError):
    """The token endpoint refused (RFC 6749 5.2).

    Attributes:
        code: The error code, e.g. ``invalid_grant``.
        status: The HTTP status.
    """

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class InvalidClient(TokenError):
    """Roblox does not accept this client id and secret. No grant is at fault, none is deleted."""


class ReauthorizationRequired(OAuthError):
    """The grant is gone (revoked, expired, or lost): ask the person to log in again.

    Attributes:
        grant_id: The grant, when it was a stored one.
        reason: Why, in one word: ``revoked``, ``expired``, ``lost``, ``missing``, ``logged_out``.
    """

    def __init__(self, message: str, *, reason: str, grant_id: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.grant_id = grant_id


class StoreError(RobloxError):
    """The token store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot be reached now. Answer 503 and try again; nobody is logged out."""


class UnsealError(StoreError):
    """A stored secret does not decrypt under any of the keys. Nothing was deleted."""


class TransportError(RobloxError):
    """No usable answer came back.

    Attributes:
        operation: The operation's name in the catalogue, where one is known.
    """

    def __init__(self, message: str, *, operation: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation


class ConnectFailed(TransportError):
    """No connection could be made, so the request was surely not processed."""


class ConnectionLost(TransportError):
    """The connection broke after the request began and before the answer was complete."""


class DeadlineExceeded(TransportError):
    """The time given to the whole call, retries included, is over.

    Attributes:
        sent: Whether the request was sent before: if not, it was surely not processed.
    """

    def __init__(self, message: str, *, operation: str | None = None, sent: bool = True) -> None:
        super().__init__(message, operation=operation)
        self.sent = sent


class AmbiguousOutcome(TransportError):
    """The request may or may not have been processed, and doing it twice would matter.

    Look at the state before repeating it. ``__cause__`` holds what went wrong.
    """


class ProtocolError(RobloxError):
    """An answer came back that does not follow the protocol.

    Attributes:
        operation: The operation's name in the catalogue, where one is known.
    """

    def __init__(self, message: str, *, operation: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation


class ResponseTooLarge(ProtocolError):
    """The answer passed the cap on decompressed bytes and was dropped."""


class ApiError(RobloxError):
    """Open Cloud answered with an error.

    Attributes:
        status: The HTTP status.
        code: Roblox's code as a string, e.g. ``NOT_FOUND``; empty when it gave none.
        message: Roblox's own words; empty when it gave none.
        operation: The operation's name in the catalogue.
        request_id: Roblox's id of the request, for its support, when it gave one.
        details: The decoded rest of the body, JSON values only.
        retry_after: Seconds to wait before the next try; ``None`` when Roblox did not say.
    """

    def __init__(
        self,
        status: int,
        *,
        retry_after: float | None = None,
        code: str = "",
        message: str = "",
        operation: str | None = None,
        request_id: str | None = None,
        details: object = None,
        remedy: str = "",
    ) -> None:
        where = f"{operation}: " if operation else ""
        said = ": ".join(part for part in (code, message) if part)
        answered = f"Roblox answered {status}" + (f" ({said})" if said else "")
        super().__init__(where + answered + (f"; {remedy}" if remedy else ""))
        self.status = status
        self.code = code
        self.message = message
        self.operation = operation
        self.request_id = request_id
        self.details = details
        self.retry_after = retry_after


class BadRequest(ApiError):
    """400: an argument is wrong."""


class Unauthorized(ApiError):
    """401: the credential is missing, expired or revoked."""


class PermissionDenied(ApiError):
    """403: the credential is good but not for this."""


class NotFound(ApiError):
    """404: there is no such thing, or the credential may not know of it."""


class Conflict(ApiError):
    """409 or 412: it changed since it was read, or it exists already."""


class RateLimited(ApiError):
    """429: too many requests."""

    def __init__(
        self,
        status: int = 429,
        *,
        retry_after: float | None = None,
        code: str = "",
        message: str = "",
        operation: str | None = None,
        request_id: str | None = None,
        details: object = None,
        remedy: str = "",
    ) -> None:
        super().__init__(
            status,
            retry_after=retry_after,
            code=code,
            message=message,
            operation=operation,
            request_id=request_id,
            details=details,
            remedy=remedy,
        )


class BudgetExhausted(RateLimited):
    """The client's own rate budget has no room in time, so the request was not sent.

    Attributes:
        retry_after: Seconds until there is room.
    """

    retry_after: float

    def __init__(self, *, retry_after: float, operation: str) -> None:
        super().__init__(retry_after=retry_after, operation=operation)
        text = f"{operation}: not sent, the rate budget has no room for {retry_after:.3g} s"
        self.args = (f"{text}; try again after that",)


class ServerError(ApiError):
    """5xx: Roblox, or a gateway before it, failed."""


class BulkFailed(RobloxError):
    """Of many writes, some failed. ``__cause__`` is the first error.

    After it no further one was begun, and those under way were let end.

    Attributes:
        done: The keys that were dealt with.
        failed: The errors of the keys that failed. Where that is an
            `AmbiguousOutcome`, it may have been done all the same.
        untried: The keys of which nothing was sent.
    """

    def __init__(
        self,
        message: str,
        *,
        done: Iterable[str],
        failed: Mapping[str, Exception],
        untried: Iterable[str],
    ) -> None:
        super().__init__(message)
        self.done: tuple[str, ...] = tuple(done)
        self.failed: dict[str, Exception] = dict(failed)
        self.untried: tuple[str, ...] = tuple(untried)


class WebhookError(RobloxError):
    """A webhook's request is not a notification of Roblox's, or not one to act on.

    Attributes:
        check: What it failed: ``signature``, ``signature_missing``, ``stale``,
            ``future`` or ``body``.
        status: The HTTP status to answer with.
    """

    def __init__(self, message: str, check: str) -> None:
        super().__init__(f"webhook: {message}")
        self.check = check
        self.status = 400 if check == "body" else 401


class OperationFailed(RobloxError):
    """A long-running operation ended in an error.

    Attributes:
        code: Roblox's code as a string.
        message: Roblox's own words.
        operation: The operation's path, e.g. ``operations/0a1b``.
    """

    def __init__(self, text: str, *, operation: str, code: str = "", message: str = "") -> None:
        super().__init__(text)
        self.operation = operation
        self.code = code
        self.message = message


class ModerationRejected(OperationFailed):
    """Roblox's moderation refused the content. Sending it again will not help."""


class OperationTimeout(OperationFailed):
    """The operation was still running when the caller's patience ended. It may yet finish."""
