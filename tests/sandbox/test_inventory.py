"""Inventories: who sees what, and the language of their filters."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.inventory_shelf import Copy, Inventory, InventoryShelf
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

ADA, ZOE, KAI = 1000001, 1000002, 1000003
SCOPE = "openid user.inventory-item:read"
HAT, SHIRT, CROWN, PLACE = "5000001", "5000003", "5000004", "4000004"


def path(user: int) -> str:
    """A user's inventory."""
    return f"/cloud/v2/users/{user}/inventory-items"


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def what(items: list[dict[str, Any]]) -> list[str]:
    """The ids of what is listed: of assets as they are, of other things with a letter."""
    found = []
    for item in items:
        for member, name, letter in (
            ("assetDetails", "assetId", ""),
            ("badgeDetails", "badgeId", "b"),
            ("gamePassDetails", "gamePassId", "p"),
            ("privateServerDetails", "privateServerId", "s"),
        ):
            if member in item:
                found.append(letter + item[member][name])
    return found


@pytest.fixture
def own(app: App) -> dict[str, Any]:
    """Kai's own token."""
    return app.login(scope=SCOPE, user=KAI)


def listed(app: App, token: dict[str, Any] | None = None, filter_: str = "") -> list[str]:
    """What of Kai's is listed."""
    answer = app.call("GET", path(KAI), token, params={"filter": filter_} if filter_ else {})
    assert answer.status_code == 200, answer.text
    return what(answer.json()["inventoryItems"])


def test_an_open_inventory(app: App, client: Client, own: dict[str, Any]) -> None:
    """Everyone sees it; private servers and purchased places are for its user alone."""
    public = [HAT, SHIRT, CROWN, "b8000001", "p8000001"]
    assert listed(app) == public
    assert listed(app, app.login(scope="openid", user=KAI)) == public
    assert listed(app, own) == [HAT, SHIRT, CROWN, PLACE, "b8000001", "p8000001", "s175156"]
    hat, _, crown, badge, game_pass = client.user(KAI).inventory()
    assert hat.asset_details is not None
    assert (hat.asset_details.asset_id, hat.asset_details.asset_type) == (int(HAT), "HAT")
    assert crown.asset_details is not None
    assert crown.asset_details.collectible_details is not None
    assert crown.asset_details.collectible_details.serial_number == 42
    assert badge.added_at is not None
    assert game_pass.added_at is None


def test_ids_of_items_look_like_roblox_s(app: App) -> None:
    """What they are and of what, in base64."""
    items = app.call("GET", path(KAI)).json()["inventoryItems"]
    ids = [item["path"].rpartition("/")[2] for item in items]
    plain = [base64.urlsafe_b64decode(each + "==").decode() for each in ids]
    assert plain[0] == "USER_ASSET_ID=60000000003"
    assert plain[-2:] == ["BADGE_ID=8000001", "GAME_PASS_ID=8000001"]


def test_a_hidden_inventory(app: App) -> None:
    """Only its user sees it, and only with the scope."""
    assert error(app.call("GET", path(ZOE))) == (403, "PERMISSION_DENIED")
    for scope, user in (("openid", ZOE), (SCOPE, ADA)):
        token = app.login(scope=scope, user=user)
        assert error(app.call("GET", path(ZOE), token)) == (403, "PERMISSION_DENIED")
    token = app.login(scope=SCOPE, user=ZOE)
    assert what(app.call("GET", path(ZOE), token).json()["inventoryItems"]) == ["5000002"]
    assert error(app.call("GET", path(1))) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("badges=true", ["b8000001"]),
        ("badges=false", []),
        ("gamePasses=true;badges=true", ["b8000001", "p8000001"]),
        ("inventoryItemAssetTypes=HAT,CLASSIC_TSHIRT", [HAT, SHIRT]),
        ("inventoryItemAssetTypes=*", [HAT, SHIRT, CROWN]),
        ("inventoryItemAssetTypes=*;gamePasses=true;badges=false", [HAT, SHIRT, CROWN, "p8000001"]),
        ("onlyCollectibles=true;inventoryItemAssetTypes=*", [CROWN]),
        ("onlyCollectibles=true;inventoryItemAssetTypes=HAT", []),
        ("onlyCollectibles=true", []),
        (f"assetIds={CROWN},1,{HAT}", [CROWN, HAT]),
        ("badgeIds=8000001;gamePassIds=8000001,2", ["b8000001", "p8000001"]),
        ("badgeIds=1", []),
    ],
)
def test_filters(app: App, filter_: str, found: list[str]) -> None:
    """Kinds, types, or ids."""
    assert listed(app, filter_=filter_) == found


@pytest.mark.parametrize(
    "filter_",
    [
        "badges=true;assetIds=1",
        "inventoryItemAssetTypes=*;badgeIds=1",
        "badges",
        "badges=",
        "badges=yes",
        "badges=true;badges=true",
        "badges=true;",
        "hats=true",
        "assetIds=1;2",
        "assetIds=one",
        "assetIds=1,,2",
        "inventoryItemAssetTypes=JETPACK",
        ";",
    ],
)
def test_filters_that_are_none(app: App, filter_: str) -> None:
    """400; kinds and ids at once are one of them."""
    answer = app.call("GET", path(KAI), params={"filter": filter_})
    assert error(answer) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("privateServers=true", ["s175156"]),
        ("privateServerIds=175156", ["s175156"]),
        ("inventoryItemAssetTypes=PURCHASED_PLACE", [PLACE]),
    ],
)
def test_filters_for_the_user_alone(
    app: App, own: dict[str, Any], filter_: str, found: list[str]
) -> None:
    """Private servers and purchased places need the user's own credential."""
    assert listed(app, own, filter_) == found
    answer = app.call("GET", path(KAI), params={"filter": filter_})
    assert error(answer) == (403, "PERMISSION_DENIED")


def test_pages(cloud: Sandbox, app: App, client: Client) -> None:
    """Every item once, over pages of any size, and a token for its own filter only."""
    assets = {f"{number}": {f"9{number}": Copy(type="HAT")} for number in range(1, 231)}
    badges = {f"{number}": 0.0 for number in range(1, 30)}
    shelf = cloud.state.shelves.of(InventoryShelf)
    shelf.by_user[str(KAI)] = Inventory(assets=assets, badges=badges)
    items = list(client.user(KAI).inventory(page_size=50))
    assert len({item.path for item in items}) == len(items) == 259
    first = app.call("GET", path(KAI), params={"filter": "badges=true"}).json()
    assert len(first["inventoryItems"]) == 10
    query = {"pageToken": first["nextPageToken"], "filter": "badges=true;gamePasses=true"}
    assert error(app.call("GET", path(KAI), params=query)) == (400, "INVALID_ARGUMENT")


def test_what_one_owns(cloud: Sandbox, client: Client) -> None:
    """Asked by id; all of it is kept in a dump."""
    user = client.user(KAI)
    assert [user.owns_asset(int(HAT)), user.owns_badge(8000001), user.owns_game_pass(1)] == [
        True,
        True,
        False,
    ]
    with pytest.raises(errors.PermissionDenied):
        list(user.inventory(private_servers=True))
    before = list(user.inventory())
    content = dump(cloud.state)
    load(cloud.state, content, alone=True)
    assert list(user.inventory()) == before
