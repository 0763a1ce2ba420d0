"""One call, from the choice of its credential to the value it gives."""

from __future__ import annotations

import random as chance
from collections.abc import Callable
from typing import TypeVar

from rblx_oauth._async.budget import AsyncRateBudget
from rblx_oauth._async.credentials import AsyncCredentials
from rblx_oauth._async.download import AsyncFetcher
from rblx_oauth.catalog import Operation
from rblx_oauth.core import answers
from rblx_oauth.core.budget import Bucket, buckets
from rblx_oauth.core.call import Call
from rblx_oauth.core.checks import seconds
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.codec import nothing
from rblx_oauth.core.events import log_retry
from rblx_oauth.core.message import AsyncTransport, Request, Response
from rblx_oauth.core.retry import SHARED_BUDGETS, RetryBudgets, Tries
from rblx_oauth.core.url import API_BASE
from rblx_oauth.errors import (
    ApiError,
    DeadlineExceeded,
    ProtocolError,
    ReauthorizationRequired,
    TransportError,
    Unauthorized,
)
from rblx_oauth.oauth.token import Token

T = TypeVar("T")

UPLOAD_RATE = 256 * 1024
"""Bytes a second that an upload is given on top of a call's own time."""


class AsyncSender:
    """Sends calls; the only place that tries again.

    Attributes:
        timeout: Seconds for one call that says nothing else.
        clock: The time.
        random: Numbers from 0 to 1, for the jitter of pauses.
    """

    def __init__(
        self,
        *,
        transport: AsyncTransport,
        base: str,
        credentials: AsyncCredentials,
        timeout: float,
        clock: Clock,
        budget: AsyncRateBudget | None = None,
        retries: RetryBudgets = SHARED_BUDGETS,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._transport = transport
        self._base = base
        self._credentials = credentials
        self._budget = budget
        self._retries = retries
        self.timeout = timeout
        self.clock = clock
        self.random = random

    @property
    def fetcher(self) -> AsyncFetcher:
        """Fetches what needs no credential, over the same connections."""
        return AsyncFetcher(
            transport=self._transport,
            base=self._base,
            retries=self._retries,
            clock=self.clock,
            random=self.random,
        )

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:  # noqa: ASYNC109
        """Send `call`; see `AsyncClient.send`."""
        operation = call.operation
        credential = self._credentials.choose(operation)
        name = self._credentials.name(credential)
        wanted: tuple[Bucket, ...] = ()
        if self._budget is not None:
            wanted = buckets(
                operation, call.path, base=self._base, credential=credential, name=name
            )
        request = Request(
            operation.method,
            self._origin(operation) + call.target,
            body=call.body,
            operation=operation.name,
            template=operation.path,
            attempt=0,
        )
        limit = self.timeout + call.upload_size / UPLOAD_RATE
        if timeout is not None:
            limit = seconds("timeout", timeout)
        deadline = self.clock.monotonic() + limit
        tries: Tries | None = None
        token: Token | None = None
        renewed = False
        while True:
            if credential == "token" and token is None:
                token = await self._credentials.token()
            request.attempt += 1
            request.headers = {**self._credentials.headers(operation, token), **dict(call.headers)}
            if isinstance(call.body, bytes):
                request.headers["Content-Type"] = "application/json"
            try:
                response = await self._exchange(request, operation, wanted, deadline)
            except Unauthorized as error:
                if token is None or call.spent:
                    raise
                token = await self._replace(token, error, renewed=renewed)
                renewed = True
                continue
            except (TransportError, ProtocolError, ApiError) as error:
                tries = tries or Tries(operation.name, operation.repeat, guarded=call.guarded)
                if call.decode is nothing and tries.succeeded(error):
                    return call.decode(b"")
                pause = tries.after(
                    error,
                    left=deadline - self.clock.monotonic(),
                    random=self.random,
                    allowed=lambda: not call.spent and self._retries.take((self._base, name)),
                )
                log_retry(operation.name, error, attempt=request.attempt, pause=pause)
            else:
                self._retries.answered((self._base, name))
                return answers.read(call, response)
            await self.clock.async_sleep(pause)
            token = None  # after a pause it may be due for renewal

    def _origin(self, operation: Operation) -> str:
        """Where an operation is found: a few of Roblox's are not at Open Cloud's own origin."""
        return operation.server if operation.server and self._base == API_BASE else self._base

    async def _exchange(
        self, request: Request, operation: Operation, wanted: tuple[Bucket, ...], deadline: float
    ) -> Response:
        """One try, when the budget has room: the answer, unless it is a refusal."""
        if self._budget is not None:
            await self._budget.acquire(
                wanted, operation=operation.name, clock=self.clock, deadline=deadline
            )
        began = self.clock.monotonic()
        if not began < deadline:  # nor if that is not a number
            raise DeadlineExceeded(
                f"{operation.name}: no time was left to send it",
                operation=operation.name,
                sent=False,
            )
        response = await self._transport.send(request, timeout=deadline - began)
        if self._budget is not None:
            self._budget.answered(wanted, response, self.clock)
        if response.status >= 400:
            raise answers.refused(
                response,
                operation=operation.name,
                scopes=operation.scopes,
                now=self.clock.now(),
            )
        return response

    async def _replace(self, token: Token, error: Unauthorized, *, renewed: bool) -> Token:
        """A token in place of one that was answered 401; at most one a call."""
        source = self._credentials.source
        fresh = None if renewed else await self._credentials.renew(token)
        if fresh is not None:
            return fresh
        if not renewed:
            raise error
        raise ReauthorizationRequired(
            f"{error.operation}: Roblox refuses even a renewed token; "
            "ask the person to log in again",
            reason="revoked",
            grant_id=source.grant_id if source else None,
        ) from error
