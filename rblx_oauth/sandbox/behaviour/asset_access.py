"""Who may see an asset, and who may change it."""

from __future__ import annotations

from rblx_oauth.sandbox.assets import Asset, AssetShelf, Permission
from rblx_oauth.sandbox.behaviour.creator_store_shelf import StoreShelf
from rblx_oauth.sandbox.callers import Caller
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["changeable", "find", "visible"]


def find(exchange: Exchange, asset_id: str) -> Asset:
    """The asset of that id, whosever it is.

    Raises:
        Refusal: 404, there is none, or none yet.
    """
    state = exchange.state
    asset = state.shelves.of(AssetShelf).get(asset_id, state.clock.now())
    if asset is None:
        raise Refusal.not_found("there is no such asset")
    return asset


def visible(exchange: Exchange) -> Asset:
    """The asset of the path, which the caller made or may use.

    Raises:
        Refusal: 404, there is none; 403, it is somebody else's.
    """
    asset = find(exchange, exchange.arguments["asset_id"])
    public = asset.privacy == "openUse" or exchange.state.shelves.of(StoreShelf).sells(asset)
    return _let(exchange, asset, public=public, actions=("Use", "Edit", "Download"))


def changeable(exchange: Exchange) -> Asset:
    """The asset of the path, which the caller made or may edit.

    Raises:
        Refusal: 404, there is none; 403, it is somebody else's.
    """
    asset = find(exchange, exchange.arguments["asset_id"])
    return _let(exchange, asset, public=False, actions=("Edit",))


def _let(exchange: Exchange, asset: Asset, *, public: bool, actions: tuple[str, ...]) -> Asset:
    caller = exchange.caller
    if public or caller.may_act_as(asset.creator):
        return asset
    for permission in asset.permissions:
        if permission.action in actions and _reaches(permission, caller):
            return asset
    raise Refusal.denied(f"this credential was not granted creator {asset.creator}")


def _reaches(permission: Permission, caller: Caller) -> bool:
    if permission.subject_type == "User":
        return caller.may_act_as(f"U{permission.subject}")
    if permission.subject_type == "Group":
        return caller.may_act_as(f"G{permission.subject}")
    if permission.subject_type == "Universe":
        return caller.may_touch_universe(permission.subject)
    return permission.subject_type == "All"
