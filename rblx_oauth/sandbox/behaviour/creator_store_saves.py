"""What a user saved in the Creator Store; and what the store tells of a single asset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import get_args

import msgspec

from rblx_oauth.sandbox.assets import Asset, AssetShelf
from rblx_oauth.sandbox.behaviour.creator_store_items import creator_name, details_of, item
from rblx_oauth.sandbox.behaviour.creator_store_matching import Direction, Kind, hits, votes
from rblx_oauth.sandbox.behaviour.creator_store_shelf import StoreShelf, product_id
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_flag
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.state import State

__all__ = ["BEHAVIOURS"]

_DEFAULT, _MOST = 100, 500
_MOST_DELETED = 5000

_Save = tuple[Asset, float]
"""An asset, and when it was saved."""


class _Target(msgspec.Struct, rename="camel"):
    target_type: Kind
    target_id: int
    collection_name: str | None = None


class _Targets(msgspec.Struct):
    targets: list[_Target]


def _details(exchange: Exchange) -> object:
    state = exchange.state
    with state.lock:
        return item(state, _sold(state, exchange.arguments["asset_id"]))


def _sold(state: State, asset_id: str) -> Asset:
    """An asset that the store distributes.

    Raises:
        Refusal: 404, it does not.
    """
    asset = state.shelves.of(AssetShelf).get(asset_id, state.clock.now())
    if asset is None or not state.shelves.of(StoreShelf).sells(asset):
        raise Refusal.not_found("the store has no such asset")
    return asset


def _saves(exchange: Exchange) -> dict[str, float]:
    """When the caller saved what, by product."""
    saves = exchange.state.shelves.of(StoreShelf).saves
    return saves.setdefault(exchange.caller.user_id, {})


def _create(exchange: Exchange) -> object:
    target = json_body(exchange.request, _Target)
    _no_collection(target.collection_name)
    state = exchange.state
    with state.lock:
        asset, saves = _sold(state, str(target.target_id)), _saves(exchange)
        if asset.type != target.target_type:
            raise Refusal.not_found(f"the store has no such {target.target_type}")
        name = product_id(asset.type, asset.id)
        if name in saves:
            raise Refusal(409, "ALREADY_EXISTS", "it is saved already")
        saves[name] = state.clock.now()
    return {}


def _delete(exchange: Exchange) -> object:
    args = exchange.request.args
    _no_collection(args.get("collectionName"))
    _word(exchange, "targetType", get_args(Kind))
    with exchange.state.lock:
        if _saves(exchange).pop(product_id(args["targetType"], args["targetId"]), None) is None:
            raise Refusal.not_found("it is not saved")
    return {}


def _delete_many(exchange: Exchange) -> object:
    targets = json_body(exchange.request, _Targets).targets
    if not 1 <= len(targets) <= _MOST_DELETED:
        raise Refusal.invalid(f"there are 1 to {_MOST_DELETED} of them at once", "targets")
    with exchange.state.lock:
        saves = _saves(exchange)
        names = {product_id(each.target_type, str(each.target_id)) for each in targets}
        deleted = [name for name in names if saves.pop(name, None) is not None]
    return {"deletedCount": len(deleted)}


def _no_collection(name: str | None) -> None:
    if name:
        raise Refusal.invalid("there are no collections of one's own", "collectionName")


def _list(exchange: Exchange) -> object:
    args, state = exchange.request.args, exchange.state
    _no_collection(args.get("collectionName"))
    _word(exchange, "targetType", get_args(Kind))
    sort_by = _word(exchange, "sortBy", tuple(_BY)) or "DateSaved"
    direction = _word(exchange, "sortDirection", get_args(Direction)) or "None"
    if "targetId" in args and "targetType" not in args:
        raise Refusal.invalid("it is needed beside targetId", "targetType")
    size, number = int(args.get("limit") or _DEFAULT), int(args.get("page") or 1)
    if not 1 <= size <= _MOST:
        raise Refusal.invalid(f"it is from 1 to {_MOST}", "limit")
    if number < 1:
        raise Refusal.invalid("pages are counted from 1", "page")
    with state.lock:
        found = list(_found(exchange))
        # What was saved last comes first, unless it is said otherwise.
        last_first = direction == "None" and sort_by == "DateSaved"
        found.sort(
            key=lambda save: _BY[sort_by](state, save),
            reverse=direction == "Descending" or last_first,
        )
        return {
            "totalCount": len(found),
            "saves": [
                {
                    "owned": exchange.caller.may_act_as(asset.creator),
                    "dateSaved": rfc3339(saved),
                    "creatorStoreAsset": item(state, asset),
                }
                for asset, saved in found[(number - 1) * size : number * size]
            ],
        }


def _word(exchange: Exchange, name: str, words: tuple[str, ...]) -> str:
    """A parameter that is one of some words; empty where it lacks."""
    word = exchange.request.args.get(name, "")
    if word and word not in words:
        raise Refusal.invalid(f"it is one of {', '.join(words)}", name)
    return word


def _found(exchange: Exchange) -> Iterator[_Save]:
    args, state = exchange.request.args, exchange.state
    wanted = args.get("targetType"), args.get("targetId")
    words = (args.get("keyword") or "").split()
    hidden = query_flag(exchange.request, "hideOwnedAssets")
    shelf, assets = state.shelves.of(StoreShelf), state.shelves.of(AssetShelf)
    for name, saved in _saves(exchange).items():
        product = shelf.products.get(name)
        asset = product and assets.get(product.asset, state.clock.now())
        if (
            asset
            and wanted[0] in (None, asset.type)
            and wanted[1] in (None, asset.id)
            and hits(asset, details_of(state, asset), words) >= 0
            and not (hidden and exchange.caller.may_act_as(asset.creator))
        ):
            yield asset, saved


def _price(state: State, asset: Asset) -> int:
    return state.shelves.of(StoreShelf).products[product_id(asset.type, asset.id)].price


_BY: Mapping[str, Callable[[State, _Save], float | str]] = {
    "Creator": lambda state, save: creator_name(state, save[0].creator).lower(),
    "DateSaved": lambda _state, save: save[1],
    "LastModified": lambda _state, save: save[0].updated,
    "Name": lambda _state, save: save[0].display_name.lower(),
    "Price": lambda state, save: _price(state, save[0]),
    "Ratings": lambda state, save: votes(state, save[0]),
    "TargetType": lambda _state, save: save[0].type,
}

BEHAVIOURS = {
    "create_save": Behaviour(_create),
    "delete_save": Behaviour(_delete),
    "delete_saves": Behaviour(_delete_many),
    "get_creator_store_asset": Behaviour(_details),
    "list_saves": Behaviour(_list),
}
