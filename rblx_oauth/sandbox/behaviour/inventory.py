"""Listing what users own, through the filters of inventories."""

from __future__ import annotations

import base64
from typing import NamedTuple

from rblx_oauth.models import InventoryItemAssetType
from rblx_oauth.sandbox.behaviour.inventory_shelf import (
    KINDS,
    Collectible,
    Inventory,
    InventoryShelf,
    Item,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import asked, page, page_size
from rblx_oauth.sandbox.paging import Page
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 100
_LOOKED_AT = 20_000  # so that only the largest of inventories give pages that are not full
_SCOPE = ("user.inventory-item:read",)
_PURCHASED_PLACE = "PURCHASED_PLACE"
_ASSET_TYPES = {each.value for each in InventoryItemAssetType}

_FLAGS = {"badges": "badge", "gamePasses": "gamePass", "privateServers": "privateServer"}
_ONLY, _TYPES = "onlyCollectibles", "inventoryItemAssetTypes"
_IDS = {f"{kind}Ids": kind for kind in KINDS}
_WORDS = dict(
    zip(KINDS, ("USER_ASSET_ID", "BADGE_ID", "GAME_PASS_ID", "PRIVATE_SERVER_ID"), strict=True)
)


class _Wanted(NamedTuple):
    """What a filter asks for: kinds but assets, types of assets, or ids by kind."""

    kinds: frozenset[str] = frozenset(KINDS)
    types: frozenset[str] = frozenset({"*"})
    limited: bool = False
    ids: dict[str, tuple[str, ...]] = {}

    def fits(self, item: Item, owner: bool) -> bool:
        """Whether an item is asked for, and may be shown."""
        if item.copy is None:
            shown = owner or item.kind != "privateServer"
            return shown and item.kind in self.kinds and not self.limited
        if self.limited and item.copy.collectible is None:
            return False
        shown = owner or item.copy.type != _PURCHASED_PLACE
        return shown and ("*" in self.types or item.copy.type in self.types)

    def private(self) -> bool:
        """Whether it asks for what only the user may see."""
        return (
            "privateServer" in self.ids
            or _PURCHASED_PLACE in self.types
            or ("privateServer" in self.kinds)
        )


def _list(exchange: Exchange) -> object:
    user, caller = exchange.arguments["user_id"], exchange.caller
    owner = caller.user_id == user and not caller.missing_scopes(_SCOPE)
    with exchange.state.lock:
        if user not in exchange.state.users:
            raise Refusal.not_found(f"there is no user {user}")
        inventory = exchange.state.shelves.of(InventoryShelf).by_user.get(user, Inventory())
        if not (inventory.visible or owner):
            raise Refusal.denied(f"user {user} does not show their inventory to everyone")
        wanted = _Wanted()
        if text := exchange.request.args.get("filter", ""):
            wanted = _read(text)
            if wanted.private() and not owner:
                raise Refusal.denied(
                    f"the filter needs the user's own credential, with {_SCOPE[0]}"
                )
        if not wanted.ids:
            return _walked(exchange, inventory, wanted, owner)
        named = (item for kind, ids in wanted.ids.items() for item in inventory.items(kind, ids))
        return page(exchange, "inventoryItems", named, lambda item: _body(user, item), most=_PAGE)


def _walked(
    exchange: Exchange, inventory: Inventory, wanted: _Wanted, owner: bool
) -> dict[str, object]:
    token, user = exchange.request.args.get("pageToken", ""), exchange.arguments["user_id"]
    size = page_size(exchange, _PAGE)
    filled = Page(token, 2, asked(exchange), size=size, look=_LOOKED_AT)
    after = (0, -1)
    if filled.after is not None:
        try:
            after = (int(filled.after[0]), int(filled.after[1]))
        except ValueError:
            raise Refusal.invalid("pageToken is not one that a listing gave") from None
    filled.fill(
        (
            (str(thing), str(copy)),
            _body(user, item) if wanted.fits(item, owner) else None,
        )
        for (thing, copy), item in inventory.walk(after)
    )
    return filled.answer("inventoryItems")


def _read(text: str) -> _Wanted:
    """What a filter says: fields and their values, by semicolons.

    Raises:
        Refusal: 400, it is not a filter of inventories, or asks for kinds and for ids.
    """
    said: dict[str, str] = {}
    for term in text.split(";"):
        field, _, value = term.strip().partition("=")
        if not value or field in said or field not in (*_FLAGS, _ONLY, _TYPES, *_IDS):
            raise _wrong("is field=value;field=a,b, with fields of an inventory, each once at most")
        said[field] = value
    named = {field: said[field].split(",") for field in _IDS if field in said}
    if named and len(named) < len(said):
        raise _wrong("asks for kinds of items or for ids, not for both")
    if not all(each.isascii() and each.isdigit() for ids in named.values() for each in ids):
        raise _wrong("has ids in digits, with commas between")
    types = frozenset(said.get(_TYPES, "").split(",")) - {""}
    if not types <= _ASSET_TYPES | {"*"}:
        raise _wrong(f"has types of assets in {_TYPES}, or *")
    flags = {field: said[field].lower() for field in (*_FLAGS, _ONLY) if field in said}
    if not set(flags.values()) <= {"true", "false"}:
        raise _wrong("says true or false of kinds")
    return _Wanted(
        frozenset(kind for field, kind in _FLAGS.items() if flags.get(field) == "true"),
        types,
        flags.get(_ONLY) == "true",
        {_IDS[field]: tuple(dict.fromkeys(ids)) for field, ids in named.items()},
    )


def _wrong(what: str) -> Refusal:
    return Refusal.invalid(f"the filter {what}", "filter")


def _body(user: str, item: Item) -> object:
    said = f"{_WORDS[item.kind]}={item.copy_id or item.id}"
    item_id = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
    details: dict[str, object] = {f"{item.kind}Id": item.id}
    if item.copy is not None:
        details["inventoryItemAssetType"] = item.copy.type
        details["instanceId"] = item.copy_id
        if item.copy.collectible is not None:
            details["collectibleDetails"] = _limited(item.copy.collectible)
    body = {"path": f"users/{user}/inventory-items/{item_id}", f"{item.kind}Details": details}
    if item.kind == "gamePass":  # of passes Roblox does not tell since when
        return body
    return body | {"addTime": rfc3339(item.added)}


def _limited(collectible: Collectible) -> object:
    details: dict[str, object] = {
        "itemId": collectible.item,
        "instanceId": collectible.instance,
        "instanceState": collectible.state,
    }
    if collectible.serial is not None:
        details["serialNumber"] = collectible.serial
    return details


BEHAVIOURS = {"list_inventory_items": Behaviour(_list)}
