"""Operations that are begun with one request and end later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from rblx_oauth._async.resources.patience import AsyncPatience
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.call import Call

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
        if self._ended is not None:
            return self._ended
        return await self._sender.send(self._poll)

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
        patience = AsyncPatience(self._sender, self.id, timeout)
        while True:
            status = self._ended
            if status is None:
                status = await patience.ask(self._poll)
            found = None if status is None else self._outcome(status)
            if found is not None:
                return found
            await patience.rest()
