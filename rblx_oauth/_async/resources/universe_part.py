"""What the parts of a universe have in common."""

from __future__ import annotations

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.arguments import identifier, text

KEY_LENGTH = 50
"""Characters of the name and the scope of a data store, and of a key in it."""


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


class AsyncMemoryStorePart(AsyncUniversePart):
    """A part of the memory store of a universe.

    Attributes:
        universe_id: The universe.
        name: Its name.
    """

    def __init__(self, sender: AsyncSender, universe_id: int, name: str) -> None:
        super().__init__(sender, universe_id)
        self.name: str = text("name", name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.name!r})"


class AsyncDataStorePart(AsyncUniversePart):
    """A data store of any kind, in one scope.

    Attributes:
        universe_id: The universe.
        name: Its name.
        scope: The scope.
    """

    def __init__(
        self, sender: AsyncSender, universe_id: int, name: str, *, scope: str = "global"
    ) -> None:
        super().__init__(sender, universe_id)
        self.name: str = text("name", name, KEY_LENGTH)
        self.scope: str = text("scope", scope, KEY_LENGTH)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.name!r}, scope={self.scope!r})"
