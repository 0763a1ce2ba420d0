"""The Creator Store: products and their prices, what a user saved, what is told of an asset."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.behaviour.creator_store_shelf import Product, StoreShelf, product_id
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import MODEL, uploaded

__all__ = ["client"]

LANTERN, SIGN, BRIDGE, BELL, PAINTER, GATE = range(6000001, 6000007)
PRODUCTS = "/cloud/v2/creator-store-products"
SAVES = "/toolbox-service/v1/saves"
FILE = ("a.rbxmx", MODEL, "model/x-rbxm")


def usd(amount: str) -> dict[str, object]:
    """An amount as it is sent."""
    whole, _, part = amount.partition(".")
    quantity = {"significand": int(whole + part), "exponent": -len(part)}
    return {"currencyCode": "USD", "quantity": quantity}


@pytest.fixture
def model(app: App) -> int:
    """A model that was never in the store."""
    return int(uploaded(app, assetType="Model", file=FILE, displayName="Well"))


# --- products


def test_a_product(client: Client) -> None:
    """Whoever asks is told the price, whether it can be had, and who sells it."""
    product = client.creator_store.product("Plugin", PAINTER).get()
    assert product.base_price is not None
    assert (product.base_price.amount, product.base_price.currency_code) == (Decimal("4.99"), "USD")
    assert product.purchase_price == product.base_price
    assert (product.published, product.purchasable, product.restrictions) == (True, True, [])
    assert (product.user_id, product.group_id, product.plugin_asset_id) == (1000002, None, PAINTER)
    bell = client.creator_store.product("Audio", BELL).get()
    assert (bell.user_id, bell.group_id, bell.audio_asset_id) == (None, 2000001, BELL)
    for kind, asset_id in (("Model", PAINTER), ("Model", GATE)):
        with pytest.raises(errors.NotFound):
            client.creator_store.product(kind, asset_id).get()


def test_an_asset_becomes_a_product(cloud: Sandbox, client: Client, model: int) -> None:
    """Once; then it is updated, and what is not given stays."""
    product = client.creator_store.product("Model", model)
    made = product.create(base_price="9.99", published=False)
    assert made.id == product.id
    assert (made.published, made.purchasable) == (False, False)
    with pytest.raises(errors.Conflict):
        product.create(base_price=0, published=True)
    changed = product.update(published=True)
    assert changed.base_price is not None
    assert (changed.base_price.amount, changed.purchasable) == (Decimal("9.99"), True)
    assert product.update(base_price=0).base_price == models.Money.of(0)
    save_and_load(cloud)
    assert product.get().purchasable


def test_restrictions(client: Client) -> None:
    """What is archived cannot be had, though its seller wants it to be."""
    client.asset(BRIDGE).archive()
    product = client.creator_store.product("Model", BRIDGE).get()
    assert (product.published, product.purchasable) == (True, False)
    assert product.restrictions == [models.ProductRestriction.SOLD_ITEM_RESTRICTED]


@pytest.mark.parametrize("price", ["0", "4.99", "19.99", "24.99", "49.99", "99.99", "249.99"])
def test_prices_that_there_are(app: App, model: int, price: str) -> None:
    """However the amount is written."""
    body = {"modelAssetId": str(model), "basePrice": usd(price), "published": False}
    answer = app.call("POST", PRODUCTS, json=body)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"basePrice": usd("0.01")}, 400),
        ({"basePrice": usd("4.999")}, 400),
        ({"basePrice": usd("5")}, 400),
        ({"basePrice": usd("20.99")}, 400),
        ({"basePrice": usd("-4.99")}, 400),
        ({"basePrice": usd("4.99") | {"currencyCode": "EUR"}}, 400),
        (
            {
                "basePrice": {
                    "currencyCode": "USD",
                    "quantity": {"significand": 1, "exponent": 99999999},
                }
            },
            400,
        ),
        ({"published": "yes"}, 400),
        ({"modelAssetId": None}, 400),
        ({"decalAssetId": str(SIGN)}, 400),
        ({"modelAssetId": None, "decalAssetId": str(LANTERN)}, 400),
        ({"modelAssetId": None, "audioAssetId": str(SIGN)}, 400),
        ({"modelAssetId": "1"}, 404),
        ({"modelAssetId": str(GATE)}, 403),
    ],
)
def test_wrong_products_are_refused(
    app: App, model: int, body: dict[str, Any], status: int
) -> None:
    """The price is one of those that there are; the asset is one's own, and of that type."""
    whole = {"modelAssetId": str(model), "basePrice": usd("0"), "published": True} | body
    assert app.call("POST", PRODUCTS, json=whole).status_code == status


def test_only_some_types_are_sold(app: App, client: Client) -> None:
    """Decals and sounds are free."""
    with pytest.raises(errors.BadRequest):
        client.creator_store.product("Decal", SIGN).update(base_price="4.99")
    assert client.creator_store.product("Decal", SIGN).update(base_price=0).purchasable


def test_money_needs_a_document(app: App) -> None:
    """Who has shown none may give away, not sell."""
    token = app.login(
        user="1000003",
        scope="openid asset:read asset:write creator-store-product:read "
        "creator-store-product:write",
    )
    creator = {"userId": 1000003}
    asset_id = uploaded(app, token=token, assetType="Model", file=FILE, creator=creator)
    body = {"modelAssetId": asset_id, "published": True}
    refused = app.call("POST", PRODUCTS, token, json=body | {"basePrice": usd("4.99")})
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    free = app.call("POST", PRODUCTS, token, json=body | {"basePrice": usd("0")})
    assert free.status_code == 200


def test_distributing_counts_against_a_quota(cloud: Sandbox, client: Client, model: int) -> None:
    """Each time that it begins."""
    cloud.settings.asset_quotas = 1
    product = client.creator_store.product("Model", model)
    product.create(base_price=0, published=True)
    product.update(base_price="4.99")
    product.update(published=False)
    with pytest.raises(errors.RateLimited):
        product.update(published=True)
    assert not product.get().published


def test_what_is_missing_may_be_made_by_an_update(app: App, model: int) -> None:
    """If that is asked for; the mask does not count then."""
    path = f"{PRODUCTS}/{product_id('Model', str(model))}"
    body = {"basePrice": usd("4.99"), "published": True}
    assert app.call("PATCH", path, json=body).status_code == 404
    params = {"allowMissing": "true", "updateMask": "published"}
    made = app.call("PATCH", path, json=body, params=params).json()
    assert made["basePrice"]["quantity"] == {"significand": 4_990_000_000, "exponent": -9}
    nonsense = app.call("PATCH", f"{PRODUCTS}/nonsense", json=body, params=params)
    assert nonsense.status_code == 404
    masked = {"updateMask": "modelAssetId"}
    assert app.call("PATCH", path, json=body, params=masked).status_code == 400


def test_others_products_are_out_of_reach(app: App, client: Client) -> None:
    """403 to change one; a token needs the scope."""
    with pytest.raises(errors.PermissionDenied):
        client.creator_store.product("Plugin", PAINTER).update(published=False)
    path = f"{PRODUCTS}/{product_id('Model', str(BRIDGE))}"
    answer = app.call("GET", path, app.login())
    assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")


# --- details


def test_what_is_told_of_an_asset(client: Client) -> None:
    """Its texts, creator, price, votes, previews and links, and what only its type has."""
    client.asset(BRIDGE).update(social_links={"github": "https://github.com/ada/bridge"})
    found = client.creator_store.get(BRIDGE)
    asset, creator, voting = found.asset, found.creator, found.voting
    assert asset is not None
    assert creator is not None
    assert voting is not None
    assert (asset.id, asset.name, asset.asset_type_id) == (BRIDGE, "Oak bridge", 10)
    assert (asset.category_path, asset.has_scripts) == ("3d__props-and-decor", False)
    assert asset.instance_counts is not None
    assert asset.instance_counts.mesh_part == 7
    assert asset.preview_assets is not None
    assert asset.preview_assets.image_preview_assets == [LANTERN]
    assert {each.link_type for each in asset.social_links or ()} == {4, 6}
    assert (creator.user_id, creator.name, creator.verified) == (1000001, "ada_builds", True)
    assert (voting.up_votes, voting.vote_count, voting.up_vote_percent) == (48, 51, 94)
    bell = client.creator_store.get(BELL).asset
    assert bell is not None
    assert (bell.duration_seconds, bell.artist, bell.audio_type) == (
        2,
        "Moonlight Studio",
        "SoundEffect",
    )
    price = client.creator_store.get(PAINTER).creator_store_product
    assert price is not None
    assert price.purchase_price is not None
    assert price.purchase_price.amount == Decimal("4.99")


def test_what_the_store_has_not(app: App, client: Client) -> None:
    """Assets that are no products, or not published, or not there."""
    client.creator_store.product("Decal", SIGN).update(published=False)
    for asset_id in (LANTERN, GATE, SIGN, 1):
        answer = app.call("GET", f"/toolbox-service/v2/assets/{asset_id}")
        assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


# --- saves


def names(client: Client, **wanted: Any) -> list[str]:
    """What the user saved, by name."""
    found = [each.creator_store_asset for each in client.creator_store.saves(**wanted)]
    return [each.asset.name or "" for each in found if each and each.asset]


def test_saved_and_saved_no_longer(cloud: Sandbox, client: Client) -> None:
    """One at a time: twice is a conflict, gone is a 404; what is not there cannot be saved."""
    store = client.creator_store
    assert names(client) == ["Path painter"]
    cloud.clock.advance(5)
    store.save("Model", BRIDGE)
    save_and_load(cloud)
    assert names(client) == ["Oak bridge", "Path painter"]
    (save, _) = store.saves()
    assert save.owned
    assert save.date_saved is not None
    assert abs(save.date_saved.timestamp() - cloud.clock.now()) < 60
    with pytest.raises(errors.Conflict):
        store.save("Model", BRIDGE)
    for kind, asset_id in (("Model", GATE), ("Audio", BRIDGE), ("Model", 1)):
        with pytest.raises(errors.NotFound):
            store.save(kind, asset_id)
    store.unsave("Model", BRIDGE)
    with pytest.raises(errors.NotFound):
        store.unsave("Model", BRIDGE)
    assert names(client) == ["Path painter"]


def test_saves_are_each_users_own(app: App, client: Client) -> None:
    """What one saved, another has not."""
    token = app.login(user="1000002", scope="openid creator-store-save:read")
    found = app.call("GET", SAVES, token).json()
    assert found == {"totalCount": 0, "saves": []}
    assert names(client) == ["Path painter"]


def test_many_saves_are_deleted_at_once(client: Client) -> None:
    """Roblox says how many there were."""
    client.creator_store.save("Audio", BELL)
    targets = [("Audio", BELL), ("Plugin", PAINTER), ("Model", BRIDGE), ("Audio", BELL)]
    assert client.creator_store.unsave_many(targets) == 2
    assert names(client) == []


def test_saves_are_filtered_and_sorted(client: Client) -> None:
    """By type, asset, word and owner; by what is asked, the last saved first unless told."""
    store = client.creator_store
    for kind, asset_id in (("Model", BRIDGE), ("Audio", BELL), ("Decal", SIGN)):
        store.save(kind, asset_id)
    assert names(client, sort_by="Name") == [
        "Lantern sign",
        "Oak bridge",
        "Path painter",
        "Tide bell",
    ]
    assert names(client, sort_by="Name", sort_direction="Descending")[0] == "Tide bell"
    assert names(client, sort_by="DateSaved", sort_direction="Ascending")[0] == "Path painter"
    assert names(client, sort_by="Price")[-1] == "Path painter"
    assert names(client, sort_by="Ratings", sort_direction="Descending")[0] == "Path painter"
    assert names(client, sort_by="TargetType")[0] == "Tide bell"
    assert names(client, sort_by="Creator")[-1] == "Path painter"
    assert len(names(client, sort_by="LastModified")) == 4
    assert names(client, type="Model") == ["Oak bridge"]
    assert names(client, type="Model", asset_id=GATE) == []
    assert names(client, keyword="bell") == ["Tide bell"]
    assert names(client, hide_owned=True) == ["Path painter"]


def test_saves_come_in_numbered_pages(cloud: Sandbox, app: App, client: Client) -> None:
    """From 1; one after the last is empty; the whole is counted."""
    many(cloud, 7)
    for number in range(7):
        client.creator_store.save("Model", 5000001 + number)
    found = names(client, type="Model", page_size=3, sort_by="Name")
    assert found == [f"Model {number}" for number in range(7)]
    sizes = []
    for page in (1, 2, 3, 4):
        answer = app.call("GET", SAVES, params={"page": page, "limit": 3, "targetType": "Model"})
        assert answer.json()["totalCount"] == 7
        sizes.append(len(answer.json()["saves"]))
    assert sizes == [3, 3, 1, 0]


def many(cloud: Sandbox, count: int) -> None:
    """Put so many models of Ada's into the store."""
    assets, store = (cloud.state.shelves.of(kind) for kind in (AssetShelf, StoreShelf))
    assert isinstance(assets, AssetShelf)
    assert isinstance(store, StoreShelf)
    bridge = assets.assets[str(BRIDGE)]
    for number in range(count):
        asset = type(bridge)(
            id=str(5000001 + number),
            type="Model",
            display_name=f"Model {number}",
            creator=bridge.creator,
            created=bridge.created + number,
            versions=bridge.versions,
        )
        assets.assets[asset.id] = asset
        store.products[product_id("Model", asset.id)] = Product(
            asset=asset.id, type="Model", published=True
        )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{SAVES}?limit=501", None),
        ("GET", f"{SAVES}?limit=0", None),
        ("GET", f"{SAVES}?page=0", None),
        ("GET", f"{SAVES}?sortBy=Size", None),
        ("GET", f"{SAVES}?sortDirection=Up", None),
        ("GET", f"{SAVES}?targetType=Hat", None),
        ("GET", f"{SAVES}?targetId=5", None),
        ("GET", f"{SAVES}?hideOwnedAssets=perhaps", None),
        ("GET", f"{SAVES}?collectionName=mine", None),
        ("POST", SAVES, {"targetType": "Hat", "targetId": 5}),
        ("POST", SAVES, {"targetType": "Model"}),
        ("POST", SAVES, {"targetType": "Model", "targetId": BRIDGE, "collectionName": "mine"}),
        ("DELETE", f"{SAVES}?targetType=Hat&targetId=5", None),
        ("DELETE", f"{SAVES}?targetType=Model", None),
        ("DELETE", f"{SAVES}?targetType=Model&targetId=5&collectionName=mine", None),
        ("POST", f"{SAVES}:bulkDelete", {"targets": []}),
        ("POST", f"{SAVES}:bulkDelete", {}),
        (
            "POST",
            f"{SAVES}:bulkDelete",
            {"targets": [{"targetType": "Model", "targetId": 1}] * 5001},
        ),
    ],
)
def test_wrong_saves_are_refused(app: App, method: str, path: str, body: Any) -> None:
    """400, as a problem."""
    answer = app.call(method, path, json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
