"""Badges: what they cost, who may make and change them, and that everybody sees them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.badges_shelf import WalletShelf
from rblx_oauth.sandbox.drawing import png
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER, RACING, GARDEN = 3000001, 3000002, 3000003, 3000004
ICON = png(16, (200, 60, 60), is_round=False)
DAY = 86_400
MAKE = f"/legacy-badges/v1/universes/{TOWER}/badges"


def robux(cloud: Sandbox) -> dict[str, int]:
    """Who has how many."""
    return cloud.state.shelves.of(WalletShelf).robux


def quota(cloud: Sandbox, universe: int = TOWER) -> Any:
    """How many badges are free today, as everybody may ask."""
    path = f"{cloud.api_base}/v1/universes/{universe}/free-badges-quota"
    return requests.get(path, timeout=10).json()


def refused(answer: requests.Response) -> tuple[int, int]:
    """Status and number of a refusal."""
    (error,) = answer.json()["errors"]
    return answer.status_code, error["code"]


def test_badges_are_public(cloud: Sandbox, client: Client) -> None:
    """No credential is needed to see those of a universe; each says where it is won."""
    first, second = client.universe(LANTERN).badges.list()
    assert (first.name, first.enabled, second.name) == ("First Light", True, "Home Again")
    assert (first.awarder.id, first.statistics.awarded_count) == (4000001, 4120)
    assert client.universe(LANTERN).badges.get(first.id) == first
    answer = requests.get(f"{cloud.api_base}/v1/badges/{first.id}", timeout=10).json()
    assert answer["awardingUniverse"] == {
        "id": LANTERN,
        "name": "Lantern Quest",
        "rootPlaceId": 4000001,
    }
    with pytest.raises(errors.NotFound):
        client.universe(LANTERN).badges.get(5)
    with pytest.raises(errors.NotFound):
        list(client.universe(1).badges.list())


def test_pages_of_badges_go_both_ways(cloud: Sandbox, client: Client) -> None:
    """By cursors, in either order; only Roblox's sizes of pages are taken."""
    cloud.settings.rate_limits = False
    robux(cloud)["U1000001"] = 10_000
    made = [
        client.universe(TOWER).badges.create(f"Number {each}", expected_cost=100 * (each >= 5)).id
        for each in range(12)
    ]
    listed = client.universe(TOWER).badges.list(page_size=10)
    assert [badge.id for badge in listed] == made
    newest = client.universe(TOWER).badges.list(newest_first=True, page_size=10)
    assert [badge.id for badge in newest] == made[::-1]
    path = f"{cloud.api_base}/v1/universes/{TOWER}/badges"
    first = requests.get(path, timeout=10).json()
    query = {"cursor": first["nextPageCursor"]}
    second = requests.get(path, query, timeout=10).json()
    assert [badge["id"] for badge in second["data"]] == made[10:]
    assert (first["previousPageCursor"], second["nextPageCursor"]) == (None, None)
    back = requests.get(path, {"cursor": second["previousPageCursor"]}, timeout=10).json()
    assert back["data"] == first["data"]
    for wrong in ({"limit": 11}, {"cursor": "x"}, query | {"sortOrder": "Desc"}):
        assert requests.get(path, wrong, timeout=10).status_code == 400


def test_five_a_day_are_free(cloud: Sandbox, client: Client) -> None:
    """The sixth costs, the seventh more than there is left; the next day begins anew."""
    cloud.clock.set(20_000 * DAY + 60)
    badges = client.universe(TOWER).badges
    assert quota(cloud) == 5
    for number in range(5):
        badges.create(f"Free {number}")
    assert (quota(cloud), robux(cloud)["U1000001"]) == (0, 1000)
    with pytest.raises(errors.BadRequest) as caught:
        badges.create("Sixth")
    assert caught.value.code == "18"
    save_and_load(cloud)
    badges.create("Sixth", expected_cost=100)
    assert robux(cloud)["U1000001"] == 900
    robux(cloud)["U1000001"] = 99
    with pytest.raises(errors.PermissionDenied) as poor:
        badges.create("Seventh", expected_cost=100)
    assert poor.value.code == "17"
    assert quota(cloud, LANTERN) == 5
    cloud.clock.advance(DAY)
    assert quota(cloud) == 5
    with pytest.raises(errors.BadRequest):
        badges.create("Dear", expected_cost=100)
    assert badges.create("Free again").enabled


def test_groups_pay_for_their_own(cloud: Sandbox, client: Client) -> None:
    """A group's Robux pay for the badges of its universes, and of no others."""
    cloud.settings.rate_limits = False
    badges = client.universe(RACING).badges
    for number in range(5):
        badges.create(f"Free {number}", payment_source="group")
    badges.create("Dear", expected_cost=100, payment_source="group")
    assert robux(cloud) == {"U1000001": 1000, "G2000001": 150}
    with pytest.raises(errors.BadRequest) as caught:
        client.universe(TOWER).badges.create("Ours", payment_source="group")
    assert caught.value.code == "16"


def test_made_and_changed(cloud: Sandbox, client: Client) -> None:
    """What was written is read back by everybody."""
    badges = client.universe(TOWER).badges
    made = badges.create("Diver", description="Deep", icon=ICON, active=False)
    assert (made.name, made.description, made.enabled) == ("Diver", "Deep", False)
    asset = client.asset(made.icon_image_id or 0).get()
    assert (asset.type, asset.display_name) == ("Image", "Diver")
    cloud.clock.advance(5)
    badges.update(made.id, enabled=True)
    badges.update(made.id, name="Deep diver")
    changed = badges.get(made.id)
    assert (changed.name, changed.description, changed.enabled) == ("Deep diver", "Deep", True)
    assert changed.updated_at > made.updated_at
    target = badges.update_icon(made.id, ICON).target_id
    assert target != made.icon_image_id
    save_and_load(cloud)
    assert badges.get(made.id).icon_image_id == target


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"name": (None, " ")}, (400, 14)),
        ({"name": (None, "x" * 51)}, (400, 14)),
        ({"description": (None, "x" * 1001)}, (400, 15)),
        ({"description": (None, "rejected")}, (403, 6)),
        ({"paymentSourceType": (None, "3")}, (400, 0)),
        ({"files": ("a.png", b"GIF89a", "image/png")}, (400, 11)),
        ({"files": ("a.png", ICON[:50], "image/png")}, (400, 11)),
    ],
)
def test_badges_that_cannot_be(
    cloud: Sandbox, app: App, form: dict[str, Any], expected: tuple[int, int]
) -> None:
    """Each has Roblox's number; nothing is made, and none of the free ones is used up."""
    answer = app.call("POST", MAKE, files={"name": (None, "Diver")} | form)
    assert refused(answer) == expected
    assert quota(cloud) == 5


def test_two_icons_are_too_many(app: App) -> None:
    """Exactly one file, if any."""
    icon = ("files", ("a.png", ICON, "image/png"))
    answer = app.call("POST", MAKE, files=[("name", (None, "Diver")), icon, icon])
    assert refused(answer) == (400, 11)


def test_changes_that_cannot_be(app: App) -> None:
    """As for new ones; a text that moderation refuses is a 400 here."""
    path = "/legacy-badges/v1/badges/8000001"
    for body, expected in (
        ({"name": ""}, (400, 14)),
        ({"description": "x" * 1001}, (400, 15)),
        ({"name": "rejected"}, (400, 6)),
        ({"enabled": "yes"}, (400, 0)),
    ):
        assert refused(app.call("PATCH", path, json=body)) == expected
    assert refused(app.call("PATCH", "/legacy-badges/v1/badges/5", json={})) == (404, 1)
    icon = "/legacy-publish/v1/badges/{}/icon"
    file = {"Files": ("a.png", ICON, "image/png")}
    assert refused(app.call("POST", icon.format(8000001), files={"x": file["Files"]})) == (400, 2)
    assert refused(app.call("POST", icon.format(5), files=file)) == (404, 4)


def test_other_peoples_universes(app: App) -> None:
    """Badges are made and changed where a person let the app in, with the scope for it."""
    scope = "openid legacy-universe.badge:write legacy-universe.badge:manage-and-spend-robux"
    token = app.login(scope=f"{scope} legacy-badge:manage", universes=["3000002"])
    form = {"name": (None, "Diver")}
    assert app.call("POST", MAKE, token, files=form).status_code == 200
    for universe, expected in ((LANTERN, (403, 12)), (GARDEN, (403, 12)), (1, (404, 3))):
        path = MAKE.replace(str(TOWER), str(universe))
        assert refused(app.call("POST", path, token, files=form)) == expected
    path = "/legacy-badges/v1/badges/8000001"
    assert refused(app.call("PATCH", path, token, json={"enabled": False})) == (403, 2)
    icon = {"Files": ("a.png", ICON, "image/png")}
    path = "/legacy-publish/v1/badges/8000001/icon"
    assert refused(app.call("POST", path, token, files=icon)) == (403, 5)
    poor = app.login(scope="openid legacy-universe.badge:write", universes=["3000002"])
    assert refused(app.call("POST", MAKE, poor, files=form)) == (403, 0)
