"""Reading users, and having pictures of their avatars made."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.drawing import avatar_path
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.people import User
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "UserThumbnail", "UserThumbnailShelf"]

_SIZE = "420"
_RESPONSE = "type.googleapis.com/roblox.open_cloud.cloud.v2.GenerateUserThumbnailResponse"


class UserThumbnail(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A picture that is being drawn: of whom, where it will be, and from when on."""

    user: str
    path: str
    ready_at: float


class UserThumbnailShelf(Shelf):
    """Those pictures, by the operation that makes them."""

    section: ClassVar[str] = "user_thumbnails"

    operations: dict[str, UserThumbnail] = {}


def _user(exchange: Exchange) -> User:
    user = exchange.state.users.get(exchange.arguments["user_id"])
    if user is None:
        raise Refusal.not_found(f"there is no user {exchange.arguments['user_id']}")
    return user


def _get(exchange: Exchange) -> object:
    user = _user(exchange)
    body: dict[str, object] = {
        "path": f"users/{user.id}",
        "createTime": rfc3339(user.created),
        "id": user.id,
        "name": user.name,
        "displayName": user.display_name,
        "about": user.about,
        "locale": "en-US",
    }
    if not exchange.caller.missing_scopes(("user.advanced:read",)):
        body |= {"premium": False, "idVerified": user.id_verified}
    if not exchange.caller.missing_scopes(("user.social:read",)):
        body["socialNetworkProfiles"] = {"visibility": "NO_ONE"}
    return body


def _draw(exchange: Exchange) -> object:
    user, query, state = _user(exchange), exchange.request.args, exchange.state
    made = UserThumbnail(
        user=user.id,
        path=avatar_path(
            user.id,
            size=int(query.get("size") or _SIZE),
            is_jpeg=query.get("format") == "JPEG",
            is_round=query.get("shape") != "SQUARE",
        ),
        ready_at=state.clock.now() + state.settings.operation_seconds,
    )
    with state.lock:
        operation_id = state.ids.uuid("user_thumbnail")
        state.shelves.of(UserThumbnailShelf).operations[operation_id] = made
    return _operation_body(exchange, operation_id, made)


def _get_operation(exchange: Exchange) -> object:
    operation_id, user = exchange.arguments["operation_id"], exchange.arguments["user_id"]
    found = exchange.state.shelves.of(UserThumbnailShelf).operations.get(operation_id)
    if found is None or found.user != user:
        raise Refusal.not_found("there is no such operation")
    return _operation_body(exchange, operation_id, found)


def _operation_body(exchange: Exchange, operation_id: str, made: UserThumbnail) -> object:
    body: dict[str, object] = {"path": f"users/{made.user}/operations/{operation_id}"}
    if exchange.state.clock.now() < made.ready_at:
        return body | {"done": False}
    uri = exchange.request.host_url.rstrip("/") + made.path
    return body | {"done": True, "response": {"@type": _RESPONSE, "imageUri": uri}}


BEHAVIOURS = {
    "generate_user_thumbnail": Behaviour(_draw),
    "get_user": Behaviour(_get),
    "get_user_thumbnail_operation": Behaviour(_get_operation),
}
