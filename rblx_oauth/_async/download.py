"""Fetching what Roblox keeps elsewhere, and putting it there: with no credential."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rblx_oauth.core import answers
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.events import log_retry
from rblx_oauth.core.location import check_location, origin, redirected
from rblx_oauth.core.message import AsyncTransport, FilePart, Request, Sink, file_parts
from rblx_oauth.core.retry import RetryBudgets, Tries
from rblx_oauth.core.saving import Saving
from rblx_oauth.errors import ApiError, DeadlineExceeded, ProtocolError, TransportError
from rblx_oauth.runtime.aio import blocking

REDIRECTS = 3
"""Redirects that are followed in one try."""

_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_TAKEN = frozenset({201, 204})


class AsyncFetcher:
    """Fetches from addresses that take no credential, puts files there, and sends none.

    Args:
        transport: Carries the requests.
        base: The client's ``api_base``, which says what may be http.
        retries: Bounds the share of retries.
        clock: The time.
        random: Numbers from 0 to 1, for the jitter of pauses.
    """

    def __init__(
        self,
        *,
        transport: AsyncTransport,
        base: str,
        retries: RetryBudgets,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._base = base
        self._retries = retries
        self._clock = clock
        self._random = random

    async def fetch(self, url: str, sink: Sink, *, operation: str, timeout: float) -> None:  # noqa: ASYNC109
        """Hand the content at `url` to `sink`; from its start again when a try broke.

        Args:
            url: https; see `rblx_oauth.core.location.check_location`. A few
                redirects are followed, and each is checked the same way.
            sink: Takes the content.
            operation: What errors call it.
            timeout: Seconds for all of it.

        Raises:
            ApiError: It was refused.
            ConnectFailed, ConnectionLost, DeadlineExceeded: It did not come whole.
            ProtocolError: The address is none, or the answer is none.
            ResponseTooLarge: It is over the sink's limit.
        """
        url = check_location(url, base=self._base, operation=operation)
        await self._carry(Request("GET", url, operation=operation, sink=sink), timeout)

    async def put(self, url: str, file: FilePart, *, operation: str, timeout: float) -> None:  # noqa: ASYNC109
        """Hand `file` to `url`, in place of what is there; from its start again when a try broke.

        Args:
            url: https, as for `fetch`. No redirect is followed.
            file: The whole body. What can be read once only is sent once only.
            operation: What errors call it.
            timeout: Seconds for all of it.

        Raises:
            ApiError: It was refused.
            ConnectFailed, ConnectionLost, DeadlineExceeded: It may not have arrived.
            ProtocolError: The address is none, or the answer is none.
        """
        url = check_location(url, base=self._base, operation=operation)
        await self._carry(Request("PUT", url, body=file, operation=operation), timeout)

    async def _carry(self, request: Request, timeout: float) -> None:  # noqa: ASYNC109
        """Send until it is done; a try that broke is made again, at the first address."""
        url, operation = request.url, request.operation or ""
        retried = (origin(url), "")
        deadline = self._clock.monotonic() + timeout
        tries = Tries(operation, "always", guarded=False)
        files = file_parts(request.body)
        while True:
            try:
                await self._try(request, deadline)
            except (TransportError, ProtocolError, ApiError) as error:
                pause = tries.after(
                    error,
                    left=deadline - self._clock.monotonic(),
                    random=self._random,
                    allowed=lambda: (
                        not any(each.spent for each in files) and self._retries.take(retried)
                    ),
                )
                log_retry(operation, error, attempt=request.attempt, pause=pause)
            else:
                self._retries.answered(retried)
                return
            await self._clock.async_sleep(pause)
            request.url = url
            request.attempt += 1

    async def _try(self, request: Request, deadline: float) -> None:
        """One try, redirects included."""
        operation = request.operation or ""
        fetching = request.method == "GET"
        for _ in range(1 + REDIRECTS):
            left = deadline - self._clock.monotonic()
            if not left > 0:
                raise DeadlineExceeded(
                    f"{operation}: no time was left for it", operation=operation, sent=False
                )
            response = await self._transport.send(request, timeout=left)
            if response.status == 200 or (not fetching and response.status in _TAKEN):
                return
            if response.status >= 400:
                raise answers.refused(
                    response, operation=operation, scopes=(), now=self._clock.now()
                )
            if not fetching or response.status not in _REDIRECTING:
                raise ProtocolError(
                    f"{operation}: answered {response.status}, which means nothing here",
                    operation=operation,
                )
            request.url = redirected(
                request.url,
                response.headers.get("location"),
                base=self._base,
                operation=operation,
            )
        raise ProtocolError(
            f"{operation}: redirected more than {REDIRECTS} times", operation=operation
        )


@asynccontextmanager
async def saved(file: Saving) -> AsyncIterator[None]:
    """Opens `file`; at the end of the block it is in its place, or nothing is left of it.

    Raises:
        ValueError, FileExistsError, OSError: As the methods of `Saving`.
    """
    try:
        await blocking(file.open)
        yield
        await blocking(file.commit)
    finally:
        await blocking(file.discard)
