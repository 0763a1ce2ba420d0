"""Game passes, and what they have in common with developer products."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import Client, errors, files
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.game_passes import GamePassShelf
from rblx_oauth.sandbox.behaviour.offers import Offer
from rblx_oauth.sandbox.drawing import png
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER, GARDEN = 3000001, 3000002, 3000004
ICON = png(16, (200, 60, 60), is_round=False)
PATH = f"/game-passes/v1/universes/{LANTERN}/game-passes"
PRODUCTS = f"/developer-products/v2/universes/{LANTERN}/developer-products"
BOTH = pytest.mark.parametrize("part", ["game_passes", "developer_products"])


def offers(client: Client, part: str, universe: int = TOWER) -> Any:
    """What a universe sells; the tower begins with nothing."""
    return getattr(client.universe(universe), part)


def icon_of(offer: Any) -> int | None:
    """The id of its picture, as each of the two calls it."""
    return offer.icon_asset_id if hasattr(offer, "icon_asset_id") else offer.icon_image_asset_id


def test_a_new_sandbox_sells_something(client: Client) -> None:
    """The first universe has game passes, which somebody owns."""
    found = list(client.universe(LANTERN).game_passes.list())
    assert [(each.name, each.is_for_sale) for each in found] == [
        ("Golden Lantern", True),
        ("Night Vision", True),
    ]
    owned = [item for item in client.user(1000003).inventory() if item.game_pass_details]
    assert [item.game_pass_details.game_pass_id for item in owned] == [found[0].id]


@BOTH
def test_made_read_and_changed(cloud: Sandbox, client: Client, part: str) -> None:
    """What was written is read back; what is left out of a change stays."""
    selling = offers(client, part)
    made = selling.create("Crown ♛", description="Heavy", price=50, for_sale=True, icon=ICON)
    assert selling.get(made.id) == made
    assert (made.name, made.description, made.is_for_sale) == ("Crown ♛", "Heavy", True)
    assert made.price_information.default_price_in_robux == 50
    assert made.created_at == made.updated_at
    cloud.clock.advance(60)
    assert selling.update(made.id, price=70, managed_pricing=True) is None
    changed = selling.get(made.id)
    assert (changed.name, changed.price_information.default_price_in_robux) == ("Crown ♛", 70)
    assert changed.price_information.enabled_features == ["PriceOptimization", "RegionalPricing"]
    assert changed.is_managed_pricing_enabled
    assert (changed.updated_at - made.updated_at).total_seconds() >= 60
    assert icon_of(changed) == icon_of(made)
    save_and_load(cloud)
    assert selling.get(made.id) == changed
    assert [each.id for each in selling.list()] == [made.id]


@BOTH
def test_a_picture_becomes_an_asset_of_the_owner(client: Client, part: str) -> None:
    """It is an image like any other; without one, there is Roblox's own, or none."""
    selling = offers(client, part, universe=3000003)
    made = selling.create("Crown", icon=ICON)
    asset = client.asset(icon_of(made) or 0).get()
    assert (asset.type, asset.display_name) == ("Image", "Crown")
    assert asset.creation_context.creator.group_id == 2000001
    assert not icon_of(selling.create("Plain"))


@BOTH
def test_a_price_is_needed_to_sell(client: Client, part: str) -> None:
    """Nothing is said of prices until there is one."""
    selling = offers(client, part)
    made = selling.create("Later")
    assert (made.price_information, made.is_for_sale) == (None, False)
    with pytest.raises(errors.BadRequest) as caught:
        selling.update(made.id, for_sale=True)
    assert caught.value.details == {"field": "price"}
    selling.update(made.id, for_sale=True, price=0)
    assert selling.get(made.id).is_for_sale


@BOTH
def test_pages(client: Client, part: str) -> None:
    """The oldest first; a token leads on and fits its own listing only."""
    selling = offers(client, part)
    made = [selling.create(f"Number {number}").id for number in range(3)]
    assert [each.id for each in selling.list(page_size=2)] == made


@BOTH
@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"name": " "}, {"BadRequest", "InvalidName"}, "name"),
        ({"name": "x" * 51}, {"BadRequest", "InvalidName"}, "name"),
        ({"description": "x" * 1001}, {"BadRequest", "InvalidDescription"}, "description"),
        ({"name": "a rejected one"}, {"Blocked"}, None),
        ({"price": "-1"}, {"PricingConfigError", "InvalidPrice"}, "price"),
        ({"price": "1000000001"}, {"PricingConfigError", "InvalidPrice"}, "price"),
        ({"price": "cheap"}, {"PricingConfigError", "InvalidPrice"}, "price"),
        ({"isForSale": "maybe"}, {"BadRequest", "InvalidIsForSale"}, "isForSale"),
        (
            {"isRegionalPricingEnabled": "true", "isManagedPricingEnabled": "true"},
            {"InvalidRegionalPricing"},
            "isRegionalPricingEnabled",
        ),
    ],
)
def test_what_cannot_be_sold(
    app: App, part: str, fields: dict[str, str], code: set[str], field: str | None
) -> None:
    """400, in the shape of these two APIs, which names the field; nothing is made."""
    path = PATH if part == "game_passes" else PRODUCTS
    form = {name: (None, text) for name, text in ({"name": "Coins"} | fields).items()}
    answer = app.call("POST", path, files=form)
    body = answer.json()
    assert answer.status_code == 400
    assert body["errorCode"] in code
    assert (body["field"], body["hint"]) == (field, None)


@BOTH
def test_a_form_is_needed(app: App, part: str) -> None:
    """JSON is refused, and so is a form without a name or with a picture that is none."""
    path = PATH if part == "game_passes" else PRODUCTS
    name = {"name": (None, "Coins")}
    broken = {"imageFile": ("a.png", ICON[:60], "image/png")}
    for sent in ({"json": {"name": "Coins"}}, {"files": {"price": (None, "5")}}):
        assert app.call("POST", path, **sent).status_code == 400
    answer = app.call("POST", path, files=name | broken)
    assert (answer.status_code, answer.json()["field"]) == (400, "imageFile")


@BOTH
def test_only_where_it_was_made(client: Client, part: str) -> None:
    """An id of another universe is unknown, and so is one that nobody made."""
    made = offers(client, part).create("Crown")
    elsewhere = offers(client, part, universe=LANTERN)
    for call in (elsewhere.get, lambda id_: elsewhere.update(id_, price=5)):
        with pytest.raises(errors.NotFound):
            call(made.id)
    with pytest.raises(errors.PermissionDenied) as caught:
        list(offers(client, part, universe=GARDEN).list())
    assert caught.value.code == "UnauthorizedAccess"


def test_scopes_and_universes(app: App) -> None:
    """Reading and writing have a scope each, for the universes that were picked."""
    reader = app.login(scope="openid game-pass:read", universes=["3000001"])
    assert app.call("GET", f"{PATH}/creator", reader).status_code == 200
    form = {"name": (None, "Crown")}
    answer = app.call("POST", PATH, reader, files=form)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "UnauthorizedAccess")
    writer = app.login(scope="openid game-pass:write", universes=["3000002"])
    assert app.call("POST", PATH, writer, files=form).status_code == 403
    missing = app.call("GET", PATH.replace("3000001", "1") + "/creator", reader)
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "NotFound")


def test_page_sizes_and_tokens(app: App) -> None:
    """A page holds 50 unless asked; a size or a token that is none is refused."""
    page = app.call("GET", f"{PATH}/creator", params={"pageSize": 1}).json()
    assert (len(page["gamePasses"]), bool(page["nextPageToken"])) == (1, True)
    last = app.call("GET", f"{PATH}/creator", params={"pageToken": page["nextPageToken"]}).json()
    assert (len(last["gamePasses"]), last["nextPageToken"]) == (1, None)
    for size in ("0", "-1", "many"):
        answer = app.call("GET", f"{PATH}/creator", params={"pageSize": size})
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidPageSize")
    token = {"pageToken": page["nextPageToken"]}
    assert app.call("GET", f"{PRODUCTS}/creator", params=token).status_code == 400


def test_many_game_passes(cloud: Sandbox, app: App) -> None:
    """The last of 100,000 pages is found as fast as the first."""
    shelf = cloud.state.shelves.of(GamePassShelf)
    for number in range(100_000):
        shelf.passes[str(9_000_000 + number)] = Offer(universe="3000002", name="x")
    vars(shelf).pop("order", None)
    path = PATH.replace("3000001", "3000002")
    app.call("GET", f"{path}/creator")
    made = app.call("POST", path, files={"name": (None, "Last")})
    assert made.elapsed.total_seconds() < 2
    found = app.call("GET", f"{path}/{made.json()['gamePassId']}/creator")
    assert found.elapsed.total_seconds() < 2


def test_icons_may_be_of_any_format(client: Client) -> None:
    """What a file is called does not count, what is in it does."""
    icon = files.image_file(ICON, filename="crown.png")
    assert client.universe(TOWER).game_passes.create("Crown", icon=icon).icon_asset_id
