"""What users own: assets, badges, game passes and private servers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import chain
from typing import ClassVar, Literal, NamedTuple

import msgspec

from rblx_oauth.models import InventoryItemAssetType
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import page
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "Collectible", "Copy", "Inventory", "InventoryShelf"]

_PAGE = 100
_SCOPE = ("user.inventory-item:read",)
_PURCHASED_PLACE = "PURCHASED_PLACE"
_ASSET_TYPES = {each.value for each in InventoryItemAssetType}

_KINDS = ("badges", "gamePasses", "privateServers", "onlyCollectibles")
_TYPES = "inventoryItemAssetTypes"
_IDS = ("assetIds", "badgeIds", "gamePassIds", "privateServerIds")


class Collectible(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What makes a copy of an asset a limited one."""

    item: str
    instance: str
    state: Literal["AVAILABLE", "HOLD"] = "AVAILABLE"
    serial: int | None = None


class Copy(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One copy of an asset; its type is in Roblox's words, e.g. ``HAT``."""

    type: str
    added: float = BUILT
    collectible: Collectible | None = None


class Inventory(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What one user owns.

    Attributes:
        visible: Whether everyone may see it.
        assets: Copies, by the id of the asset and then their own.
        badges: When each was won, by id.
        game_passes: When each was bought, by id.
        private_servers: Since when each is theirs, by id.
    """

    visible: bool = True
    assets: dict[str, dict[str, Copy]] = {}
    badges: dict[str, float] = {}
    game_passes: dict[str, float] = {}
    private_servers: dict[str, float] = {}


class InventoryShelf(Shelf):
    """Every inventory, by its user's id."""

    section: ClassVar[str] = "inventories"

    inventories: dict[str, Inventory] = {}


class _Item(NamedTuple):
    """One item of a listing: `word` is how Roblox's ids of items begin."""

    word: str
    id: str
    added: float
    asset: str = ""
    copy: Copy | None = None


class _Wanted(NamedTuple):
    """What a filter asks for."""

    kinds: frozenset[str]
    types: frozenset[str]
    ids: dict[str, tuple[str, ...]]


def _list(exchange: Exchange) -> object:
    user = exchange.arguments["user_id"]
    caller = exchange.caller
    owner = caller.user_id == user and not caller.missing_scopes(_SCOPE)
    with exchange.state.lock:
        if user not in exchange.state.users:
            raise Refusal.not_found(f"there is no user {user}")
        inventory = exchange.state.shelves.of(InventoryShelf).inventories.get(user, Inventory())
        if not (inventory.visible or owner):
            raise Refusal.denied(f"user {user} does not show their inventory to everyone")
        text = exchange.request.args.get("filter", "")
        walk = _everything(inventory, owner) if not text else _chosen(inventory, owner, text)
        return page(exchange, "inventoryItems", walk, lambda item: _body(user, item), most=_PAGE)


def _everything(inventory: Inventory, owner: bool) -> Iterator[_Item]:
    servers = _plain("PRIVATE_SERVER_ID", inventory.private_servers) if owner else iter(())
    return chain(
        _assets(inventory, frozenset({"*"}), owner),
        _plain("BADGE_ID", inventory.badges),
        _plain("GAME_PASS_ID", inventory.game_passes),
        servers,
    )


def _chosen(inventory: Inventory, owner: bool, text: str) -> Iterator[_Item]:
    wanted = _read(text)
    private = {"privateServers", "privateServerIds"} & (wanted.kinds | set(wanted.ids))
    if not owner and (private or _PURCHASED_PLACE in wanted.types):
        raise Refusal.denied(f"that filter needs the user's own credential, with {_SCOPE[0]}")
    if wanted.ids:
        return _named(inventory, wanted.ids)
    found = _assets(inventory, wanted.types, owner)
    if "onlyCollectibles" in wanted.kinds:
        return (item for item in found if item.copy and item.copy.collectible)
    plain = (
        ("badges", "BADGE_ID", inventory.badges),
        ("gamePasses", "GAME_PASS_ID", inventory.game_passes),
        ("privateServers", "PRIVATE_SERVER_ID", inventory.private_servers),
    )
    return chain(found, *(_plain(word, held) for kind, word, held in plain if kind in wanted.kinds))


def _assets(inventory: Inventory, types: frozenset[str], owner: bool) -> Iterator[_Item]:
    for asset, copies in inventory.assets.items() if types else ():
        for copy_id, copy in copies.items():
            every = "*" in types and (owner or copy.type != _PURCHASED_PLACE)
            if every or copy.type in types:
                yield _Item("USER_ASSET_ID", copy_id, copy.added, asset, copy)


def _plain(word: str, held: dict[str, float]) -> Iterator[_Item]:
    return (_Item(word, each, added) for each, added in held.items())


def _named(inventory: Inventory, ids: dict[str, tuple[str, ...]]) -> Iterator[_Item]:
    for asset in ids.get("assetIds", ()):
        for copy_id, copy in inventory.assets.get(asset, {}).items():
            yield _Item("USER_ASSET_ID", copy_id, copy.added, asset, copy)
    for field, word, held in (
        ("badgeIds", "BADGE_ID", inventory.badges),
        ("gamePassIds", "GAME_PASS_ID", inventory.game_passes),
        ("privateServerIds", "PRIVATE_SERVER_ID", inventory.private_servers),
    ):
        yield from (_Item(word, each, held[each]) for each in ids.get(field, ()) if each in held)


def _read(text: str) -> _Wanted:
    """What a filter says: fields and their values, by semicolons.

    Raises:
        Refusal: 400, it is not a filter of inventories, or asks for kinds and for ids.
    """
    said: dict[str, str] = {}
    for term in text.split(";"):
        field, equals, value = term.strip().partition("=")
        if not equals or not value or field in said or field not in (*_KINDS, _TYPES, *_IDS):
            raise Refusal.invalid(
                "the filter is field=value;field=a,b with each field of an inventory at most once",
                "filter",
            )
        said[field] = value
    ids = {field: tuple(dict.fromkeys(said[field].split(","))) for field in _IDS if field in said}
    if ids and len(ids) < len(said):
        raise Refusal.invalid("the filter asks for kinds of items or for ids, not both", "filter")
    if not all(each.isascii() and each.isdigit() for named in ids.values() for each in named):
        raise Refusal.invalid("ids in the filter are digits, with commas between", "filter")
    types = frozenset(said.get(_TYPES, "").split(",")) - {""}
    if not types <= _ASSET_TYPES | {"*"}:
        raise Refusal.invalid(f"{_TYPES} has a word that is no type of asset", "filter")
    flags = {field: said[field].lower() for field in _KINDS if field in said}
    if not set(flags.values()) <= {"true", "false"}:
        raise Refusal.invalid("kinds in the filter are true or false", "filter")
    return _Wanted(frozenset(field for field in flags if flags[field] == "true"), types, ids)


_DETAILS = {
    "BADGE_ID": ("badgeDetails", "badgeId"),
    "GAME_PASS_ID": ("gamePassDetails", "gamePassId"),
    "PRIVATE_SERVER_ID": ("privateServerDetails", "privateServerId"),
}


def _body(user: str, item: _Item) -> object:
    item_id = base64.urlsafe_b64encode(f"{item.word}={item.id}".encode()).decode().rstrip("=")
    body: dict[str, object] = {"path": f"users/{user}/inventory-items/{item_id}"}
    if item.word != "GAME_PASS_ID":  # of passes Roblox does not tell it
        body["addTime"] = rfc3339(item.added)
    if item.copy is None:
        member, name = _DETAILS[item.word]
        return body | {member: {name: item.id}}
    details: dict[str, object] = {
        "assetId": item.asset,
        "inventoryItemAssetType": item.copy.type,
        "instanceId": item.id,
    }
    limited = item.copy.collectible
    if limited is not None:
        about: dict[str, object] = {
            "itemId": limited.item,
            "instanceId": limited.instance,
            "instanceState": limited.state,
        }
        if limited.serial is not None:
            about["serialNumber"] = limited.serial
        details["collectibleDetails"] = about
    return body | {"assetDetails": details}


BEHAVIOURS = {"list_inventory_items": Behaviour(_list)}
