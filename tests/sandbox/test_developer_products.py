"""Developer products, where they differ from game passes."""

from __future__ import annotations

import pytest

from rblx_oauth import Client, api, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.developer_products import Product, ProductShelf
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN = 3000001


def test_a_new_sandbox_has_products(client: Client) -> None:
    """Two are for sale, one is not yet."""
    found = list(client.universe(LANTERN).developer_products.list())
    assert [each.is_for_sale for each in found] == [True, True, False]
    assert {each.universe_id for each in found} == {LANTERN}


def test_names_are_taken_once(cloud: Sandbox, client: Client) -> None:
    """In one universe; a name that was given up is free again."""
    cloud.settings.rate_limits = False
    products = client.universe(LANTERN).developer_products
    first = products.create("Coins")
    save_and_load(cloud)
    with pytest.raises(errors.BadRequest) as caught:
        products.create("Coins")
    assert caught.value.code == "DuplicateProductName"
    other = products.create("Gems")
    with pytest.raises(errors.Conflict) as refused:
        products.update(other.id, name="Coins")
    assert refused.value.code == "DuplicateProductName"
    products.update(other.id, name="Gems", price=5)
    products.update(first.id, name="Silver")
    assert products.create("Coins").name == "Coins"
    assert client.universe(3000002).developer_products.create("Coins").name == "Coins"


def test_what_cannot_be_changed(cloud: Sandbox, client: Client) -> None:
    """A product of another shop is shown, and stays as it is."""
    fixed = Product(universe=str(LANTERN), name="Mug", price=900, immutable=True)
    cloud.state.shelves.of(ProductShelf).put("77", fixed)
    products = client.universe(LANTERN).developer_products
    assert products.get(77).is_immutable
    with pytest.raises(errors.Conflict) as caught:
        products.update(77, price=1)
    assert caught.value.code == "UnsupportedDeveloperProductUpdate"


def test_the_store_page(client: Client) -> None:
    """It is not spoken of until somebody switches it."""
    universe = client.universe(LANTERN)
    made = universe.developer_products.create("Coins")
    assert made.store_page_enabled is None
    call = api.developer_products.update_developer_product
    for switched in (True, False):
        client.send(call(universe_id=LANTERN, product_id=made.id, store_page_enabled=switched))
        assert universe.developer_products.get(made.id).store_page_enabled is switched


def test_what_is_not_there(client: Client) -> None:
    """404, with the API's own word."""
    with pytest.raises(errors.NotFound) as caught:
        client.universe(LANTERN).developer_products.get(5)
    assert caught.value.code == "InvalidProductId"
