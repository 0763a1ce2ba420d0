"""`AsyncProvider`: one issuer as seen from here: a way to it, its metadata, its keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from rblx_oauth.core.clock import Clock
from rblx_oauth.core.events import log_retry
from rblx_oauth.core.message import AsyncTransport, Request, Response
from rblx_oauth.errors import (
    ConnectFailed,
    ConnectionLost,
    DiscoveryError,
    ProtocolError,
    RobloxError,
    ServerError,
    TransportError,
)
from rblx_oauth.oauth import discovery, jwks
from rblx_oauth.oauth.cache import Cached
from rblx_oauth.oauth.discovery import Metadata
from rblx_oauth.oauth.jwks import Jwk
from rblx_oauth.runtime.aio import SingleFlight

T = TypeVar("T")

PAUSES = (0.25, 0.5)
"""Seconds before the second and the third try."""
NEVER: tuple[type[TransportError], ...] = ()
"""For what may be sent once only, come what may."""
UNSENT = (ConnectFailed,)
"""For what may be sent again only if it surely did not arrive."""
SAFE = (ConnectFailed, ConnectionLost)
"""For what may arrive twice without harm."""


class AsyncProvider:
    """Shared by every task or thread of an application; fetches each thing once."""

    def __init__(
        self, issuer: str, *, transport: AsyncTransport, clock: Clock, timeout: float
    ) -> None:
        self._issuer = issuer
        self._transport = transport
        self._clock = clock
        self._timeout = timeout
        self._metadata: Cached[Metadata] = Cached()
        self._keys: Cached[tuple[Jwk, ...]] = Cached()
        self._flights: SingleFlight[None] = SingleFlight()

    async def send(self, request: Request, *, again: tuple[type[TransportError], ...]) -> Response:
        """Send `request`; up to three times within the timeout, after the errors of `again`.

        Raises:
            TransportError, ProtocolError: As the transport raises them.
        """
        # Paths at the provider are its own: unlike Open Cloud's, they hold no arguments.
        request.template = urlsplit(request.url).path
        deadline = self._clock.monotonic() + self._timeout
        for attempt, pause in enumerate((*PAUSES, None), start=1):
            request.attempt = attempt
            left = deadline - self._clock.monotonic()
            try:
                return await self._transport.send(request, timeout=left)
            except TransportError as error:
                if pause is None or not isinstance(error, again):
                    raise
                if self._clock.monotonic() + pause >= deadline:
                    raise
                log_retry(request.operation, error, attempt=attempt, pause=pause)
            await self._clock.async_sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def metadata(self) -> Metadata:
        """The provider's metadata, at most an hour old; older if it cannot be asked.

        Raises:
            DiscoveryError: It cannot be trusted.
            TransportError, RateLimited, ServerError: The provider cannot be asked.
        """

        def read(response: Response) -> Metadata:
            return discovery.read_metadata(response, issuer=self._issuer, now=self._clock.now())

        request = discovery.discovery_request(self._issuer)
        return await self._current(self._metadata, request, read)

    async def metadata_before(self, operation: str) -> Metadata:
        """As `metadata`, for an operation whose caller must know whether it was sent.

        Raises:
            ConnectFailed: The provider cannot be asked, so `operation` was not sent.
            DiscoveryError, RateLimited: As `metadata`; not sent either.
        """
        try:
            return await self.metadata()
        except (TransportError, ProtocolError, ServerError) as error:
            raise ConnectFailed(
                f"{operation}: not sent, since the provider's metadata is not to be had",
                operation=operation,
            ) from error

    async def keys(self, kid: str | None = None) -> tuple[Jwk, ...]:
        """The provider's keys; asked for anew, once per cool-down, if `kid` is not among them.

        Raises:
            DiscoveryError: There are none to be trusted.
            TransportError, RateLimited, ServerError: The provider cannot be asked.
        """
        metadata = await self.metadata()

        def read(response: Response) -> tuple[Jwk, ...]:
            return jwks.read_jwks(response, now=self._clock.now())

        def lacking(keys: tuple[Jwk, ...]) -> bool:
            return not jwks.lists(keys, kid)

        request = jwks.jwks_request(metadata.jwks_uri)
        return await self._current(self._keys, request, read, lacking)

    async def _current(
        self,
        cached: Cached[T],
        request: Request,
        read: Callable[[Response], T],
        lacking: Callable[[T], bool] | None = None,
    ) -> T:
        def wanted() -> bool:
            value = cached.value
            lacks = lacking is not None and value is not None and lacking(value)
            return cached.wants_fetch(now=self._clock.monotonic(), lacking=lacks)

        async def fetch() -> None:
            # Asked again here: another flight may have landed since the caller looked.
            if wanted():
                cached.begin_fetch(now=self._clock.monotonic())
                response = await self.send(request, again=SAFE)
                cached.fill(read(response), now=self._clock.monotonic())

        # Again, should the flight that was joined have fetched for somebody with other needs;
        # the cool-down ends this.
        while wanted():
            try:
                await self._flights.run(request.url, fetch)
            except RobloxError:
                if cached.current(now=self._clock.monotonic()) is None:
                    raise
                break
        value = cached.current(now=self._clock.monotonic())
        if value is None:
            raise DiscoveryError(
                f"{request.operation}: what is known is too old; try again shortly"
            )
        return value
