"""Emptying all memory stores of a universe."""

from __future__ import annotations

from typing import Literal

from rblx_oauth import models
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import memory_stores as api
from rblx_oauth.core import polling
from rblx_oauth.core.people import one_of

SCOPES = ("LIVE", "TEST")
"""Roblox keeps a memory store of each."""


class AsyncMemoryStoreFlush(AsyncLongRunning[models.Operation, bool]):
    """A flush of a universe's memory stores, by its id; it ends in True.

    Attributes:
        id: Names it; `AsyncUniverse.memory_store_flush` takes it in any process.
    """

    def __init__(
        self,
        sender: AsyncSender,
        universe_id: int,
        operation_id: str,
        *,
        scope: Literal["LIVE", "TEST"] = "LIVE",
        ended: models.Operation | None = None,
    ) -> None:
        call = api.get_memory_store_flush_operation(
            universe_id=universe_id, operation_id=operation_id, scope=one_of("scope", scope, SCOPES)
        )
        super().__init__(sender, operation_id, call, _flushed, ended=ended)


def _flushed(operation: models.Operation) -> bool | None:
    # The response of one that is done has no members, and may be left out.
    if not operation.done:
        return None
    if operation.error is not None:
        raise polling.failed(operation.path, operation.error)
    return True
