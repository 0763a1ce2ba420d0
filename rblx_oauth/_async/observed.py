"""A transport that says what it carries: to the log, and to a hook."""

from __future__ import annotations

import logging

from rblx_oauth.core import events
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.events import EventHook, RequestEvent, ResponseEvent, logger
from rblx_oauth.core.message import AsyncTransport, Request, Response
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.runtime.aio import of_other_colour


class AsyncObservedTransport:
    """Carries requests by another transport. With no hook and no DEBUG it does nothing else.

    Attributes:
        carrier: The other transport.
    """

    def __init__(self, carrier: AsyncTransport, hook: EventHook | None, clock: Clock) -> None:
        self.carrier = carrier
        self._hook = None if hook is None else events.Guarded("on_event", hook)
        self._clock = clock

    async def send(self, request: Request, *, timeout: float) -> Response:  # noqa: ASYNC109 (the whole exchange's)
        """Send once; see `rblx_oauth.core.message.Transport.send`."""
        if self._hook is None and not logger.isEnabledFor(logging.DEBUG):
            return await self.carrier.send(request, timeout=timeout)
        event = events.began(request)
        start = self._clock.monotonic()
        try:
            self._tell(event)
            response = await self.carrier.send(request, timeout=timeout)
        except BaseException as error:  # cancellation too: what was begun must be seen to end
            self._tell(events.failed(event, error, seconds=self._clock.monotonic() - start))
            raise
        seconds = self._clock.monotonic() - start
        self._tell(events.answered(event, response, seconds=seconds, now=self._clock.now()))
        return response

    async def aclose(self) -> None:
        """Let go of every connection."""
        await self.carrier.aclose()

    def _tell(self, event: RequestEvent | ResponseEvent) -> None:
        if isinstance(event, ResponseEvent):
            events.log(event)
        if self._hook is not None:
            self._hook(event)


def observed(
    transport: AsyncTransport, hook: EventHook | None, clock: Clock
) -> AsyncObservedTransport:
    """`transport`, observed once: a hook takes the place of one that it has.

    Raises:
        ConfigurationError: `hook` is none, or `transport` is not of this colour.
    """
    if hook is not None:
        events.check_hook(hook)
    if of_other_colour(transport):
        raise ConfigurationError("transport does not fit here: AiohttpTransport() would")
    if isinstance(transport, AsyncObservedTransport):
        if hook is None:
            return transport
        transport = transport.carrier
    return AsyncObservedTransport(transport, hook, clock)
