"""Developer products: what players buy as often as they like."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from rblx_oauth.sandbox.behaviour.forms import Form, read_form
from rblx_oauth.sandbox.behaviour.offers import (
    Offer,
    change_offer,
    in_order,
    offer_page,
    price_body,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "Product", "ProductShelf"]


class Product(Offer, kw_only=True, forbid_unknown_fields=True):
    """A developer product.

    Attributes:
        store_page: Whether it is sold outside of the universe; None where nobody said so.
        immutable: Whether it cannot be changed here.
    """

    store_page: bool | None = None
    immutable: bool = False


class ProductShelf(Shelf, dict=True):
    """Every developer product, by its id."""

    section: ClassVar[str] = "developer_products"

    products: dict[str, Product] = {}

    @cached_property
    def order(self) -> Journal[str]:
        """Their ids, by universe."""
        return in_order(self.products)

    @cached_property
    def names(self) -> set[tuple[str, str]]:
        """What is taken: universes and names."""
        return {(each.universe, each.name) for each in self.products.values()}

    def put(self, product_id: str, product: Product) -> None:
        """Add one, or put another in its place."""
        order, names, old = self.order, self.names, self.products.get(product_id)
        self.products[product_id] = product
        if old is None:
            order.add(product_id)
        else:
            names.discard((old.universe, old.name))
        names.add((product.universe, product.name))


def _shelf(exchange: Exchange) -> ProductShelf:
    return exchange.state.shelves.of(ProductShelf)


def _found(exchange: Exchange) -> Product:
    found = _shelf(exchange).products.get(exchange.arguments["product_id"])
    if found is None or found.universe != exchange.arguments["universe_id"]:
        raise Refusal.not_found("the universe has no such developer product", "productId")
    return found


def _body(product_id: str, product: Product) -> dict[str, object]:
    return {
        "productId": int(product_id),
        "name": product.name,
        "description": product.description,
        "iconImageAssetId": int(product.icon) if product.icon else None,
        "universeId": int(product.universe),
        "isForSale": product.for_sale,
        "storePageEnabled": product.store_page,
        "priceInformation": price_body(product),
        "isImmutable": product.immutable,
        "createdTimestamp": rfc3339(product.created),
        "updatedTimestamp": rfc3339(product.updated),
        "isManagedPricingEnabled": product.managed_pricing,
    }


def _changed(exchange: Exchange, form: Form, product: Product) -> Product:
    changed = change_offer(exchange, form, product)
    store_page = form.flag("storePageEnabled")
    if store_page is not None:
        changed.store_page = store_page
    return changed


def _create(exchange: Exchange) -> object:
    state, form = exchange.state, read_form(exchange)
    blank = Product(universe=exchange.arguments["universe_id"], name="")
    with state.lock:
        if (blank.universe, form.texts["name"]) in _shelf(exchange).names:
            said = "another product of the universe has that name"
            raise Refusal(400, "INVALID_ARGUMENT", said, detail="DuplicateProductName")
        made = _changed(exchange, form, blank)
        made.created = made.updated
        product_id = str(state.ids.number("developer_product"))
        _shelf(exchange).put(product_id, made)
    return _body(product_id, made)


def _update(exchange: Exchange) -> object:
    form, shelf = read_form(exchange), _shelf(exchange)
    with exchange.state.lock:
        found = _found(exchange)
        if found.immutable:
            said = "the product cannot be changed"
            raise Refusal(409, "ABORTED", said, detail="UnsupportedDeveloperProductUpdate")
        name = form.texts.get("name", found.name)
        if name != found.name and (found.universe, name) in shelf.names:
            said = "another product of the universe has that name"
            raise Refusal(409, "ABORTED", said, detail="DuplicateProductName")
        shelf.put(exchange.arguments["product_id"], _changed(exchange, form, found))
    return None


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        return _body(exchange.arguments["product_id"], _found(exchange))


def _list(exchange: Exchange) -> object:
    shelf = _shelf(exchange)
    with exchange.state.lock:
        return offer_page(
            exchange,
            "developerProducts",
            shelf.order,
            lambda each: _body(each, shelf.products[each]),
        )


BEHAVIOURS = {
    "create_developer_product": Behaviour(_create),
    "get_developer_product": Behaviour(_get),
    "list_developer_products": Behaviour(_list),
    "update_developer_product": Behaviour(_update),
}
