"""What an ``on_event`` hook is told of each request, and what the log says of it.

Events are made of facts that are fit for anybody's eyes: of a URL the host and
the catalogue's path template, of a credential its kind, of a body its size.
So nothing has to be masked in them later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, Literal, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

import msgspec

from rblx_oauth.catalog import Credential
from rblx_oauth.core.checks import function
from rblx_oauth.core.headers import request_id, retry_after
from rblx_oauth.core.logs import fields
from rblx_oauth.core.message import Request, Response, content_size
from rblx_oauth.errors import ConfigurationError, RobloxError

logger = logging.getLogger("rblx_oauth")

E = TypeVar("E")


class RequestEvent(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A request is about to be sent; each try of a call is one.

    Attributes:
        operation: The operation's name in the catalogue, or one of ours for the
            provider's endpoints, such as ``oauth.refresh``.
        method: The HTTP method.
        template: The path with its placeholders, never their values.
        host: The host's name or address.
        port: The port.
        attempt: The number of the try, from 1.
        credential: What identifies the caller: ``token``, ``api_key``, or None for
            what is sent in the application's own name or in nobody's.
        size: Bytes of the body; of a form with files, those of its parts.
    """

    operation: str | None
    method: str
    template: str | None
    host: str
    port: int
    attempt: int
    credential: Credential | None
    size: int


class ResponseEvent(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What became of a request. There is one for each `RequestEvent`, however it ended.

    Attributes:
        request: The very event that announced the request.
        status: The HTTP status; None if no answer came.
        error: The class of what was raised instead of an answer, by its name:
            of `rblx_oauth.errors`, ``CancelledError``, or what a file of yours raised.
        seconds: How long it took, the answer's last byte included.
        size: Bytes of the answer's body, decompressed; 0 where it went to a file.
        request_id: Roblox's id of the request, for its support, when it gave one.
        retry_after: Seconds to wait before another try, where a 429 says so.
    """

    request: RequestEvent
    status: int | None = None
    error: str | None = None
    seconds: float
    size: int = 0
    request_id: str | None = None
    retry_after: float | None = None


RefreshOutcome = Literal[
    "refreshed",
    "held",
    "adopted",
    "unavailable",
    "uncertain",
    "misconfigured",
    "refused",
    "revoked",
    "lost",
    "ended",
    "store",
]


class RefreshEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it when a grant's token was no longer fresh and this process saw to it.

    Callers of one process share that, so a storm of them makes one event.

    Attributes:
        outcome: ``refreshed``; ``held`` (refreshed, but the store did not take it: kept in
            memory and written later); ``adopted`` (another worker's token was there).
            Nothing changed, and it is tried again when a token is needed next:
            ``unavailable`` (Roblox did not take the request, or another worker
            was at it for too long), ``uncertain`` (Roblox may have taken it, no
            answer came), ``misconfigured`` (Roblox does not accept this application),
            ``refused`` (anything else), ``store`` (the store failed). The person
            has to log in again: ``revoked``, ``lost`` (nobody has the newest
            token), ``ended`` (there is no such grant any more).
        seconds: How long it took.
        waited: How many of these another worker held the lease.
        grant: The grant's pseudonym, as in the log (`rblx_oauth.vault.Vault.pseudonym`).
    """

    outcome: RefreshOutcome
    seconds: float
    waited: float
    grant: str


EventHook = Callable[[RequestEvent | ResponseEvent], None]
"""Called on the thread or task that sends, before and after; it should return at once."""


@runtime_checkable
class RefreshHook(Protocol):
    """An `EventHook` that has this method too is told of refreshes."""

    def on_refresh(self, event: RefreshEvent, /) -> None:
        """Take note of one. Called on the thread or task that refreshed."""
        ...


class Guarded(Generic[E]):
    """Calls a hook and lets no failure of it through: a hook never breaks what it watches."""

    def __init__(self, name: str, hook: Callable[[E], None]) -> None:
        self._name = name
        self._hook = hook
        self._failed = False

    def __call__(self, event: E) -> None:
        """Tell the hook; the first time it raises is logged."""
        try:
            self._hook(event)
        except Exception:
            if not self._failed:  # one that fails, fails every time
                self._failed = True
                logger.warning(
                    "%s raised; the call goes on, and its further failures are not logged",
                    self._name,
                    exc_info=True,
                    extra=fields("hook.failed", hook=self._name),
                )


def refresh_listener(hook: object) -> Callable[[RefreshEvent], None] | None:
    """What to tell of refreshes, if `hook` wants to know."""
    return Guarded("on_refresh", hook.on_refresh) if isinstance(hook, RefreshHook) else None


def check_hook(hook: object) -> None:
    """See that `hook` can be called as an `EventHook`.

    Raises:
        ConfigurationError: It cannot.
    """
    try:
        function("on_event", hook)
    except TypeError as error:
        raise ConfigurationError(str(error)) from None


def began(request: Request) -> RequestEvent:
    """The event of a request that is about to be sent."""
    url = urlsplit(request.url)
    return RequestEvent(
        operation=request.operation,
        method=request.method,
        template=request.template,
        host=url.hostname or "",
        port=url.port or (80 if url.scheme == "http" else 443),
        attempt=request.attempt,
        credential=_credential(request),
        size=content_size(request.body),
    )


def answered(
    event: RequestEvent, response: Response, *, seconds: float, now: float
) -> ResponseEvent:
    """The event of a request that was answered, whatever the status.

    Args:
        event: What `began` gave.
        response: The answer.
        seconds: How long it took.
        now: Epoch seconds, to read a date in ``Retry-After``.
    """
    limited = response.status == 429
    return ResponseEvent(
        request=event,
        status=response.status,
        seconds=seconds,
        size=len(response.body),
        request_id=request_id(response.headers),
        retry_after=retry_after(response.headers, now=now) if limited else None,
    )


def failed(event: RequestEvent, error: BaseException, *, seconds: float) -> ResponseEvent:
    """The event of a request that was not answered."""
    return ResponseEvent(request=event, error=type(error).__name__, seconds=seconds)


def log(event: ResponseEvent) -> None:
    """One line at DEBUG."""
    request = event.request
    logger.debug(
        "%s: %s after %.3f s (try %d, %d bytes sent, %d received, request id %s)",
        request.operation or request.method,
        event.error if event.status is None else event.status,
        event.seconds,
        request.attempt,
        request.size,
        event.size,
        event.request_id,
        extra=fields(
            "request.answered",
            operation=request.operation,
            status=event.status,
            error=event.error,
            seconds=event.seconds,
            attempt=request.attempt,
            request_id=event.request_id,
        ),
    )


def log_retry(operation: str | None, error: RobloxError, *, attempt: int, pause: float) -> None:
    """One line at INFO: a try failed, and after `pause` seconds there will be another."""
    name = type(error).__name__
    logger.info(
        "%s: %s; trying again in %.2f s",
        operation,
        name,
        pause,
        extra=fields("request.retry", operation=operation, error=name, attempt=attempt),
    )


def _credential(request: Request) -> Credential | None:
    if "x-api-key" in request.headers:
        return "api_key"
    # Not ``Basic``: that is the application itself, at the provider.
    bearer = request.headers.get("Authorization", "").startswith("Bearer ")
    return "token" if bearer else None
