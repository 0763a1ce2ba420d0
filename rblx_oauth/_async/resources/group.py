"""Groups."""

from __future__ import annotations

from rblx_oauth import models
from rblx_oauth._async.resources.assets import AsyncCreatorAssets
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import groups as api
from rblx_oauth.core.arguments import identifier


class AsyncGroup:
    """A group, by id.

    Attributes:
        id: The id.
        assets: What is uploaded for the group.
    """

    def __init__(self, sender: AsyncSender, group_id: int) -> None:
        digits = identifier("group_id", group_id)
        self._sender = sender
        self.id = group_id
        self.assets = AsyncCreatorAssets(sender, {"groupId": digits})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self) -> models.Group:
        """What Roblox tells about the group.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(api.get_group(group_id=self.id))
