"""Groups: who is in them, and what they hear of."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from rblx_oauth.models.base import Model, ResourceId, Timestamp


class GroupMembership(Model, frozen=True):
    """That a user is in a group.

    Attributes:
        path: ``groups/ID/memberships/ID``; the second id is Roblox's own, not the user's.
        user_id: Who is in it.
        role_id: The highest role they have there.
        role_ids: All of them.
        created_at: Since when.
        updated_at: When a role changed last.
    """

    path: str = ""
    user_id: ResourceId | None = msgspec.field(name="user", default=None)
    role_id: ResourceId | None = msgspec.field(name="role", default=None)
    role_ids: list[ResourceId] = msgspec.field(name="roles", default_factory=list)
    created_at: Timestamp | None = msgspec.field(name="createTime", default=None)
    updated_at: Timestamp | None = msgspec.field(name="updateTime", default=None)

    @property
    def group_id(self) -> int:
        """The group, which stands in the path only."""
        return ResourceId.from_wire(self.path.partition("/memberships/")[0])


class GroupNotification(IntEnum):
    """What somebody may hear of in a group."""

    ANNOUNCEMENT = 0
    FORUM_POST = 1
    FORUM_COMMENT = 2
    FORUM_REPLY = 3
    FORUM_SUBSCRIBER = 4
