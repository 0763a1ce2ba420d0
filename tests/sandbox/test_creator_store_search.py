"""Searching the Creator Store: both operations, every filter, pages and order."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.api import creator_store as api
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.creator_store_shelf import Details, StoreShelf
from rblx_oauth.sandbox.sections import dump
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.test_creator_store import BELL, BRIDGE, LANTERN, PAINTER, SIGN, many
from tests.sandbox.uploads import uploaded, wav

__all__ = ["client"]

PATH = "/toolbox-service/v2/assets:search"


def ids(client: Client, kind: str | None = "Model", **wanted: Any) -> list[int]:
    """What the search finds, by id, in order."""
    found = client.creator_store.search(kind, **wanted)
    return [each.asset.id for each in found if each.asset]


def by_query(app: App, **params: Any) -> list[int]:
    """What the other operation finds."""
    answer = app.call("GET", PATH, params={"searchCategoryType": "Model"} | params)
    assert answer.status_code == 200, answer.text
    return [each["asset"]["id"] for each in answer.json()["creatorStoreAssets"]]


def describe(cloud: Sandbox, asset_id: int, **details: Any) -> None:
    """What the store tells of an asset."""
    cloud.state.shelves.of(StoreShelf).details[str(asset_id)] = Details(**details)


def test_one_type_at_a_time(client: Client) -> None:
    """Or a place that tells the type."""
    found = {kind: ids(client, kind) for kind in ("Audio", "Decal", "Model", "Plugin", "Video")}
    assert found == {
        "Audio": [BELL],
        "Decal": [SIGN],
        "Model": [BRIDGE],
        "Plugin": [PAINTER],
        "Video": [],
    }
    assert ids(client, None, category_path="3d__props-and-decor") == [BRIDGE]
    assert ids(client, category_path="3d__characters") == []


def test_only_what_is_distributed(client: Client) -> None:
    """Not what was taken out of the store, or archived."""
    client.creator_store.product("Model", BRIDGE).update(published=False)
    assert ids(client) == []
    client.creator_store.product("Model", BRIDGE).update(published=True)
    client.asset(BRIDGE).archive()
    assert ids(client) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"query": "oak"}, True),
        ({"query": "BRIDGE oak"}, True),
        ({"query": "cart"}, True),
        ({"query": "oak water"}, False),
        ({"query": "oak", "facets": ["wood"]}, True),
        ({"query": "oak", "facets": ["metal"]}, False),
        ({"tags": ["wood", "bridge"]}, True),
        ({"tags": ["wood", "metal"]}, False),
        ({"user_id": 1000001}, True),
        ({"user_id": 1000002}, False),
        ({"group_id": 2000001}, False),
        ({"swimlane": "essential"}, True),
        ({"swimlane": "trending"}, False),
        ({"swimlane": "priced"}, False),
        ({"min_price": 0, "max_price": "0.99"}, True),
        ({"min_price": "0.01"}, False),
        ({"verified_creators": True}, True),
        ({"model": models.ModelSearchFilters(included_instance_types=["MeshPart", "Decal"])}, True),
        ({"model": models.ModelSearchFilters(included_instance_types=["Script"])}, False),
        ({"model": models.ModelSearchFilters(included_sub_types=["Package"])}, False),
        ({"model": models.ModelSearchFilters(excluded_sub_types=["Package"])}, True),
    ],
    ids=str,
)
def test_models_are_filtered(client: Client, wanted: dict[str, Any], found: bool) -> None:
    """By words, tags, creator, list, price, and what is in them."""
    assert ids(client, **wanted) == ([BRIDGE] if found else [])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"min_duration_seconds": 1, "max_duration_seconds": 2}, True),
        ({"min_duration_seconds": 2}, False),
        ({"max_duration_seconds": 1}, False),
        ({"audio_types": ["Music"]}, False),
        ({"audio_types": ["Music", "SoundEffect"]}, True),
        ({"artist": "moonlight"}, True),
        ({"artist": "somebody else"}, False),
        ({"album": "waves"}, True),
        ({"music_chart_type": "None"}, True),
        ({"music_chart_type": "Week"}, True),
        ({"music_chart_type": "Year"}, False),
    ],
    ids=str,
)
def test_sounds_are_filtered(
    cloud: Sandbox, client: Client, wanted: dict[str, Any], found: bool
) -> None:
    """By length, kind, artist, album and chart."""
    describe(
        cloud,
        BELL,
        audio_type="SoundEffect",
        artist="Moonlight Studio",
        album="Waves",
        charts=["Week"],
    )
    filters = models.AudioSearchFilters(**wanted)
    assert ids(client, "Audio", audio=filters) == ([BELL] if found else [])


def test_the_length_of_uploads_is_known(app: App, client: Client) -> None:
    """By the header of the file."""
    file = ("long.wav", wav(90), "audio/wav")
    long = int(uploaded(app, assetType="Audio", file=file))
    client.creator_store.product("Audio", long).create(base_price=0, published=True)
    assert ids(client, "Audio", sort_by="AudioDuration") == [long, BELL]
    assert ids(client, "Audio", sort_by="AudioDuration", sort_direction="Ascending") == [BELL, long]


def test_a_picture_finds_itself(app: App, client: Client) -> None:
    """The very file; another finds nothing."""
    picture = app.http.get(client.asset(LANTERN).location().location, timeout=10).content
    assert ids(client, "Decal", image=picture) == [SIGN]
    assert ids(client, "Decal", image=picture + b"x") == []
    body = {"searchCategoryType": "Decal", "image": base64.b64encode(picture).decode()}
    assert app.call("POST", PATH, json=body | {"query": "a"}).status_code == 400


def test_both_operations_find_the_same(app: App, client: Client) -> None:
    """Each parameter of the one has its place in the other."""
    assert by_query(app, query="oak", tags=["wood"], userId=1000001) == [BRIDGE]
    assert by_query(app, creator="user/1000001") == [BRIDGE]
    assert by_query(app, creator="group/2000001") == []
    assert by_query(app, includedInstanceTypes=["MeshPart", "Script"]) == []
    assert by_query(app, excludedModelSubTypes="Package", maxPriceCents=5) == [BRIDGE]
    audio = {"searchCategoryType": "Audio"}
    assert by_query(app, **audio, audioMinDurationSeconds=1, audioArtist="moon") == [BELL]
    assert by_query(app, **audio, audioMaxDurationSeconds=1) == []
    assert by_query(app, **audio, audioTypes=["Music", "Unknown"]) == []
    assert by_query(app, **audio, musicChartType="Year") == []
    call = api.search_creator_store_assets_by_query(search_category_type="Plugin", query="paint")
    assert [each.asset.id for each in client.send(call).items if each.asset] == [PAINTER]


def test_verified_creators_only_unless_told(cloud: Sandbox, app: App, client: Client) -> None:
    """Of the operation that has all in its query; the other finds everybody's."""
    ada = cloud.state.users["1000001"]
    cloud.state.users["1000001"] = type(ada)(id=ada.id, name=ada.name, id_verified=False)
    assert by_query(app) == []
    assert by_query(app, includeOnlyVerifiedCreators="false") == [BRIDGE]
    assert ids(client) == [BRIDGE]
    assert ids(client, verified_creators=True) == []


def test_how_much_is_told(client: Client) -> None:
    """Ids alone, or most, or all with votes."""
    (bare,) = client.creator_store.search("Model", view="IDs")
    assert (bare.creator, bare.voting) == (None, None)
    assert bare.asset is not None
    assert (bare.asset.id, bare.asset.name) == (BRIDGE, None)
    (core,) = client.creator_store.search("Model")
    assert core.creator is not None
    assert core.voting is None
    (full,) = client.creator_store.search("Model", view="Full")
    assert full.voting is not None


def test_order(cloud: Sandbox, client: Client) -> None:
    """By fit, votes or age: the best and newest first, unless the other way is asked for."""
    many(cloud, 3)
    describe(cloud, 5000002, up_votes=90, tags=["oak"])
    describe(cloud, 5000001, up_votes=50, down_votes=40)
    newest = [5000003, 5000002, 5000001]
    assert [each for each in ids(client, sort_by="CreateTime") if each != BRIDGE] == newest
    ascending = ids(client, sort_by="CreateTime", sort_direction="Ascending")
    assert [each for each in ascending if each != BRIDGE] == newest[::-1]
    for by in ("Trending", "Top", "Ratings"):
        assert ids(client, sort_by=by)[:2] == [5000002, BRIDGE]
    assert ids(client, query="oak")[0] in (5000002, BRIDGE)
    assert ids(client, sort_by="UpdatedTime")[0] == BRIDGE


def test_pages(cloud: Sandbox, app: App, client: Client) -> None:
    """By token or by number; 25 unless asked; everything once, counted."""
    many(cloud, 60)
    walked = ids(client, query="model", page_size=7)
    assert len(walked) == len(set(walked)) == 60
    body = {"searchCategoryType": "Model", "query": "model"}
    first = app.call("POST", PATH, json=body).json()
    assert (len(first["creatorStoreAssets"]), first["totalResults"]) == (25, 60)
    assert first["filteredKeyword"] == "model"
    third = app.call("POST", PATH, json=body | {"pageNumber": 2}).json()
    assert (len(third["creatorStoreAssets"]), third["nextPageToken"]) == (10, None)
    token = {"pageToken": first["nextPageToken"]}
    second = app.call("POST", PATH, json=body | token).json()
    assert (
        second["creatorStoreAssets"]
        == app.call("POST", PATH, json=body | {"pageNumber": 1}).json()["creatorStoreAssets"]
    )
    assert app.call("POST", PATH, json=body | token | {"query": "oak"}).status_code == 400
    assert app.call("POST", PATH, json=body | token | {"pageNumber": 1}).status_code == 400


def test_a_walk_sees_what_there_was_when_it_began(cloud: Sandbox, client: Client) -> None:
    """What comes in meanwhile shifts no page; the next search finds it."""
    many(cloud, 5)
    walk = client.creator_store.search("Model", query="model", page_size=2)
    first = [next(walk).asset for _ in range(2)]
    many(cloud, 9)
    rest = [each.asset for each in walk]
    assert len({each.id for each in first + rest if each}) == 5
    assert len(ids(client, query="model")) == 9


def test_many_searches_do_not_pile_up(cloud: Sandbox, client: Client) -> None:
    """The last few are kept for their next pages, and none is saved."""
    many(cloud, 30)
    for number in range(20):
        assert len(ids(client, query=f"model {number}", page_size=1)) >= 1
    content = dump(cloud.state)
    assert len(str(content["creator_store"])) < 10_000


def test_facets(cloud: Sandbox, app: App) -> None:
    """Those that were asked for, and tags of what was found that would narrow it down."""
    answer = app.call("GET", PATH, params={"searchCategoryType": "Model", "facets": "wood"})
    assert answer.json()["queryFacets"] == {
        "appliedFacets": ["wood"],
        "availableFacets": ["bridge"],
    }


@pytest.mark.parametrize(
    "wanted",
    [
        {"searchCategoryType": None},
        {"searchCategoryType": "Hat"},
        {"sortCategory": "Size"},
        {"sortDirection": "Up"},
        {"searchView": "Half"},
        {"userId": 1, "groupId": 2},
        {"userId": "ada"},
        {"maxPageSize": 101},
        {"maxPageSize": 0},
        {"pageNumber": -1},
        {"pageToken": "nonsense"},
        {"minPriceCents": "cheap"},
    ],
    ids=str,
)
def test_wrong_searches_are_refused(app: App, wanted: dict[str, Any]) -> None:
    """400 of both operations, as a problem."""
    whole = {"searchCategoryType": "Model"} | wanted
    given = {name: value for name, value in whole.items() if value is not None}
    for answer in (
        app.call("POST", PATH, json=given),
        app.call("GET", PATH, params=given),
    ):
        assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_a_token_needs_the_scope(app: App) -> None:
    """403 without it."""
    answer = app.call("GET", PATH, app.login(), params={"searchCategoryType": "Model"})
    assert answer.status_code == 403
    with pytest.raises(errors.NotFound):
        Client(api_key=app.cloud.api_key, api_base=app.cloud.api_base).creator_store.get(1)


def test_a_large_store_is_searched_in_time(cloud: Sandbox, app: App) -> None:
    """Ten thousand models, in processor time that does not grow out of hand."""
    many(cloud, 10_000)
    began = time.process_time()
    assert by_query(app, query="model 9999") == [5010000]
    assert time.process_time() - began < 2.0
