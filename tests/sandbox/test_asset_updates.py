"""Changing assets: what is told of them, new content, versions, putting them away."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors, models
from rblx_oauth.api import assets as api
from rblx_oauth.core.asset_members import read_mask
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import FBX, MODEL, PICTURE, bmp, uploaded

__all__ = ["client"]

BRIDGE, LANTERN, SIGN, NIGHT = 6000003, 6000001, 6000002, 6000007
PATH = f"/assets/v1/assets/{BRIDGE}"
LINKS = {
    "facebook": "https://www.facebook.com/a",
    "twitter": "https://x.com/a",
    "youtube": "https://youtu.be/a",
    "twitch": "https://twitch.tv/a",
    "discord": "https://discord.gg/a",
    "github": "https://github.com/a",
    "roblox": "https://www.roblox.com/groups/1",
    "guilded": "https://guilded.gg/a",
    "dev_forum": "https://devforum.roblox.com/t/1",
}


def change(app: App, body: dict[str, object], token: Any = None, **more: Any) -> requests.Response:
    """A PATCH of the bridge."""
    form: dict[str, Any] = {"request": (None, json.dumps({"assetId": BRIDGE} | body))}
    form |= more.pop("files", {})
    return app.call("PATCH", PATH, token, files=form, **more)


def test_what_is_told_is_changed_at_once(client: Client) -> None:
    """The answer says what changed; nothing else did, and there is no new version."""
    bridge = client.asset(BRIDGE)
    link = models.SocialLink(title="Plans", uri="https://github.com/ada/bridge")
    told = bridge.update(
        display_name="Ash bridge",
        description="",
        icon_id=LANTERN,
        previews={LANTERN: "A lantern", NIGHT: ""},
        social_links={"github": link},
    )
    members = ["icon_id", "previews", "github_social_link", "twitch_social_link"]
    found = bridge.get(members=members)
    for asset in (told, found):
        assert (asset.id, asset.display_name, asset.description) == (BRIDGE, "Ash bridge", "")
        assert (asset.icon_id, asset.github_social_link) == (LANTERN, link)
        assert [(each.asset_id, each.alt_text) for each in asset.previews] == [
            (LANTERN, "A lantern"),
            (NIGHT, ""),
        ]
    assert (found.revision, told.type) == ("2", "")
    assert found.twitch_social_link is not None


@pytest.mark.parametrize("site", LINKS)
def test_links_are_set_told_and_removed(client: Client, site: str) -> None:
    """Nine kinds; what a mask names and the request has not is removed."""
    bridge, member = client.asset(BRIDGE), f"{site}_social_link"
    bridge.update(social_links={site: LINKS[site]})
    found = getattr(bridge.get(members=[member]), member)
    assert found.uri == LINKS[site]
    mask = read_mask([member])
    client.send(api.update_asset(asset_id=BRIDGE, request={"assetId": BRIDGE}, update_mask=mask))
    assert getattr(bridge.get(members=[member]), member) is None


def test_a_mask_says_what_counts(app: App) -> None:
    """What it does not name stays, though the request has it; without one all of that counts."""
    body: dict[str, object] = {"displayName": "Ash bridge", "description": "Long."}
    told = change(app, body, params={"updateMask": "description"}).json()
    assert told == {"path": f"assets/{BRIDGE}", "description": "Long."}
    assert app.call("GET", PATH).json()["displayName"] == "Oak bridge"
    assert set(change(app, body).json()) == {"path", "displayName", "description"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "nothing to update"),
        ({"assetId": SIGN, "displayName": "a"}, "assetId"),
        ({"assetId": None, "displayName": "a"}, "assetId"),
        ({"displayName": ""}, "1 to 50"),
        ({"displayName": 5}, "displayName is not as expected"),
        ({"description": "x" * 1001}, "1000"),
        ({"description": "All rejected"}, "AssetDescription is moderated."),
        ({"icon": f"assets/{SIGN}"}, "of type Image, not Decal"),
        ({"icon": "assets/1"}, ""),
        ({"previews": [f"assets/{LANTERN}"]}, "previews is not as expected"),
        ({"githubSocialLink": {"uri": "https://example.com"}}, "https://github.com"),
        ({"githubSocialLink": {"uri": "http://github.com/a"}}, "https://github.com"),
        ({"githubSocialLink": {"uri": "https://[github.com/a"}}, "https://github.com"),
        (
            {
                f"{name}SocialLink": {"uri": LINKS[name]}
                for name in ("github", "youtube", "discord")
            },
            "3 links",
        ),
    ],
)
def test_wrong_changes_are_refused(app: App, body: dict[str, object], says: str) -> None:
    """400 says what is wrong, or 404 what is missing; nothing is changed."""
    before = app.call("GET", PATH).json()
    answer = change(app, body)
    assert answer.status_code == (404 if not says else 400)
    assert says in answer.json()["message"]
    assert app.call("GET", PATH).json() == before


def test_masks_name_what_can_be_changed(app: App) -> None:
    """Another name is refused, a form without a request too."""
    answer = change(app, {"assetType": "Decal"}, params={"updateMask": "assetType"})
    assert answer.status_code == 400
    assert app.call("PATCH", PATH, files={"other": ("a", b"b")}).status_code == 400


def test_icons_are_square(app: App, client: Client) -> None:
    """By the picture's own size."""
    wide = uploaded(app, assetType="Image", file=("wide.bmp", bmp(4, 3), "image/bmp"))
    with pytest.raises(errors.BadRequest, match="4 x 3 pixels"):
        client.asset(BRIDGE).update(icon_id=int(wide))
    client.asset(BRIDGE).update(previews={int(wide): "Wide"})


def test_moderation_refuses_a_name(cloud: Sandbox, client: Client) -> None:
    """An operation ends in that, and the name stays what it was."""
    cloud.settings.operation_seconds = 0
    with pytest.raises(errors.ModerationRejected):
        client.asset(BRIDGE).update(display_name="Rejected bridge")
    assert client.asset(BRIDGE).get().display_name == "Oak bridge"


def test_others_may_not_change_it(app: App) -> None:
    """403 for who may act for another creator only, or lacks a scope."""
    for token in (app.login(user="1000002"), app.login(scope="openid asset:read")):
        assert change(app, {"displayName": "Mine"}, token).status_code == 403


def test_content_of_a_model_becomes_a_version(cloud: Sandbox, app: App, client: Client) -> None:
    """Once it is processed; the operation ends in the asset, and may change its name, too."""
    bridge = client.asset(BRIDGE)
    operation = bridge.update_content(FBX, filename="bridge.fbx")
    assert operation.result() is None
    assert bridge.get().revision == "2"
    cloud.clock.advance(1)
    asset = operation.result()
    assert asset is not None
    assert (asset.id, asset.revision) == (BRIDGE, "3")
    both = change(
        app,
        {"displayName": "Stone bridge"},
        files={"fileContent": ("a.rbxmx", MODEL, "model/x-rbxm")},
    ).json()
    assert both["done"] is False
    cloud.clock.advance(1)
    found = bridge.get()
    assert (found.display_name, found.revision) == ("Stone bridge", "4")


def test_content_that_is_refused_changes_nothing(cloud: Sandbox, app: App) -> None:
    """By moderation, for its type, or because the asset is no model."""
    files = {"fileContent": ("rejected.rbxmx", MODEL, "model/x-rbxm")}
    operation = change(app, {"displayName": "Stone bridge"}, files=files).json()
    cloud.clock.advance(1)
    assert "error" in app.call("GET", f"/assets/v1/{operation['path']}").json()
    picture = {"fileContent": ("a.png", PICTURE, "image/png")}
    assert change(app, {"displayName": "Stone bridge"}, files=picture).status_code == 400
    assert app.call("GET", PATH).json()["displayName"] == "Oak bridge"
    decal = app.call(
        "PATCH",
        f"/assets/v1/assets/{SIGN}",
        files={"request": (None, f'{{"assetId": {SIGN}}}'), **picture},
    )
    assert (decal.status_code, decal.json()["code"]) == (400, 400)


def test_versions_are_listed_newest_first(cloud: Sandbox, app: App, client: Client) -> None:
    """In pages, of 8 unless asked, up to 50."""
    bridge = client.asset(BRIDGE)
    for _ in range(9):
        bridge.update_content(FBX, filename="bridge.fbx")
    assert len(list(bridge.versions())) == 2
    cloud.clock.advance(1)
    numbers = [each.number for each in bridge.versions(page_size=4)]
    assert numbers == list(range(11, 0, -1))
    assert len(app.call("GET", f"{PATH}/versions").json()["assetVersions"]) == 8
    for size, status in (("50", 200), ("51", 400), ("-1", 400), ("x", 400)):
        answer = app.call("GET", f"{PATH}/versions", params={"maxPageSize": size})
        assert answer.status_code == status
    token = app.call("GET", f"{PATH}/versions").json()["nextPageToken"]
    other = f"/assets/v1/assets/{SIGN}/versions"
    assert app.call("GET", other, params={"pageToken": token}).status_code == 400


def test_one_version(client: Client) -> None:
    """By its number; what there is not is a 404."""
    version = client.asset(BRIDGE).version(1)
    assert (version.number, version.creator.user_id) == (1, 1000001)
    assert version.moderation_result.state == "Approved"
    with pytest.raises(errors.NotFound):
        client.asset(BRIDGE).version(3)
    with pytest.raises(errors.PermissionDenied):
        client.asset(6000006).version(1)


def test_going_back_makes_a_new_version(app: App, client: Client) -> None:
    """With the content of the earlier one; as a form, and as JSON."""
    bridge = client.asset(BRIDGE)
    assert bridge.rollback(1).number == 3
    locations = [bridge.location(version=number).location for number in (1, 2, 3)]
    first, second, third = (app.http.get(each, timeout=10).content for each in locations)
    assert first == third != second
    assert bridge.get().revision == "3"
    with pytest.raises(errors.NotFound):
        bridge.rollback(9)
    path = f"{PATH}/versions:rollback"
    wanted = {"assetVersion": f"assets/{BRIDGE}/versions/2"}
    assert app.call("POST", path, json=wanted).json()["path"].endswith("/versions/4")
    for wrong in (f"assets/{SIGN}/versions/1", "2"):
        answer = app.call("POST", path, files={"assetVersion": (None, wrong)})
        assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert app.call("POST", path, files={"other": (None, "2")}).status_code == 400


def test_put_away_and_brought_back(cloud: Sandbox, client: Client) -> None:
    """An archived asset says so; the store has it no more until then."""
    bridge = client.asset(BRIDGE)
    assert bridge.archive().state == "Archived"
    assert bridge.get().state == "Archived"
    assert bridge.location().is_archived
    with pytest.raises(errors.NotFound):
        client.creator_store.get(BRIDGE)
    save_and_load(cloud)
    assert bridge.restore().state == "Active"
    assert client.creator_store.get(BRIDGE).asset is not None
    for call in (client.asset(6000006).archive, client.asset(6000006).restore):
        with pytest.raises(errors.PermissionDenied):
            call()
