"""Who is in a group, in which roles, and who asks to be let in."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from rblx_oauth.sandbox.behaviour.groups import group_and_community, group_of, its_creator
from rblx_oauth.sandbox.behaviour.groups_shelf import GUEST, OWNER, Community, community_of
from rblx_oauth.sandbox.cel import read_filter
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import key_page, page
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.people import Group
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_ALL_GROUPS = "-"
_MEMBERS_PAGE = 100
_REQUESTS_PAGE = 20
_MOST_USERS = 50
_USER = re.compile(r"users/([0-9]{1,19})")
_ROLE = re.compile(r"groups/([0-9]{1,19})/roles/([0-9]{1,19})")


class _RoleBody(msgspec.Struct):
    role: str


def _filter(exchange: Exchange, allowed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return read_filter(exchange.request.args.get("filter", ""), allowed)


def _users(values: tuple[str, ...]) -> list[int]:
    found = [_USER.fullmatch(value) for value in values]
    if not 1 <= len(found) <= _MOST_USERS or not all(found):
        raise Refusal.invalid(f"the filter names 1 to {_MOST_USERS} users, such as 'users/1'")
    return sorted({int(match[1]) for match in found if match})


def _member_body(group: Group, community: Community, user: str) -> object:
    member, paths = community.members[user], f"groups/{group.id}"
    roles = [f"{paths}/roles/{role}" for role in community.roles_of(user)]
    # Roblox's membership ids are users' ids in other clothes, and it takes either.
    membership = base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")
    return {
        "path": f"{paths}/memberships/{membership}",
        "createTime": rfc3339(member.joined),
        "updateTime": rfc3339(max(member.joined, member.updated)),
        "user": f"users/{user}",
        "role": roles[0],
        "roles": roles,
    }


def _list_members(exchange: Exchange) -> object:
    with exchange.state.lock:
        if exchange.arguments["group_id"] == _ALL_GROUPS:
            return _list_in_all_groups(exchange)
        group, community = group_and_community(exchange)
        visible = community.settings.is_member_list_visible_to_public
        if not visible and not exchange.caller.may_act_as(f"G{group.id}"):
            raise Refusal.denied(f"group {group.id} does not show who is in it")
        wanted = _filter(exchange, {"user": "== in", "role": "=="})
        if len(wanted) > 1:
            raise Refusal.invalid("members are found by user or by role, not by both")

        def walk(after: int | None) -> Iterator[int]:
            if "user" in wanted:
                named = (user for user in _users(wanted["user"]) if after is None or user > after)
                return (user for user in named if str(user) in community.members)
            if "role" in wanted:
                return community.holders[_role_of(group, community, *wanted["role"])].walk(
                    after=after
                )
            return community.order.walk(after=after)

        return key_page(
            exchange,
            "groupMemberships",
            walk,
            lambda user: _member_body(group, community, str(user)),
            most=_MEMBERS_PAGE,
        )


def _list_in_all_groups(exchange: Exchange) -> object:
    wanted = _filter(exchange, {"user": "== in"})
    if not wanted:
        raise Refusal.invalid("over all groups, members must be filtered by user", "filter")
    users = [str(user) for user in _users(wanted["user"])]
    inside = ((group, community_of(exchange.state, group)) for group in _groups(exchange))
    return page(
        exchange,
        "groupMemberships",
        (
            (group, community, user)
            for group, community in inside
            for user in users
            if user in community.members
        ),
        lambda found: _member_body(*found),
        most=_MEMBERS_PAGE,
    )


def _groups(exchange: Exchange) -> list[Group]:
    return sorted(exchange.state.groups.values(), key=lambda group: int(group.id))


def _role_of(group: Group, community: Community, path: str) -> str:
    """The id in a role's path.

    Raises:
        Refusal: 400, it is none of this group; 404, there is no such role.
    """
    match = _ROLE.fullmatch(path)
    if match is None or match[1] != group.id:
        raise Refusal.invalid(f"a role of this group looks like groups/{group.id}/roles/1")
    if match[2] not in community.roles:
        raise Refusal.not_found(f"group {group.id} has no role {match[2]}")
    return match[2]


def _change(exchange: Exchange, action: str) -> object:
    """Change the roles of the member in the path."""
    path = json_body(exchange.request, _RoleBody).role
    state = exchange.state
    with state.lock:
        group, community = group_and_community(exchange)
        user = _member_of(exchange, community)
        role = _role_of(group, community, path)
        if community.roles[role].rank in (GUEST, OWNER):
            raise Refusal.invalid("nobody can be given, or lose, the roles of guests and owner")
        if user in (exchange.caller.user_id, group.owner):
            raise Refusal.denied("neither your own roles nor the owner's can be changed")
        held = community.roles_of(user)
        roles = _CHANGES[action](held, role)
        if not roles and role == community.base:
            raise Refusal.invalid("the lowest role is what a member has without any other")
        if roles != held:
            community.change_roles(user, roles, state.clock.now())
            about = _about(exchange, user) | _told(community, action, held[0], role)
            community.write_down(exchange.caller.user_id, action, about, state.clock.now())
        return _member_body(group, community, user)


_CHANGES: Mapping[str, Callable[[list[str], str], list[str]]] = {
    "ChangeRank": lambda held, role: [role],  # noqa: ARG005
    "AssignRole": lambda held, role: held if role in held else [*held, role],
    "UnassignRole": lambda held, role: [each for each in held if each != role],
}


def _told(community: Community, action: str, old: str, new: str) -> dict[str, object]:
    name = community.roles[new].name
    if action != "ChangeRank":
        return {"RoleSetId": int(new), "RoleSetName": name}
    return {
        "OldRoleSetId": int(old),
        "OldRoleSetName": community.roles[old].name,
        "NewRoleSetId": int(new),
        "NewRoleSetName": name,
    }


def _about(exchange: Exchange, user: str) -> dict[str, object]:
    known = exchange.state.users.get(user)
    return {"TargetId": int(user), "TargetName": known.name if known else ""}


def _member_of(exchange: Exchange, community: Community) -> str:
    membership = exchange.arguments["membership_id"]
    user = membership
    if not membership.isdigit():
        try:
            user = base64.urlsafe_b64decode(membership + "=" * (-len(membership) % 4)).decode()
        except ValueError:
            user = ""
    if user not in community.members:
        raise Refusal.not_found("there is no such member")
    return user


def _list_requests(exchange: Exchange) -> object:
    with exchange.state.lock:
        group, community = group_and_community(exchange)
        wanted = _filter(exchange, {"user": "=="})

        def walk(after: int | None) -> Iterator[int]:
            if not wanted:
                return community.askers.walk(after=after)
            named = (user for user in _users(wanted["user"]) if after is None or user > after)
            return (user for user in named if str(user) in community.join_requests)

        return key_page(
            exchange,
            "groupJoinRequests",
            walk,
            lambda user: {
                "path": f"groups/{group.id}/join-requests/{user}",
                "createTime": rfc3339(community.join_requests[str(user)]),
                "user": f"users/{user}",
            },
            most=_REQUESTS_PAGE,
        )


def _answer_request(exchange: Exchange, action: str) -> object:
    state = exchange.state
    with state.lock:
        community = community_of(state, group_of(exchange))
        user = exchange.arguments["join_request_id"]
        if user not in community.join_requests:
            raise Refusal.not_found("there is no such request to join")
        community.answer(user)
        if action == "AcceptJoinRequest" and user not in community.members:
            community.admit(user, state.clock.now())
        about = _about(exchange, user)
        community.write_down(exchange.caller.user_id, action, about, state.clock.now())
    return {}


BEHAVIOURS = {
    "accept_group_join_request": Behaviour(
        lambda exchange: _answer_request(exchange, "AcceptJoinRequest"), its_creator
    ),
    "assign_group_role": Behaviour(lambda exchange: _change(exchange, "AssignRole"), its_creator),
    "decline_group_join_request": Behaviour(
        lambda exchange: _answer_request(exchange, "DeclineJoinRequest"), its_creator
    ),
    "list_group_join_requests": Behaviour(_list_requests, its_creator),
    "list_group_memberships": Behaviour(_list_members),
    "unassign_group_role": Behaviour(
        lambda exchange: _change(exchange, "UnassignRole"), its_creator
    ),
    "update_group_membership": Behaviour(
        lambda exchange: _change(exchange, "ChangeRank"), its_creator
    ),
}
