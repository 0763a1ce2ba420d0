"""Users."""

from __future__ import annotations

from rblx_oauth import models
from rblx_oauth._async.resources.assets import AsyncCreatorAssets
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import users
from rblx_oauth.core.arguments import identifier


class AsyncUser:
    """A user, by id.

    Attributes:
        id: The id.
        assets: What the user uploads.
    """

    def __init__(self, sender: AsyncSender, user_id: int) -> None:
        digits = identifier("user_id", user_id)
        self._sender = sender
        self.id = user_id
        self.assets = AsyncCreatorAssets(sender, {"userId": digits})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self) -> models.User:
        """What Roblox tells about the user.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(users.get_user(user_id=self.id))
