"""Products of the Creator Store: an asset's distribution, and its price."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from rblx_oauth.models.money import Money, units
from rblx_oauth.sandbox.behaviour.asset_access import find
from rblx_oauth.sandbox.behaviour.asset_quotas import count_distribution
from rblx_oauth.sandbox.behaviour.creator_store_shelf import Product, StoreShelf, product_id
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_flag
from rblx_oauth.sandbox.patching import patch
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.state import State

__all__ = ["BEHAVIOURS", "money", "verified"]

_MEMBERS = {
    "Model": "model_asset_id",
    "Plugin": "plugin_asset_id",
    "Audio": "audio_asset_id",
    "Decal": "decal_asset_id",
    "MeshPart": "mesh_part_asset_id",
    "Video": "video_asset_id",
    "FontFamily": "font_family_asset_id",
}
# In cents: Roblox's list for plugins. It publishes none for models; other types are free.
_PRICES = frozenset(
    {0, *range(499, 2000, 100), *range(2499, 5000, 500), *range(5999, 10000, 1000)}
    | {14999, 19999, 24999}
)
_SOLD = frozenset({"Model", "Plugin"})


class _Change(msgspec.Struct, rename="camel"):
    base_price: Money | UnsetType | None = UNSET
    published: bool | UnsetType | None = UNSET


class _New(_Change, rename="camel"):
    model_asset_id: str | int | None = None
    plugin_asset_id: str | int | None = None
    audio_asset_id: str | int | None = None
    decal_asset_id: str | int | None = None
    mesh_part_asset_id: str | int | None = None
    video_asset_id: str | int | None = None
    font_family_asset_id: str | int | None = None


_WIRE = {each.name: each.encode_name for each in msgspec.structs.fields(_New)}


def _create(exchange: Exchange) -> object:
    body = json_body(exchange.request, _New)
    named = {kind: getattr(body, member) for kind, member in _MEMBERS.items()}
    given = [(kind, asset_id) for kind, asset_id in named.items() if asset_id]
    if len(given) != 1:
        raise Refusal.invalid(f"a product is one asset, of type {', '.join(_MEMBERS)}")
    ((kind, asset_id),) = given
    with exchange.state.lock:
        if product_id(kind, str(asset_id)) in exchange.state.shelves.of(StoreShelf).products:
            raise Refusal(409, "ALREADY_EXISTS", "the asset is a product already; update it")
        return _put(exchange, Product(asset=str(asset_id), type=kind), body)


def _update(exchange: Exchange) -> object:
    name = exchange.arguments["creator_store_product_id"]
    missing = query_flag(exchange.request, "allowMissing")
    with exchange.state.lock:
        product = exchange.state.shelves.of(StoreShelf).products.get(name)
        if product is not None:
            changes = patch(exchange.request, _Change)
            return _put(exchange, product, _Change(**changes))  # type: ignore[arg-type]
        _, _, rest = name.partition("CreatorMarketplaceAsset-")
        kind, _, asset_id = rest.partition("-")
        if not missing or kind not in _MEMBERS:
            raise _no_product()
        # Of what is made anew the mask does not count.
        body = json_body(exchange.request, _Change)
        return _put(exchange, Product(asset=asset_id, type=kind), body)


def _put(exchange: Exchange, product: Product, change: _Change) -> object:
    """Change a product as asked, and put it into the store; what is not given stays."""
    asset = find(exchange, product.asset)
    if not exchange.caller.may_act_as(asset.creator):
        raise Refusal.denied(f"this credential was not granted creator {asset.creator}")
    if asset.type != product.type:
        raise Refusal.invalid(f"the asset is of type {asset.type}, not {product.type}")
    price, published = product.price, product.published
    if change.base_price is not UNSET:
        price = _cents(change.base_price, product.type)
    if change.published is not UNSET:
        published = bool(change.published)
    if price and not verified(exchange.state, asset.creator):
        raise Refusal.denied("only who has shown Roblox a document may ask for money")
    if published and not product.published:
        count_distribution(exchange, product.type)
    new = Product(asset=product.asset, type=product.type, price=price, published=published)
    name = product_id(new.type, new.asset)
    exchange.state.shelves.of(StoreShelf).products[name] = new
    return _body(exchange, name, new)


def _cents(price: Money | None, kind: str) -> int:
    try:
        cents = units(price.amount, 2) if price else 0
    except ValueError:
        raise Refusal.invalid("basePrice is no amount in cents") from None
    if price and price.currency_code != "USD":
        raise Refusal.invalid("basePrice is in USD")
    if cents not in (_PRICES if kind in _SOLD else {0}):
        raise Refusal.invalid(f"basePrice is none of those that a {kind} may have")
    return cents


def verified(state: State, creator: str) -> bool:
    """Whether a creator, or who owns that group, has shown Roblox a document."""
    group = state.groups.get(creator[1:]) if creator.startswith("G") else None
    user = state.users.get(group.owner if group else creator[1:])
    return user is not None and user.id_verified


def _get(exchange: Exchange) -> object:
    name = exchange.arguments["creator_store_product_id"]
    with exchange.state.lock:
        product = exchange.state.shelves.of(StoreShelf).products.get(name)
        if product is None:
            raise _no_product()
        return _body(exchange, name, product)


def _no_product() -> Refusal:
    return Refusal.not_found("there is no such product")


def _body(exchange: Exchange, name: str, product: Product) -> dict[str, object]:
    asset = find(exchange, product.asset)
    rejected = asset.latest(exchange.state.clock.now()).rejected
    restrictions = ["SOLD_ITEM_RESTRICTED"] if rejected or asset.archived else []
    seller = "userSeller" if asset.creator.startswith("U") else "groupSeller"
    return {
        "path": f"creator-store-products/{name}",
        "basePrice": money(product.price),
        "purchasePrice": money(product.price),
        "published": product.published,
        "restrictions": restrictions,
        "purchasable": product.published and not restrictions,
        seller: asset.creator[1:],
        _WIRE[_MEMBERS[product.type]]: product.asset,
    }


def money(cents: int) -> Money:
    """So many US cents."""
    return Money.of(Decimal(cents) / 100)


BEHAVIOURS = {
    "create_creator_store_product": Behaviour(_create),
    "get_creator_store_product": Behaviour(_get),
    "update_creator_store_product": Behaviour(_update),
}
