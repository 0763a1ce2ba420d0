"""What the parts of a universe have in common."""

from __future__ import annotations

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.arguments import identifier


class AsyncUniversePart:
    """A part of a universe.

    Attributes:
        universe_id: The universe.
    """

    def __init__(self, sender: AsyncSender, universe_id: int) -> None:
        identifier("universe_id", universe_id)
        self._sender = sender
        self.universe_id = universe_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id})"
