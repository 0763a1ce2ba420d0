"""Asking again and again: how far is it?"""

from __future__ import annotations

from typing import TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core import polling
from rblx_oauth.core.call import Call
from rblx_oauth.core.checks import seconds
from rblx_oauth.errors import DeadlineExceeded, RateLimited

S = TypeVar("S")


class AsyncPatience:
    """Paces questions: the first at once, the others ever less often, until a time is over.

    Args:
        sender: Sends them.
        path: What they are about, for errors.
        timeout: Seconds of patience.
    """

    def __init__(self, sender: AsyncSender, path: str, timeout: float) -> None:
        self._sender = sender
        self._path = path
        self._timeout = timeout
        self._deadline = sender.clock.monotonic() + seconds("timeout", timeout)
        self._pauses = polling.pauses()
        self._least = 0.0

    async def ask(self, call: Call[S]) -> S | None:
        """The answer; None where a rate limit stands before it.

        Raises:
            OperationTimeout: Patience ended before it came.
            DeadlineExceeded: It did not come in the time that any call has.
        """
        left = max(self._deadline - self._sender.clock.monotonic(), 1.0)
        try:
            return await self._sender.send(call, timeout=min(self._sender.timeout, left))
        except RateLimited as error:
            self._least = error.retry_after or 0.0
            return None
        except DeadlineExceeded as error:
            if self._sender.timeout < left:
                raise
            raise polling.timed_out(self._path, self._timeout) from error

    async def rest(self) -> None:
        """Wait until it is time to ask again.

        Raises:
            OperationTimeout: Patience would end before.
        """
        pause = max(next(self._pauses), self._least)
        self._least = 0.0
        # Nor if the deadline is not a number.
        if not self._sender.clock.monotonic() + pause < self._deadline:
            raise polling.timed_out(self._path, self._timeout)
        await self._sender.clock.async_sleep(pause)
