"""Groups and their roles, as Open Cloud v2 serves them."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour.groups_shelf import (
    GUEST,
    PERMISSIONS,
    Community,
    Role,
    community_of,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Creator, Exchange
from rblx_oauth.sandbox.listing import page
from rblx_oauth.sandbox.people import Group
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "group_and_community", "group_of", "its_creator"]

_ROLES_PAGE = 20
_ROLE_SCOPE = ("group:read",)


def group_of(exchange: Exchange) -> Group:
    """The group in the path.

    Raises:
        Refusal: 404, there is none.
    """
    group_id = exchange.arguments["group_id"]
    group = exchange.state.groups.get(group_id)
    if group is None:
        raise Refusal.not_found(f"there is no group {group_id}")
    return group


def its_creator(exchange: Exchange) -> Creator:
    """The group in the path, as a creator that the caller must have been let into."""
    return Creator(f"G{group_of(exchange).id}")


def group_and_community(exchange: Exchange) -> tuple[Group, Community]:
    """The group in the path and its inside; the state's lock must be held."""
    group = group_of(exchange)
    return group, community_of(exchange.state, group)


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        group, community = group_and_community(exchange)
        return {
            "path": f"groups/{group.id}",
            "createTime": rfc3339(group.created),
            "updateTime": rfc3339(community.updated),
            "id": group.id,
            "displayName": group.name,
            "description": group.description,
            "owner": f"users/{group.owner}",
            "memberCount": len(community.members),
            "publicEntryAllowed": not community.settings.is_approval_required,
            "locked": False,
            "verified": False,
        }


def _role_body(exchange: Exchange, group: Group, community: Community, role_id: str) -> object:
    role = community.roles[role_id]
    body: dict[str, object] = {
        "path": f"groups/{group.id}/roles/{role_id}",
        "id": role_id,
        "displayName": role.name,
        "rank": role.rank,
    }
    if role.rank > GUEST:
        body["memberCount"] = len(community.holders[role_id])
    scoped = not exchange.caller.missing_scopes(_ROLE_SCOPE)
    owner = scoped and exchange.caller.may_act_as(f"G{group.id}")
    if owner:
        body |= {
            "createTime": rfc3339(role.created),
            "updateTime": rfc3339(role.updated),
            "description": role.description,
        }
    holder = scoped and role_id in community.roles_of(exchange.caller.user_id)
    if owner or holder or role.rank == GUEST:
        body["permissions"] = _permissions(role)
    return body


def _permissions(role: Role) -> dict[str, bool]:
    return {name: name in role.permissions for name in PERMISSIONS}


def _list_roles(exchange: Exchange) -> object:
    with exchange.state.lock:
        group, community = group_and_community(exchange)
        return page(
            exchange,
            "groupRoles",
            community.ladder,
            lambda role_id: _role_body(exchange, group, community, role_id),
            most=_ROLES_PAGE,
        )


def _get_role(exchange: Exchange) -> object:
    with exchange.state.lock:
        group, community = group_and_community(exchange)
        role_id = exchange.arguments["role_id"]
        if role_id not in community.roles:
            raise Refusal.not_found(f"group {group.id} has no role {role_id}")
        return _role_body(exchange, group, community, role_id)


BEHAVIOURS = {
    "get_group": Behaviour(_get),
    "get_group_role": Behaviour(_get_role),
    "list_group_roles": Behaviour(_list_roles),
}
