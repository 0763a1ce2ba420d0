"""Game passes, developer products and social links."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors, files
from tests.client.answers import asked, reply, sent_form
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http, reset

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PASSES = "/game-passes/v1/universes/1/game-passes"
PRODUCTS = "/developer-products/v2/universes/1/developer-products"
DONE = http(204)
GAME_PASS = {
    "gamePassId": 8,
    "name": "VIP",
    "description": "",
    "isForSale": True,
    "iconAssetId": 77,
    "createdTimestamp": "2026-01-02T03:04:05.123Z",
    "updatedTimestamp": "2026-01-02T03:04:05.123Z",
    "priceInformation": {"defaultPriceInRobux": 50, "enabledFeatures": ["RegionalPricing", "New"]},
    "isManagedPricingEnabled": False,
}
PRODUCT = {
    "productId": 9,
    "name": "Coins",
    "description": "",
    "iconImageAssetId": None,
    "universeId": 1,
    "isForSale": False,
    "storePageEnabled": None,
    "priceInformation": None,
    "isImmutable": False,
    "createdTimestamp": "2026-01-02T03:04:05Z",
    "updatedTimestamp": "2026-01-02T03:04:05Z",
    "isManagedPricingEnabled": True,
}


@pytest.fixture
def universe(make_client: MakeClient) -> Any:
    """Universe 1."""
    return make_client().universe(1)


def test_game_pass(colour: Colour, universe: Any, server: RawServer) -> None:
    """A game pass by its id, as its creators see it; words that are new survive."""
    server.script(reply(body=GAME_PASS))
    found = colour(universe.game_passes.get(8))
    assert (found.id, found.name, found.is_for_sale, found.icon_asset_id) == (8, "VIP", True, 77)
    assert found.price_information.default_price_in_robux == 50
    assert found.price_information.enabled_features[1] == "New"
    assert found.created_at == datetime(2026, 1, 2, 3, 4, 5, 123_000, UTC)
    assert server.lines == [f"GET {PASSES}/8/creator"]


def test_developer_product(colour: Colour, universe: Any, server: RawServer) -> None:
    """A product by its id: what is null is None."""
    server.script(reply(body=PRODUCT))
    found = colour(universe.developer_products.get(9))
    assert (found.id, found.is_managed_pricing_enabled) == (9, True)
    assert (found.price_information, found.icon_image_asset_id) == (None, None)
    assert server.lines == [f"GET {PRODUCTS}/9/creator"]


@pytest.mark.parametrize(
    ("part", "path", "field", "item"),
    [
        ("game_passes", PASSES, "gamePasses", GAME_PASS),
        ("developer_products", PRODUCTS, "developerProducts", PRODUCT),
    ],
)
def test_listing_goes_on_behind_an_empty_page(
    colour: Colour,
    universe: Any,
    server: RawServer,
    part: str,
    path: str,
    field: str,
    item: dict[str, object],
) -> None:
    """A page may be empty and have another after it; the limit ends the walk."""
    server.script(
        reply(body={field: [], "nextPageToken": "t1"}),
        reply(body={field: [item, item, item], "nextPageToken": "t2"}),
    )
    found = colour.list(getattr(universe, part).list(limit=2, page_size=30))
    assert [each.name for each in found] == [item["name"]] * 2
    assert [asked(line) for line in server.lines] == [
        (f"GET {path}/creator", {"pageSize": "2"}),
        (f"GET {path}/creator", {"pageToken": "t1", "pageSize": "2"}),
    ]


@pytest.mark.parametrize(
    ("part", "path", "answer"),
    [("game_passes", PASSES, GAME_PASS), ("developer_products", PRODUCTS, PRODUCT)],
)
def test_making_one(
    colour: Colour,
    universe: Any,
    server: RawServer,
    tmp_path: Path,
    part: str,
    path: str,
    answer: dict[str, object],
) -> None:
    """It is sent as a form; only what is given is in it, the picture with its type."""
    icon = tmp_path / "crown.png"
    icon.write_bytes(PNG)
    server.script(reply(body=answer))
    made = colour(
        getattr(universe, part).create(
            "Crown ♛", description="", price=0, for_sale=True, icon=icon, managed_pricing=False
        )
    )
    assert made.name == answer["name"]
    assert server.lines == [f"POST {path}"]
    sent = {name: (media, content) for name, media, content in sent_form(server.requests[0])}
    assert sent == {
        "name": ("", "Crown ♛".encode()),
        "description": ("", b""),
        "isForSale": ("", b"true"),
        "price": ("", b"0"),
        "imageFile": ("image/png", PNG),
        "isManagedPricingEnabled": ("", b"false"),
    }
    assert b'filename="crown.png"' in server.requests[0]


@pytest.mark.parametrize(
    ("part", "path"), [("game_passes", PASSES), ("developer_products", PRODUCTS)]
)
def test_changing_one(
    colour: Colour, universe: Any, server: RawServer, part: str, path: str
) -> None:
    """What is left out is left as it is; the answer has no body."""
    server.script(DONE)
    offers = getattr(universe, part)
    assert colour(offers.update(8, price=5, regional_pricing=True)) is None
    assert colour(offers.update(8, name="New", icon=PNG)) is None
    assert server.lines == [f"PATCH {path}/8"] * 2
    assert sent_form(server.requests[0]) == [
        ("price", "", b"5"),
        ("isRegionalPricingEnabled", "", b"true"),
    ]
    assert sent_form(server.requests[1]) == [
        ("name", "", b"New"),
        ("imageFile", "image/png", PNG),
    ]


def test_picture_whose_format_nothing_tells(
    colour: Colour, universe: Any, server: RawServer
) -> None:
    """`rblx_oauth.files` takes a name for it, and what it makes is sent as it is."""
    server.script(DONE)
    colour(universe.game_passes.update(8, icon=files.image_file(b"?" * 9, filename="old.tga")))
    assert sent_form(server.requests[0]) == [("imageFile", "image/tga", b"?" * 9)]


@pytest.mark.parametrize("part", ["game_passes", "developer_products"])
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"price": -1}, "price must not be negative"),
        ({"price": 4.5}, "price must be an int"),
        ({"price": True}, "price must be an int"),
        ({"for_sale": 1}, "for_sale must be a bool"),
        ({"icon": b"GIF89a" + b"\0" * 9}, "an image has one of the formats"),
        ({"icon": b"\0" * 9}, "give filename="),
        ({"managed_pricing": True, "regional_pricing": True}, "not both"),
    ],
)
def test_what_cannot_be_sold_is_refused(
    colour: Colour,
    universe: Any,
    server: RawServer,
    part: str,
    wrong: dict[str, Any],
    says: str,
) -> None:
    """Before a byte leaves, in making and in changing."""
    offers = getattr(universe, part)
    with pytest.raises((ValueError, TypeError), match=says):
        colour(offers.create(**({"name": "Coins"} | wrong)))
    with pytest.raises((ValueError, TypeError), match=says):
        colour(offers.update(8, **wrong))
    assert server.requests == []


@pytest.mark.parametrize("part", ["game_passes", "developer_products"])
def test_changing_nothing_is_refused(
    colour: Colour, universe: Any, server: RawServer, part: str
) -> None:
    """An update without anything to change is a slip."""
    with pytest.raises(ValueError, match="nothing to change"):
        colour(getattr(universe, part).update(8))
    with pytest.raises(ValueError, match="must be a positive 64-bit integer"):
        colour(getattr(universe, part).get(0))
    assert server.requests == []


def test_refusal_names_the_field(colour: Colour, universe: Any, server: RawServer) -> None:
    """Roblox's own code and words, and which argument they are about."""
    server.script(
        reply(400, {"errorCode": "InvalidPrice", "errorMessage": "Too low.", "field": "price"})
    )
    with pytest.raises(errors.BadRequest, match=r"\(InvalidPrice: Too low\.\)") as caught:
        colour(universe.game_passes.create("VIP", price=1))
    assert caught.value.details == {"field": "price"}


def test_nothing_is_made_twice(colour: Colour, universe: Any, server: RawServer) -> None:
    """A product that may have been made is not sent again."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(universe.developer_products.create("Coins"))
    assert len(server.requests) == 1


def test_social_links(colour: Colour, universe: Any, server: RawServer) -> None:
    """Those that are set, by network, out of the universe itself."""
    link = {"title": "Us", "uri": "https://discord.gg/x"}
    server.script(reply(body={"path": "universes/1", "discordSocialLink": link}))
    found = colour(universe.social_links())
    assert {name: (each.title, each.uri) for name, each in found.items()} == {
        "discord": ("Us", "https://discord.gg/x")
    }
    assert server.lines == ["GET /cloud/v2/universes/1"]
