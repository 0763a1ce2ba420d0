"""Groups: members, their roles, those who want to join, and what the group tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Literal

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing, only
from rblx_oauth._async.resources.group_forum import AsyncForumCategory, forum_categories
from rblx_oauth._async.resources.uploads import AsyncCreatorAssets
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import groups as api
from rblx_oauth.core import people
from rblx_oauth.core.arguments import identifier

MEMBERS = 100
"""Members in one page, and entries of the audit log: Roblox's limit."""
ROLES = 20
"""Roles in one page, and requests to join."""


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
        self.assets: AsyncCreatorAssets = AsyncCreatorAssets(sender, {"groupId": digits})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self) -> models.Group:
        """What Roblox tells about the group.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(api.get_group(group_id=self.id))

    def members(
        self,
        *,
        role_id: int | None = None,
        user_ids: Iterable[int] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.GroupMembership]:
        """Who is in the group, each with their roles.

        Args:
            role_id: Only those who have this role.
            user_ids: Only these users, up to 50; not together with `role_id`.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        if role_id is not None and user_ids is not None:
            raise ValueError("members can be found by role_id or by user_ids, not by both")
        only = None
        if role_id is not None:
            only = people.of_role(self.id, role_id)
        elif user_ids is not None:
            only = people.of_users(user_ids)
        call = api.list_group_memberships(group_id=self.id, filter=only)
        return AsyncListing(self._sender, call, most=MEMBERS).walk(limit=limit, page_size=page_size)

    async def member(self, user_id: int) -> models.GroupMembership | None:
        """One member, with their roles; None where the user is not in the group.

        Args:
            user_id: The user.
        """
        call = api.list_group_memberships(group_id=self.id, filter=people.of_user(user_id))
        return await only(AsyncListing(self._sender, call, most=MEMBERS).walk(limit=1))

    async def assign_role(self, user_id: int, role_id: int) -> models.GroupMembership:
        """Give a member a role, beside those they have.

        Args:
            user_id: The member.
            role_id: The role, as `roles` tells it.

        Returns:
            The member, as they are now.

        Raises:
            NotFound: The user is not in the group, or there is no such role.
            PermissionDenied: You may not give that role, or not to that member.
        """
        return await self._sender.send(
            api.assign_group_role(
                group_id=self.id,
                membership_id=identifier("user_id", user_id),
                role=self._role(role_id),
            )
        )

    async def unassign_role(self, user_id: int, role_id: int) -> models.GroupMembership:
        """Take a role from a member. Arguments, answer and errors as of `assign_role`."""
        return await self._sender.send(
            api.unassign_group_role(
                group_id=self.id,
                membership_id=identifier("user_id", user_id),
                role=self._role(role_id),
            )
        )

    async def update_member_role(self, user_id: int, role_id: int) -> models.GroupMembership:
        """Put a member in a role, in place of the one they have.

        Roblox advises to use `assign_role` and `unassign_role` instead.

        Raises:
            NotFound, PermissionDenied: As of `assign_role`.
            AmbiguousOutcome: It may have been done; `member` tells.
        """
        return await self._sender.send(
            api.update_group_membership(
                group_id=self.id,
                membership_id=identifier("user_id", user_id),
                role=self._role(role_id),
            )
        )

    def roles(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.GroupRole]:
        """The roles of the group.

        What a role permits is told to its holders and to the group's owner.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 20.
        """
        call = api.list_group_roles(group_id=self.id)
        return AsyncListing(self._sender, call, most=ROLES).walk(limit=limit, page_size=page_size)

    async def role(self, role_id: int) -> models.GroupRole:
        """One role.

        Args:
            role_id: Its id.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(api.get_group_role(group_id=self.id, role_id=role_id))

    def join_requests(
        self,
        *,
        user_id: int | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.GroupJoinRequest]:
        """Who asked to join the group.

        Args:
            user_id: Only this user's request.
            limit: At most so many.
            page_size: Fetched at a time, up to 20.
        """
        only = None if user_id is None else people.of_user(user_id)
        call = api.list_group_join_requests(group_id=self.id, filter=only)
        return AsyncListing(self._sender, call, most=ROLES).walk(limit=limit, page_size=page_size)

    async def accept_join_request(self, user_id: int) -> None:
        """Let a user in who asked to join.

        Args:
            user_id: The user.

        Raises:
            NotFound: The user did not ask.
            AmbiguousOutcome: It may have been done; `member` tells.
        """
        await self._sender.send(
            api.accept_group_join_request(
                group_id=self.id, join_request_id=identifier("user_id", user_id)
            )
        )

    async def decline_join_request(self, user_id: int) -> None:
        """Turn a user away who asked to join.

        Args:
            user_id: The user.

        Raises:
            NotFound: The user did not ask.
            AmbiguousOutcome: It may have been done; `join_requests` tells.
        """
        await self._sender.send(
            api.decline_group_join_request(
                group_id=self.id, join_request_id=identifier("user_id", user_id)
            )
        )

    async def shout(self, message: str) -> models.GroupShout:
        """Say something to all members, in place of the last shout.

        Args:
            message: What to say; not empty.

        Raises:
            PermissionDenied: You may not.
            AmbiguousOutcome: It may have been said.
        """
        return await self._sender.send(api.update_group_shout(group_id=self.id, message=message))

    async def update_description(self, description: str) -> str:
        """Change what the group says of itself.

        Args:
            description: Not empty.

        Returns:
            It, as Roblox keeps it.

        Raises:
            PermissionDenied: You may not, or it is too long.
            AmbiguousOutcome: It may have been changed.
        """
        changed = await self._sender.send(
            api.update_group_description(group_id=self.id, description=description)
        )
        return changed.new_description

    def audit_log(
        self,
        *,
        action: str | None = None,
        user_id: int | None = None,
        order: Literal["Asc", "Desc"] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.GroupAuditLogEntry]:
        """What was done in the group's name, and by whom.

        Args:
            action: Only this kind, e.g. ``ChangeRank`` or ``RemoveMember``.
            user_id: Only what this user did.
            order: ``Asc`` or ``Desc``, as Roblox sorts it.
            limit: At most so many.
            page_size: Fetched at a time, up to 100; the next larger one of 10, 25,
                50 and 100 is asked for.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            PermissionDenied: You may not see it.
        """
        call = api.list_group_audit_log(
            group_id=self.id,
            action_type=action,
            user_id=user_id,
            sort_order=None if order is None else people.one_of("order", order, ("Asc", "Desc")),
        )
        return AsyncListing(self._sender, call, most=MEMBERS).walk(limit=limit, page_size=page_size)

    async def settings(self) -> models.GroupSettings:
        """How the group is set up.

        Raises:
            PermissionDenied: You may not see it.
        """
        return await self._sender.send(api.get_group_settings(group_id=self.id))

    async def update_settings(
        self,
        *,
        is_approval_required: bool | None = None,
        are_enemies_allowed: bool | None = None,
        are_group_funds_visible: bool | None = None,
        are_group_games_visible: bool | None = None,
        is_member_list_visible_to_public: bool | None = None,
        verification_level: int | None = None,
        account_tenure_requirement: int | None = None,
        slowmode: int | None = None,
    ) -> None:
        """Change how the group is set up; what is left out stays as it is.

        Args:
            is_approval_required: Whether those who want to join must ask.
            are_enemies_allowed: Whether other groups may be declared enemies.
            are_group_funds_visible: Whether everyone sees the group's funds.
            are_group_games_visible: Whether everyone sees the group's universes.
            is_member_list_visible_to_public: Whether everyone sees who is in it.
            verification_level: 0 to 3.
            account_tenure_requirement: 0 to 5.
            slowmode: 0 (none) to 3.

        Raises:
            ValueError, TypeError: Nothing is to be changed, or an argument is wrong;
                nothing was sent.
            PermissionDenied: You may not.
            AmbiguousOutcome: It may have been changed; `settings` tells.
        """
        call = api.update_group_settings(
            group_id=self.id,
            is_approval_required=is_approval_required,
            are_enemies_allowed=are_enemies_allowed,
            are_group_funds_visible=are_group_funds_visible,
            are_group_games_visible=are_group_games_visible,
            is_member_list_visible_to_public=is_member_list_visible_to_public,
            verification_level=_level("verification_level", verification_level, 3),
            account_tenure_requirement=_level(
                "account_tenure_requirement", account_tenure_requirement, 5
            ),
            slowmode=_level("slowmode", slowmode, 3),
        )
        if call.body == b"{}":
            raise ValueError("update_settings needs at least one setting to change")
        await self._sender.send(call)

    async def update_notification_preference(
        self, kind: models.GroupNotification | int, *, enabled: bool
    ) -> bool:
        """Choose whether **whoever the credential belongs to** hears of something in the group.

        Args:
            kind: Of what.
            enabled: Whether.

        Returns:
            Whether that changed anything.

        Raises:
            ValueError: There is no such kind.
            AmbiguousOutcome: It may have been changed.
        """
        changed = await self._sender.send(
            api.update_group_notification_preference(
                group_id=self.id,
                notifications_enabled=enabled,
                type=models.GroupNotification(kind),
            )
        )
        return changed != 0

    def forum_categories(
        self,
        *,
        archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.GroupForumCategory]:
        """The categories of the group's forum; `forum_category` gives what is in one.

        Args:
            archived: Ask for those that are archived.
            limit: At most so many.
            page_size: Fetched at a time, up to 10.
        """
        listing = forum_categories(self._sender, self.id, archived=archived)
        return listing.walk(limit=limit, page_size=page_size)

    def forum_category(self, category_id: str) -> AsyncForumCategory:
        """A category of the group's forum, by its id. Nothing is sent."""
        return AsyncForumCategory(self._sender, self.id, category_id)

    def _role(self, role_id: int) -> str:
        return f"groups/{self.id}/roles/{identifier('role_id', role_id)}"


def _level(name: str, level: int | None, most: int) -> int | None:
    return None if level is None else people.one_of(name, level, tuple(range(most + 1)))
