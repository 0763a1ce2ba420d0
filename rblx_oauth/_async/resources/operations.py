"""Operations that are begun with one request and end later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core import polling
from rblx_oauth.core.call import Call
from rblx_oauth.errors import DeadlineExceeded, RateLimited

S = TypeVar("S")
T = TypeVar("T")


class AsyncLongRunning(Generic[S, T]):
    """An operation under way at Roblox.

    Args:
        sender: Sends the calls.
        operation_id: What names it.
        poll: The call that asks how far it is.
        outcome: Reads the result out of such an answer; None while there is none.
            Raises `OperationFailed` where it ended in an error.
        ended: Such an answer, where it was over as soon as it was begun: then
            nothing more is asked.

    Attributes:
        id: What names it.
    """

    def __init__(
        self,
        sender: AsyncSender,
        operation_id: str,
        poll: Call[S],
        outcome: Callable[[S], T | None],
        *,
        ended: S | None = None,
    ) -> None:
        self._sender = sender
        self._poll = poll
        self._outcome = outcome
        self._ended = ended
        self.id = operation_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    async def status(self) -> S:
        """Where it stands now: one request."""
        return await self._ask(self._sender.timeout)

    async def _ask(self, timeout: float) -> S:  # noqa: ASYNC109
        if self._ended is not None:
            return self._ended
        return await self._sender.send(self._poll, timeout=timeout)

    async def result(self) -> T | None:
        """What it ended in, None while it is under way: one request.

        Raises:
            ModerationRejected: Moderation refused it.
            OperationFailed: It failed otherwise.
        """
        return self._outcome(await self.status())

    async def wait(self, *, timeout: float = 60.0) -> T:  # noqa: ASYNC109
        """What it ended in, once it has: asks at once, then ever less often.

        Args:
            timeout: Seconds of patience.

        Raises:
            ModerationRejected: Moderation refused it.
            OperationFailed: It failed otherwise.
            OperationTimeout: It is still under way.
        """
        clock = self._sender.clock
        deadline = clock.monotonic() + timeout
        for pause in polling.pauses():
            left = deadline - clock.monotonic()
            wait = pause
            try:
                status = await self._ask(min(self._sender.timeout, max(left, 1.0)))
            except RateLimited as error:
                wait = max(pause, error.retry_after or 0.0)
            except DeadlineExceeded as error:
                raise polling.timed_out(self.id, timeout) from error
            else:
                found = self._outcome(status)
                if found is not None:
                    return found
            if clock.monotonic() + wait >= deadline:
                raise polling.timed_out(self.id, timeout)
            await clock.async_sleep(wait)
        raise AssertionError("there is always another pause")
