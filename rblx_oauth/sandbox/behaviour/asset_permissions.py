"""Letting others use assets, many at once: each is granted or has an error of its own."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from rblx_oauth.sandbox.assets import Asset, AssetShelf, Permission
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import Int64, json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_SOME = ("User", "Group", "Universe")
_ANY = ("All", *_SOME)
# Who may be granted what, by the type of the asset.
_ALLOWED: dict[str, dict[str, tuple[str, ...]]] = {
    "Animation": {"Use": _SOME},
    "Audio": {"Use": _SOME},
    "Decal": {"Use": _ANY},
    "Image": {"Use": _ANY},
    "Mesh": {"Use": _ANY},
    "MeshPart": {"Use": _SOME},
    "Model": {"Use": _SOME, "Edit": ("User",)},
    "Place": {"Download": ("All",), "CopyFromRcc": ("Universe",), "UpdateFromRcc": ("Universe",)},
    "Video": {"Use": _SOME},
}
_ACTIONS = {action for each in _ALLOWED.values() for action in each}
_SUBJECTS = {*_ANY, "GroupRoleset"}


class _Request(msgspec.Struct, rename="camel"):
    asset_id: Int64
    grant_to_dependencies: bool | None = None
    parent_version_number: Int64 | None = None


class _Body(msgspec.Struct, rename="camel"):
    subject_type: str
    action: str
    subject_id: str | None = None
    requests: list[_Request] | None = None
    asset_ids: list[Int64] | None = None


def _grant(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Body)
    wanted = Permission(
        subject_type=body.subject_type, subject=body.subject_id or "", action=body.action
    )
    requests = body.requests or [_Request(asset_id=each) for each in body.asset_ids or ()]
    if not requests:
        raise Refusal.invalid("requests needs at least one asset", "InvalidRequest")
    granted: list[int] = []
    errors: list[dict[str, object]] = []
    with exchange.state.lock:
        _check_subject(exchange, wanted)
        for request in requests:
            code = _grant_one(exchange, request, wanted)
            if code:
                errors.append({"assetId": request.asset_id, "code": code})
            else:
                granted.append(request.asset_id)
    return {"successAssetIds": granted, "errors": errors}


def _check_subject(exchange: Exchange, wanted: Permission) -> None:
    """400 or 403 where nothing can be granted, of whatever asset."""
    kind, subject, state = wanted.subject_type, wanted.subject, exchange.state
    if kind not in _SUBJECTS or wanted.action not in _ACTIONS:
        raise Refusal.invalid("subjectType or action is none of its words", "InvalidRequest")
    if (kind == "All") == bool(subject):
        raise Refusal.invalid("subjectId is needed, except for All", "InvalidRequest")
    known: dict[str, Collection[str]] = {
        "User": state.users,
        "Group": state.groups,
        "Universe": state.universes,
    }
    if kind in known and subject not in known[kind]:
        raise Refusal.invalid(f"there is no {kind} {subject}", "SubjectNotFound")
    if kind == "Universe" and not exchange.caller.may_touch_universe(subject):
        said = f"this credential may not manage universe {subject}"
        raise Refusal.denied(said, "CannotManageSubject")


def _grant_one(exchange: Exchange, request: _Request, wanted: Permission) -> str:
    """Grant it; the code of what is in the way, or an empty string."""
    state = exchange.state
    now = state.clock.now()
    asset = state.shelves.of(AssetShelf).get(str(request.asset_id), now)
    if asset is None:
        return "AssetNotFound"
    if not exchange.caller.may_act_as(asset.creator):
        return "CannotManageAsset"
    if wanted.subject_type not in _ALLOWED.get(asset.type, {}).get(wanted.action, ()):
        return "AssetTypeNotEnabled"
    if asset.privacy == "openUse":
        return "PublicAssetCannotBeGrantedTo"
    number = request.parent_version_number
    if number is not None and asset.version(str(number), now) is None:
        return "InvalidRequest"
    _add(asset, wanted)
    return ""


def _add(asset: Asset, permission: Permission) -> None:
    if permission not in asset.permissions:
        asset.permissions = [*asset.permissions, permission]


BEHAVIOURS = {"grant_asset_permissions": Behaviour(_grant)}
