"""What an ``on_event`` hook is told of each request, and what the log says of it.

Events are made of facts that are fit for anybody's eyes: of a URL the host and
the catalogue's path template, of a credential its kind, of a body its size.
So nothing has to be masked in them later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from rblx_oauth.catalog import Credential
from rblx_oauth.core.checks import function
from rblx_oauth.core.headers import request_id, retry_after
from rblx_oauth.core.message import Request, Response, content_size
from rblx_oauth.errors import ConfigurationError

logger = logging.getLogger("rblx_oauth")


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


EventHook = Callable[[RequestEvent | ResponseEvent], None]
"""Called on the thread or task that sends, before and after; it should return at once."""


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
    )


def _credential(request: Request) -> Credential | None:
    if "x-api-key" in request.headers:
        return "api_key"
    # Not ``Basic``: that is the application itself, at the provider.
    bearer = request.headers.get("Authorization", "").startswith("Bearer ")
    return "token" if bearer else None
