"""What the older groups API does: shout, description, settings, audit log, whose groups."""

from __future__ import annotations

from typing import Annotated

import msgspec

from rblx_oauth.sandbox.behaviour.groups_shelf import (
    GUEST,
    AuditLine,
    Community,
    GroupShelf,
    Shout,
    community_of,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Creator, Exchange
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.parsing import Int64, json_body
from rblx_oauth.sandbox.people import Group
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_DESCRIPTION_LENGTH = 1000
_MOST_IDS = 100
_AUDIT_PAGE = 10

# Roblox's own numbers of what is wrong.
_NO_GROUP, _TOO_MANY, _NOT_THE_SHOUTER, _NO_SHOUT = "1", "1", "6", "7"
_TOO_LONG, _NOT_ALLOWED, _NO_DESCRIPTION = "18", "23", "29"

_UNCHANGED, _CREATED, _UPDATED = 0, 1, 3


class _Shout(msgspec.Struct):
    message: str = ""


class _Description(msgspec.Struct):
    description: str = ""


class _Policies(msgspec.Struct, rename="camel"):
    group_ids: list[Int64]


class _Preference(msgspec.Struct, rename="camel"):
    notifications_enabled: bool
    type: Annotated[int, msgspec.Meta(ge=0, le=4)] = 0


class _Changes(msgspec.Struct, rename="camel"):
    is_approval_required: bool | None = None
    are_enemies_allowed: bool | None = None
    are_group_funds_visible: bool | None = None
    are_group_games_visible: bool | None = None
    verification_level: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    account_tenure_requirement: Annotated[int, msgspec.Meta(ge=0, le=5)] | None = None
    slowmode: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    is_member_list_visible_to_public: bool | None = None


def _group(exchange: Exchange) -> Group:
    group_id = exchange.arguments["group_id"]
    group = exchange.state.groups.get(group_id)
    if group is None:
        raise Refusal.invalid(f"there is no group {group_id}", _NO_GROUP)
    return group


def _managed(exchange: Exchange, number: str = _NOT_ALLOWED) -> Creator:
    creator = Creator(f"G{_group(exchange).id}")
    if not exchange.caller.may_act_as(creator.id):
        raise Refusal.denied(f"this credential was not granted group {creator.id[1:]}", number)
    return creator


def _user_body(exchange: Exchange, user: str) -> dict[str, object]:
    known = exchange.state.users.get(user)
    return {
        "buildersClubMembershipType": 0,
        "hasVerifiedBadge": False,
        "userId": int(user),
        "username": known.name if known else "",
        "displayName": known.display_name if known else "",
    }


def _shout_body(exchange: Exchange, shout: Shout) -> dict[str, object]:
    return {
        "body": shout.body,
        "poster": _user_body(exchange, shout.poster),
        "created": rfc3339(shout.created),
        "updated": rfc3339(shout.updated),
    }


def _shout(exchange: Exchange) -> object:
    message = json_body(exchange.request, _Shout).message
    if not message.strip():
        raise Refusal.invalid("message must not be empty", _NO_SHOUT)
    state, actor = exchange.state, exchange.caller.user_id
    with state.lock:
        community, now = community_of(state, _group(exchange)), state.clock.now()
        community.shout = Shout(body=message, poster=actor, created=now, updated=now)
        community.write_down(actor, "PostStatus", {"Text": message}, now)
        return _shout_body(exchange, community.shout)


def _describe(exchange: Exchange) -> object:
    text = json_body(exchange.request, _Description).description
    if not text.strip():
        raise Refusal.invalid("description must not be empty", _NO_DESCRIPTION)
    if len(text) > _DESCRIPTION_LENGTH:
        raise Refusal.denied(
            f"description has {_DESCRIPTION_LENGTH} characters at most, not {len(text)}", _TOO_LONG
        )
    state = exchange.state
    with state.lock:
        group = _group(exchange)
        state.groups[group.id] = msgspec.structs.replace(group, description=text)
        community_of(state, group).write_down(
            exchange.caller.user_id,
            "ChangeDescription",
            {"NewDescription": text},
            state.clock.now(),
        )
    return {"newDescription": text}


def _get_settings(exchange: Exchange) -> object:
    with exchange.state.lock:
        settings = community_of(exchange.state, _group(exchange)).settings
        return msgspec.structs.replace(settings)


def _update_settings(exchange: Exchange) -> object:
    wanted = json_body(exchange.request, _Changes)
    changes = {
        field.name: value
        for field in msgspec.structs.fields(_Changes)
        if (value := getattr(wanted, field.name)) is not None
    }
    state = exchange.state
    with state.lock:
        community = community_of(state, _group(exchange))
        changed = msgspec.structs.replace(community.settings, **changes)
        if changed != community.settings:
            community.settings = changed
            told = {name.title().replace("_", ""): value for name, value in changes.items()}
            community.write_down(
                exchange.caller.user_id, "UpdateGroupSecuritySettings", told, state.clock.now()
            )
    return {}


def _prefer(exchange: Exchange) -> object:
    wanted = json_body(exchange.request, _Preference)
    with exchange.state.lock:
        community = community_of(exchange.state, _group(exchange))
        mine = community.preferences.setdefault(exchange.caller.user_id, {})
        before = mine.get(str(wanted.type))
        mine[str(wanted.type)] = wanted.notifications_enabled
    if before is None:
        return _CREATED
    return _UNCHANGED if before == wanted.notifications_enabled else _UPDATED


def _line_body(exchange: Exchange, community: Community, line: AuditLine) -> object:
    body: dict[str, object] = {
        "actor": {"user": _user_body(exchange, line.actor)},
        # It is filtered by as one word, and written as several.
        "actionType": "".join(f" {each}" if each.isupper() else each for each in line.action)[1:],
        "description": line.about,
        "created": rfc3339(line.at),
    }
    role = community.roles.get(line.role)
    if role is not None:
        body["actor"] = {
            "user": _user_body(exchange, line.actor),
            "role": {
                "id": int(line.role),
                "name": role.name,
                "rank": role.rank,
                "memberCount": len(community.holders[line.role]) if role.rank > GUEST else 0,
                "isBase": line.role == community.base,
            },
        }
    return body


def _audit(exchange: Exchange) -> object:
    query = exchange.request.args
    about = (query.get("actionType", ""), query.get("userId", ""))
    size = int(query.get("limit") or _AUDIT_PAGE)
    with exchange.state.lock:
        community = community_of(exchange.state, _group(exchange))
        # Roblox's ascending order goes back in time.
        lines = community.journal.page(
            about,
            begin(exchange, "cursor"),
            size,
            newest_first=query.get("sortOrder", "Asc") == "Asc",
        )
        answer: dict[str, object] = {
            "data": [_line_body(exchange, community, line) for line in lines.found]
        }
    for member, at in (
        ("previousPageCursor", lines.preceding),
        ("nextPageCursor", lines.following),
    ):
        if at is not None:
            answer[member] = write_page_token((str(at),), *asked(exchange))
    return answer


def _policies(exchange: Exchange) -> object:
    ids = json_body(exchange.request, _Policies).group_ids
    if len(ids) > _MOST_IDS:
        raise Refusal.invalid(f"groupIds takes {_MOST_IDS} ids at most", _TOO_MANY)
    known = exchange.state.groups
    return {"groups": [{"canViewGroup": str(each) in known, "groupId": each} for each in ids]}


def _manageable(exchange: Exchange) -> object:
    mine = exchange.state.groups_of(exchange.caller.user_id)
    return {
        "data": [
            {"id": int(group.id), "name": group.name}
            for group in mine
            if exchange.caller.may_act_as(f"G{group.id}")
        ]
    }


def _pending(exchange: Exchange) -> object:
    state, user = exchange.state, exchange.caller.user_id
    with state.lock:
        kept = state.shelves.of(GroupShelf).by_group
        asked_for = [each for each, inside in kept.items() if user in inside.join_requests]
        groups = [state.groups[each] for each in asked_for if each in state.groups]
        return {"data": [_detail(exchange, group) for group in groups]}


def _detail(exchange: Exchange, group: Group) -> object:
    community = community_of(exchange.state, group)
    body: dict[str, object] = {
        "id": int(group.id),
        "name": group.name,
        "description": group.description,
        "owner": _user_body(exchange, group.owner),
        "memberCount": len(community.members),
        "isBuildersClubOnly": False,
        "publicEntryAllowed": not community.settings.is_approval_required,
        "isLocked": False,
        "hasVerifiedBadge": False,
        "hasSocialModules": True,
    }
    if community.shout:
        body["shout"] = _shout_body(exchange, community.shout)
    return body


def _shouter(exchange: Exchange) -> Creator:
    return _managed(exchange, _NOT_THE_SHOUTER)


BEHAVIOURS = {
    "get_group_policies": Behaviour(_policies),
    "get_group_settings": Behaviour(_get_settings, _managed),
    "list_group_audit_log": Behaviour(_audit, _managed),
    "list_manageable_groups": Behaviour(_manageable),
    "list_pending_groups": Behaviour(_pending),
    "update_group_description": Behaviour(_describe, _managed),
    "update_group_notification_preference": Behaviour(_prefer),
    "update_group_settings": Behaviour(_update_settings, _managed),
    "update_group_shout": Behaviour(_shout, _shouter),
}
