"""The Creator Store: searching, saving, selling."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import Exchange, RawServer

SEARCH = "POST /toolbox-service/v2/assets:search"
SAVES = "/toolbox-service/v1/saves"
PRODUCTS = "/cloud/v2/creator-store-products"


@pytest.fixture
def store(make_client: MakeClient) -> Any:
    """The store."""
    return make_client().creator_store


def found(*ids: int, after: str | None = None) -> bytes:
    """A page of a search."""
    assets = [{"asset": {"id": each, "name": f"No. {each}"}} for each in ids]
    return reply(body={"creatorStoreAssets": assets, "nextPageToken": after, "totalResults": 9})


def test_search_turns_pages_in_the_body(colour: Colour, store: Any, server: RawServer) -> None:
    """The token travels in the body, beside every filter; an empty page is not the end."""
    server.script(found(1, 2, after="t1"), found(after="t2"), found(3))
    walk = store.search(
        "Audio",
        query="",
        user_id=5,
        sort_by=models.SortCategory.TOP,
        sort_direction="Descending",
        verified_creators=False,
        min_price="0.29",
        max_price=Decimal("4.35"),
        facets=["drum"],
        tags=["loop"],
        swimlane="trending",
        view="Full",
        audio=models.AudioSearchFilters(artist="Ada", min_duration_seconds=0),
    )
    assert [each.asset.id for each in colour.list(walk)] == [1, 2, 3]
    filters = {
        "searchCategoryType": "Audio",
        "query": "",
        "userId": 5,
        "sortCategory": "Top",
        "sortDirection": "Descending",
        "includeOnlyVerifiedCreators": False,
        "minPriceCents": 29,
        "maxPriceCents": 435,
        "facets": ["drum"],
        "tags": ["loop"],
        "swimlane": "trending",
        "searchView": "Full",
        "audioSearchFilters": {"artist": "Ada", "minDurationSeconds": 0},
        "maxPageSize": 100,
    }
    assert server.lines == [SEARCH] * 3
    assert [sent_json(each) for each in server.requests] == [
        filters,
        filters | {"pageToken": "t1"},
        filters | {"pageToken": "t2"},
    ]


def test_search_by_picture_and_path(colour: Colour, store: Any, server: RawServer) -> None:
    """A picture goes out in base64; a category path stands for the type; a limit is kept."""
    server.script(found(1, 2, after="t1"))
    walk = store.search(
        category_path="3d__characters",
        image=b"\x89PNG",
        group_id=9,
        model=models.ModelSearchFilters(included_instance_types=[models.ModelInstanceType.SCRIPT]),
        limit=1,
    )
    assert len(colour.list(walk)) == 1
    assert sent_json(server.requests[0]) == {
        "image": base64.b64encode(b"\x89PNG").decode(),
        "groupId": 9,
        "categoryPath": "3d__characters",
        "modelSearchFilters": {"includedInstanceTypes": ["Script"]},
        "maxPageSize": 1,
    }
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give type, or a category_path"),
        ({"type": "Model", "query": "x", "image": b"x"}, "query or image, not both"),
        ({"type": "Model", "user_id": 1, "group_id": 2}, "user_id or group_id, not both"),
        ({"type": "Model", "user_id": 0}, "user_id must be a positive"),
        ({"type": "Model", "min_price": 4.35}, "must be exact"),
        ({"type": "Model", "max_price": "4.355"}, "2 decimal places"),
        ({"type": "Model", "min_price": "-1"}, "min_price must not be negative"),
        ({"type": "Model", "min_price": "5", "max_price": 4}, "must not be over max_price"),
        ({"type": "Model", "page_size": 101}, "page_size must be from 1 to 100"),
        ({"type": "Model", "image": "x"}, "image must be bytes"),
        ({"type": "Audio", "audio": {"artist": "x"}}, r"audio must be models\.AudioSearchF"),
        ({"type": "Audio", "verified_creators": 1}, "verified_creators must be a bool"),
        ({"type": ""}, "type must not be empty"),
    ],
)
def test_wrong_searches_are_refused_before_sending(
    store: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """At once, not when the first page is asked for."""
    with pytest.raises((ValueError, TypeError), match=says):
        store.search(**options)
    assert server.requests == []


def test_details_of_an_asset(colour: Colour, store: Any, server: RawServer) -> None:
    """What is special to a type of asset is read, too, and money is exact."""
    server.script(
        reply(
            body={
                "asset": {
                    "id": 7,
                    "hasScripts": True,
                    "instanceCounts": {"meshPart": 3},
                    "capabilities": {"shouldSandbox": True},
                    "durationSeconds": 4,
                    "createTime": "2026-01-02T03:04:05Z",
                },
                "creator": {"groupId": 9, "verified": True},
                "voting": {"upVotes": 5},
                "creatorStoreProduct": {
                    "purchasable": True,
                    "purchasePrice": {
                        "currencyCode": "USD",
                        "quantity": {"significand": 435, "exponent": -2},
                    },
                },
            }
        )
    )
    details = colour(store.get(7))
    assert server.lines == ["GET /toolbox-service/v2/assets/7"]
    asset = details.asset
    assert (asset.id, asset.has_scripts, asset.instance_counts.mesh_part) == (7, True, 3)
    assert (asset.capabilities.should_sandbox, asset.duration_seconds) == (True, 4)
    assert details.creator.group_id == 9
    assert details.creator_store_product.purchase_price.amount == Decimal("4.35")
    server.script(reply(404))
    with pytest.raises(errors.NotFound):
        colour(store.get(8))


def test_product(colour: Colour, store: Any, server: RawServer) -> None:
    """A product is named by its type and asset; what sells it are ids, its price is exact."""
    server.script(
        reply(
            body={
                "path": "creator-store-products/CreatorMarketplaceAsset-Plugin-7",
                "basePrice": {
                    "currencyCode": "USD",
                    "quantity": {"significand": 4990000000, "exponent": -9},
                },
                "published": True,
                "restrictions": ["SOLD_ITEM_RESTRICTED", "SOMETHING_NEW"],
                "userSeller": "45348281",
                "pluginAssetId": "7",
            }
        )
    )
    product = store.product("Plugin", 7)
    got = colour(product.get())
    assert server.lines == [f"GET {PRODUCTS}/CreatorMarketplaceAsset-Plugin-7"]
    assert got.id == product.id == "CreatorMarketplaceAsset-Plugin-7"
    assert (got.user_id, got.group_id, got.plugin_asset_id) == (45348281, None, 7)
    assert got.base_price.amount == Decimal("4.99")
    assert got.restrictions == [models.ProductRestriction.SOLD_ITEM_RESTRICTED, "SOMETHING_NEW"]


@pytest.mark.parametrize(
    ("type", "member"),
    [
        ("Audio", "audioAssetId"),
        ("Decal", "decalAssetId"),
        ("FontFamily", "fontFamilyAssetId"),
        ("MeshPart", "meshPartAssetId"),
        ("Model", "modelAssetId"),
        ("Plugin", "pluginAssetId"),
        ("Video", "videoAssetId"),
    ],
)
def test_create_a_product(
    colour: Colour,
    store: Any,
    server: RawServer,
    type: str,  # noqa: A002
    member: str,
) -> None:
    """The asset goes under the name of its type; 4.35 is 4.35."""
    server.script(reply())
    colour(store.product(type, 7).create(base_price="4.35", published=True))
    assert server.lines == [f"POST {PRODUCTS}"]
    assert sent_json(server.requests[0]) == {
        "basePrice": {
            "currencyCode": "USD",
            "quantity": {"significand": 4_350_000_000, "exponent": -9},
        },
        "published": True,
        member: "7",
    }


def test_update_a_product(colour: Colour, store: Any, server: RawServer) -> None:
    """The mask names what is given; free is zeros; a doubtful update is not repeated."""
    server.script(reply())
    product = store.product("Model", 7)
    colour(product.update(base_price=0))
    colour(product.update(published=False))
    colour(product.update(base_price=models.Money.of("9.99"), published=True))
    path = f"PATCH {PRODUCTS}/CreatorMarketplaceAsset-Model-7"
    assert [asked(line) for line in server.lines] == [
        (path, {"updateMask": "basePrice"}),
        (path, {"updateMask": "published"}),
        (path, {"updateMask": "basePrice,published"}),
    ]
    assert sent_json(server.requests[0]) == {
        "basePrice": {"currencyCode": "USD", "quantity": {"significand": 0, "exponent": 0}}
    }
    assert sent_json(server.requests[1]) == {"published": False}
    server.script(reply(502))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(product.update(published=True))
    assert len(server.requests) == 4


def test_wrong_products_are_refused_before_sending(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """A type that is not sold, a price that is not exact, nothing to change."""
    with pytest.raises(ValueError, match=r"type must be one of Audio, Model, .* not 'Hat'"):
        store.product("Hat", 7)
    with pytest.raises(ValueError, match="asset_id must be a positive"):
        store.product("Model", 0)
    product = store.product("Model", 7)
    with pytest.raises(TypeError, match="must be exact"):
        colour(product.create(base_price=4.35, published=True))
    with pytest.raises(TypeError, match="published must be a bool"):
        colour(product.create(base_price="4.35", published=None))
    with pytest.raises(ValueError, match="nothing to update"):
        colour(product.update())
    assert server.requests == []


def saved(*ids: int) -> bytes:
    """A page of saves."""
    saves = [
        {
            "owned": False,
            "dateSaved": "2026-01-02T03:04:05.5Z",
            "creatorStoreAsset": {"asset": {"id": each}},
        }
        for each in ids
    ]
    return reply(body={"totalCount": 3, "saves": saves})


def test_saves_are_counted_by_page(colour: Colour, store: Any, server: RawServer) -> None:
    """Pages have numbers, from 1, until one is empty; filters stay."""
    server.script(saved(1, 2), saved(3), saved())
    walk = store.saves("Model", keyword="hat", hide_owned=True, sort_by="Name", page_size=2)
    assert [each.creator_store_asset.asset.id for each in colour.list(walk)] == [1, 2, 3]
    filters = {
        "targetType": "Model",
        "sortBy": "Name",
        "keyword": "hat",
        "hideOwnedAssets": "true",
        "limit": "2",
    }
    assert [asked(line) for line in server.lines] == [
        (f"GET {SAVES}", filters),
        (f"GET {SAVES}", filters | {"page": "2"}),
        (f"GET {SAVES}", filters | {"page": "3"}),
    ]
    assert colour.list(store.saves("Model", asset_id=7, limit=0)) == []
    for wrong, says in (
        ({"asset_id": 7}, "asset_id needs type"),
        ({"type": "Model", "asset_id": "7"}, "asset_id must be an int"),
        ({"hide_owned": "no"}, "hide_owned must be a bool"),
    ):
        with pytest.raises((ValueError, TypeError), match=says):
            store.saves(**wrong)
    with pytest.raises(ValueError, match="page_size must be from 1 to 500"):
        store.saves(page_size=501)


def test_saves_within_a_limit_are_the_first_ones(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """A last page that is smaller would begin elsewhere: none is left out and none comes twice."""

    def answer(exchange: Exchange) -> None:
        _, query = asked(server.lines[-1])
        size, number = int(query["limit"]), int(query.get("page", 1))
        exchange.sock.sendall(saved(*range(1, 8)[(number - 1) * size : number * size]))

    server.script(answer)
    found = colour.list(store.saves(limit=5, page_size=3))
    assert [each.creator_store_asset.asset.id for each in found] == [1, 2, 3, 4, 5]
    assert len(colour.list(store.saves(limit=2, page_size=3))) == 2


def test_save_and_unsave(colour: Colour, store: Any, server: RawServer) -> None:
    """One at a time: what is saved already is a conflict, a doubtful delete may find it gone."""
    server.script(reply(201))
    assert colour(store.save("Model", 7)) is None
    assert sent_json(server.requests[0]) == {"targetType": "Model", "targetId": 7}
    server.script(reply(409, {"title": "Conflict", "status": 409}))
    with pytest.raises(errors.Conflict):
        colour(store.save("Model", 7))
    server.script(reply(502), reply(404))
    assert colour(store.unsave("Model", 7)) is None
    assert server.lines[2:] == [f"DELETE {SAVES}?targetType=Model&targetId=7"] * 2
    server.script(reply(404))
    with pytest.raises(errors.NotFound):
        colour(store.unsave("Model", 7))


def test_unsave_many(colour: Colour, store: Any, server: RawServer) -> None:
    """Up to 5,000 in one request; Roblox says how many there were."""
    server.script(reply(body={"deletedCount": 2}))
    assets = [("Model", 7), (models.SearchCategoryType.AUDIO, 8), ("Hologram", 9)]
    assert colour(store.unsave_many(iter(assets))) == 2
    assert server.lines == [f"POST {SAVES}:bulkDelete"]
    assert sent_json(server.requests[0]) == {
        "targets": [
            {"targetType": "Model", "targetId": 7},
            {"targetType": "Audio", "targetId": 8},
            {"targetType": "Hologram", "targetId": 9},
        ]
    }
    for wrong, says in (
        ([], "0 members; the limit is 1 to 5000"),
        ([("Model", 1)] * 5001, "5001 members; the limit is 1 to 5000"),
        ([("Model", "7")], "asset_id must be an int"),
        ([("", 7)], "type must not be empty"),
    ):
        with pytest.raises((ValueError, TypeError), match=says):
            colour(store.unsave_many(wrong))
    assert len(server.requests) == 1
