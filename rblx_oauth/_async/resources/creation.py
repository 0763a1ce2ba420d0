"""Making what must not be there yet."""

from __future__ import annotations

from typing import TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.call import Call
from rblx_oauth.errors import BadRequest, Conflict, RobloxError

S = TypeVar("S")
T = TypeVar("T")


async def create(sender: AsyncSender, call: Call[T], look: Call[S]) -> T:
    """Send a call that makes something, once; never over what is there.

    Roblox documents a 400 for what is there already, the same as for a wrong
    argument, so after one this looks which it was.

    Args:
        sender: Sends the calls.
        call: Makes it.
        look: Reads it.

    Raises:
        Conflict: It is there already.
    """
    try:
        return await sender.send(call)
    except BadRequest as error:
        if not await _is_there(sender, look):
            raise
        raise Conflict(
            error.status,
            code=error.code,
            message=error.message,
            operation=error.operation,
            request_id=error.request_id,
            details=error.details,
        ) from error


async def _is_there(sender: AsyncSender, look: Call[S]) -> bool:
    try:
        await sender.send(look)
    except RobloxError:  # it is not, or nobody can tell
        return False
    return True
