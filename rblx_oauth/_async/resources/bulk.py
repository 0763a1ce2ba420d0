"""Many calls at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.bulk import Outcome
from rblx_oauth.core.call import Call
from rblx_oauth.errors import NotFound
from rblx_oauth.runtime.aio import for_each

T = TypeVar("T")


async def send_many(
    sender: AsyncSender, calls: Mapping[str, Call[T]], *, at_once: int, absent: bool
) -> Outcome[T]:
    """Send every call, so many at a time; after a failure none is begun any more.

    Args:
        sender: Sends them.
        calls: The calls, by what the outcome is to know them by.
        at_once: How many are under way at a time.
        absent: Whether one may be about what is not there.
    """
    outcome: Outcome[T] = Outcome()

    async def one(key: str) -> None:
        try:
            outcome.done[key] = await sender.send(calls[key])
        except Exception as error:
            if absent and isinstance(error, NotFound):
                outcome.absent.add(key)
                return
            outcome.failed[key] = error
            raise

    try:
        await for_each(one, calls, at_once=at_once)
    except Exception:
        if not outcome.failed:
            raise
    return outcome
