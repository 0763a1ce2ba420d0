"""What is inside groups: roles, members, who asks to join, what is said, and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, ClassVar

import msgspec

from rblx_oauth.models import GroupRolePermissions
from rblx_oauth.sandbox.ids import Id
from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.people import BUILT, Group
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = [
    "GUEST",
    "OWNER",
    "PERMISSIONS",
    "AuditLine",
    "Community",
    "GroupShelf",
    "Member",
    "Role",
    "Settings",
    "Shout",
    "community_of",
]

GUEST, OWNER = 0, 255
"""The ranks of the roles that nobody can be given."""

PERMISSIONS = tuple(each.encode_name for each in msgspec.structs.fields(GroupRolePermissions))
"""What a role may permit, in Roblox's words."""

_GUESTS = ("viewWallPosts", "viewGroupShout", "viewForums")
_MEMBERS = (*_GUESTS, "createPosts", "createComments")


class Role(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role of a group; its id is where it is kept. Times are in seconds since the epoch."""

    name: str
    rank: Annotated[int, msgspec.Meta(ge=GUEST, le=OWNER)]
    description: str = ""
    permissions: tuple[str, ...] = ()
    created: float = BUILT
    updated: float = BUILT


class Member(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody in a group, with the ids of their roles; without any, it is the lowest one."""

    roles: list[str] = []
    joined: float = BUILT
    updated: float = BUILT


class Shout(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a group tells its members."""

    body: str
    poster: Id
    created: float = BUILT
    updated: float = BUILT


class Settings(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How a group is set up, in Roblox's words."""

    is_approval_required: bool = True
    is_builders_club_required: bool = False
    are_enemies_allowed: bool = False
    are_group_funds_visible: bool = False
    are_group_games_visible: bool = True
    is_group_name_change_enabled: bool = False
    verification_level: int = 0
    account_tenure_requirement: int = 0
    slowmode: int = 0
    is_member_list_visible_to_public: bool = True
    is_auto_assign_role_disabled: bool = False


class AuditLine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that was done: by whom, in which role (its id), to what."""

    actor: Id
    role: Id
    action: str
    about: dict[str, object] = {}
    at: float = BUILT


class Community(msgspec.Struct, kw_only=True, dict=True, forbid_unknown_fields=True):
    """The inside of one group.

    Attributes:
        updated: When anything of it changed last.
        roles: By id.
        members: By the user's id.
        join_requests: Since when users ask to join, by their ids.
        shout: The last one.
        settings: How it is set up.
        audit: What was done, oldest first.
        preferences: Of what a user wants to hear: by their id, and by kind of notification.
    """

    updated: float = BUILT
    roles: dict[Id, Role] = {}
    members: dict[Id, Member] = {}
    join_requests: dict[Id, float] = {}
    shout: Shout | None = None
    settings: Settings = msgspec.field(default_factory=Settings)
    audit: list[AuditLine] = []
    preferences: dict[str, dict[str, bool]] = {}

    @cached_property
    def ladder(self) -> list[str]:
        """The ids of the roles, by rank."""
        return sorted(self.roles, key=lambda each: (self.roles[each].rank, int(each)))

    @cached_property
    def order(self) -> Index[int]:
        """Who is in it, by id."""
        return Index(map(int, self.members))

    @cached_property
    def askers(self) -> Index[int]:
        """Who asks to join, by id."""
        return Index(map(int, self.join_requests))

    @cached_property
    def holders(self) -> dict[str, Index[int]]:
        """Who holds each role."""
        found: dict[str, list[int]] = {role: [] for role in self.roles}
        for user in self.members:
            for role in self.roles_of(user):
                found[role].append(int(user))
        return {role: Index(users) for role, users in found.items()}

    @cached_property
    def journal(self) -> Journal[AuditLine]:
        """What was done, by kind and by who did it."""
        return Journal(self.audit, lambda line: (line.action, line.actor))

    @property
    def base(self) -> str:
        """The role of those who have just joined."""
        return next(role for role in self.ladder if self.roles[role].rank > GUEST)

    def roles_of(self, user: str) -> list[str]:
        """The ids of somebody's roles, the highest first; a guest's, if they are no member."""
        member = self.members.get(user)
        if member is None:
            return self.ladder[:1]
        known = [role for role in member.roles if role in self.roles]
        return sorted(known, key=self.ladder.index, reverse=True) or [self.base]

    def admit(self, user: str, now: float) -> None:
        """Let somebody in."""
        order, holders = self.order, self.holders  # as they are before
        self.members[user] = Member(joined=now, updated=now)
        order.add(int(user))
        holders[self.base].add(int(user))

    def answer(self, user: str) -> None:
        """Take away somebody's request to join."""
        self.askers.discard(int(user))
        del self.join_requests[user]

    def change_roles(self, user: str, roles: Iterable[str], now: float) -> None:
        """Give a member other roles than they have."""
        for role in self.roles_of(user):
            self.holders[role].discard(int(user))
        member = self.members[user]
        member.roles, member.updated = list(roles), now
        for role in self.roles_of(user):
            self.holders[role].add(int(user))

    def write_down(self, actor: str, action: str, about: dict[str, object], now: float) -> None:
        """Add a line to the audit log."""
        self.updated = now
        role = self.roles_of(actor)[0]
        self.journal.add(AuditLine(actor=actor, role=role, action=action, about=about, at=now))


class GroupShelf(Shelf):
    """The inside of every group, by its id."""

    section: ClassVar[str] = "communities"

    by_group: dict[str, Community] = {}


def community_of(state: State, group: Group) -> Community:
    """The inside of a group; what every group has is put in where a seed has not said it."""
    kept = state.shelves.of(GroupShelf).by_group
    found = kept.get(group.id)
    if found is None:
        found = kept[group.id] = Community(updated=group.created)
    _complete(state, group, found)
    return found


def _complete(state: State, group: Group, community: Community) -> None:
    ranks = {role.rank for role in community.roles.values()}
    for name, rank, permissions in (
        ("Guest", GUEST, _GUESTS),
        ("Member", 1, _MEMBERS),
        ("Owner", OWNER, PERMISSIONS),
    ):
        # Any role between guests and the owner will do for members.
        if rank not in ranks and (rank in (GUEST, OWNER) or not ranks - {GUEST, OWNER}):
            made = Role(
                name=name,
                rank=rank,
                permissions=permissions,
                created=group.created,
                updated=group.created,
            )
            community.roles[str(state.ids.number("role"))] = made
            vars(community).clear()  # what was found out about fewer roles
    if community.ladder[-1] not in community.roles_of(group.owner):
        owner = community.members.setdefault(group.owner, Member(joined=group.created))
        owner.roles.append(community.ladder[-1])
        vars(community).clear()
