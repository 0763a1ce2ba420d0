"""Uploads, their operations and moderation; and published messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rblx_oauth import Client, errors
from rblx_oauth.core.formats import CONTENT_TYPES, FORMATS
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.assets import AssetShelf
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import (
    FBX,
    MODEL,
    PICTURE,
    RED,
    bmp,
    jpeg,
    poll,
    tga,
    upload,
    uploaded,
    wav,
    webp,
)

__all__ = ["client"]

BROKEN = '"InvalidImage"'


def test_an_upload_takes_its_moment_and_becomes_an_asset(cloud: Sandbox, app: App) -> None:
    """The operation is done when the sandbox's clock says so; then the asset exists."""
    cloud.settings.operation_seconds = 30
    token = app.login()
    operation = upload(app, token).json()
    assert operation["done"] is False
    assert operation["path"] == f"operations/{operation['operationId']}"
    assert poll(app, operation, token)["done"] is False
    assert app.call("GET", "/assets/v1/assets/7000001", token).status_code == 404
    cloud.clock.advance(30)
    done = poll(app, operation, token)
    assert done["done"] is True
    asset = done["response"]
    assert (asset["assetId"], asset["displayName"], asset["assetType"]) == (
        "7000001",
        "Hat",
        "Decal",
    )
    assert asset["creationContext"] == {"creator": {"userId": "1000001"}}
    assert asset["moderationResult"] == {"moderationState": "Approved"}
    assert app.call("GET", f"/assets/v1/{asset['path']}", token).json() == asset


@pytest.mark.parametrize("where", ["file", "name"])
def test_moderation_rejects_by_the_word(cloud: Sandbox, app: App, where: str) -> None:
    """A file or display name with the word ends in an error, and there is no asset."""
    if where == "file":
        operation = upload(app, file=("Rejected-hat.png", PICTURE, "image/png")).json()
    else:
        operation = upload(app, displayName="A rejected hat").json()
    assert operation["done"] is False
    cloud.clock.advance(1)
    done = poll(app, operation)
    assert done["done"] is True
    assert "moderation" in done["error"]["message"]
    assert "response" not in done
    assert app.call("GET", "/assets/v1/assets/7000001").status_code == 404


def test_the_word_of_moderation_can_be_set(cloud: Sandbox, app: App) -> None:
    """Another word rejects, an empty one lets everything pass; no waiting with 0 seconds."""
    cloud.settings.operation_seconds = 0
    cloud.settings.moderation_word = "hat"
    assert "error" in upload(app, description="Red").json()
    cloud.settings.moderation_word = ""
    assert "response" in upload(app, displayName="rejected").json()


def test_a_token_uploads_only_as_those_that_were_picked(app: App) -> None:
    """Account and groups each need to be picked; others' assets stay out of reach."""
    both = app.login(groups=["2000001"], creator=True)
    assert upload(app, both).status_code == 200
    operation = upload(app, both, creator={"groupId": 2000001}).json()
    for creator in ({"userId": 1000002}, {"groupId": "2000002"}):
        answer = upload(app, both, creator=creator)
        assert (answer.status_code, answer.json()["error"]) == (403, "PERMISSION_DENIED")
    alone = app.login(groups=[], creator=True)
    assert upload(app, alone, creator={"groupId": 2000001}).status_code == 403
    assert poll(app, operation, alone)["error"] == "PERMISSION_DENIED"
    neither = app.login(groups=[], creator=False)
    assert upload(app, neither).status_code == 403


def test_uploads_need_both_scopes(app: App) -> None:
    """Reading alone does not upload; the body has the first version's shape."""
    answer = upload(app, app.login(scope="openid asset:read"))
    assert answer.status_code == 403
    assert answer.json() == {
        "error": "INSUFFICIENT_SCOPE",
        "message": "create_asset needs scope asset:write",
        "errorDetails": [],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"assetType": "Shirt"},
        {"assetType": ""},
        {"context": {"assetPrivacy": "secret"}},
        {"context": {"expectedPrice": -1}},
        {"description": "A rejected hat"},
        {"assetType": "Audio"},
        {"displayName": ""},
        {"displayName": "x" * 51},
        {"description": "x" * 1001},
        {"creationContext": {"creator": {}}},
        {"creationContext": {"creator": {"userId": 1, "groupId": 2}}},
        {"creationContext": {}},
        {"file": ("hat.png", b"x", "application/octet-stream")},
        {"file": ("hat.png", b"", "image/png")},
        {"file": ("hat.png", b"x" * (20 * 1024 * 1024 + 1), "image/png")},
    ],
)
def test_a_wrong_upload_is_refused(app: App, changes: dict[str, Any]) -> None:
    """400, in the shape that the document has for it, and nothing is processed."""
    answer = upload(app, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert not app.cloud.state.shelves.of(AssetShelf).operations


def test_a_form_without_its_parts_is_refused(app: App) -> None:
    """Both parts are needed, and a body that is no form is told so."""
    path = "/assets/v1/assets"
    image = {"fileContent": ("a.png", b"x", "image/png")}
    wanted = {
        "assetType": "Decal",
        "displayName": "Hat",
        "creationContext": {"creator": {"userId": "1000001"}},
    }
    assert app.call("POST", path, files=image).status_code == 400
    assert app.call("POST", path, data={"request": "{"}, files=image).status_code == 400
    assert app.call("POST", path, data={"request": json.dumps(wanted)}).status_code == 400
    assert app.call("POST", path, json=wanted).status_code == 400


def test_the_request_part_may_be_typed_json(app: App) -> None:
    """A part `request` with a filename and a content type of its own is read too."""
    wanted = {
        "assetType": "Model",
        "displayName": "Hat",
        "creationContext": {"creator": {"userId": 1000001}},
    }
    files = {
        "request": ("request.json", json.dumps(wanted), "application/json"),
        "fileContent": ("hat.rbxm", b"x", "model/x-rbxm"),
    }
    assert app.call("POST", "/assets/v1/assets", files=files).status_code == 200


def test_read_masks_name_real_fields(cloud: Sandbox, app: App) -> None:
    """An unknown field in readMask is refused."""
    cloud.settings.operation_seconds = 0
    upload(app)
    path = "/assets/v1/assets/7000001"
    assert app.call("GET", path, params={"readMask": "description,icon"}).status_code == 200
    everything = "path,revisionId,revisionCreateTime,assetId,displayName,description,assetType"
    everything += ",creationContext,moderationResult,state,icon,previews,socialLink"
    answer = app.call("GET", path, params={"readMask": everything})
    assert (answer.status_code, answer.json()["state"]) == (200, "Active")
    assert app.call("GET", path, params={"readMask": "secrets"}).status_code == 400


def test_every_type_is_taken_in_each_of_its_formats(app: App, client: Client) -> None:
    """All that the client uploads; a type is told as Roblox tells it, however it is written."""
    contents = {
        ".png": PICTURE,
        ".jpg": jpeg(16, RED),
        ".jpeg": jpeg(16, RED),
        ".bmp": bmp(5, 3),
        ".tga": tga(5, 3),
        ".rbxmx": MODEL,
        ".fbx": FBX,
        ".mesh": b"version 2.00\n" + bytes(40),
    }
    for kind, suffixes in FORMATS.items():
        for suffix in suffixes:
            content = contents.get(suffix, b"\0" * 100)
            operation = client.user(1000001).assets.create(
                content, type=kind, name="It", filename=f"it{suffix}"
            )
            app.cloud.clock.advance(1)
            asset = operation.result()
            assert asset is not None
            assert asset.type == kind
            kept = app.cloud.state.shelves.of(AssetShelf).assets[str(asset.id)].content
            assert kept is not None
            assert (kept.media, kept.size) == (CONTENT_TYPES[suffix], len(content))
    spelled = upload(app, assetType="ASSET_TYPE_DECAL").json()
    app.cloud.clock.advance(1)
    assert poll(app, spelled)["response"]["assetType"] == "Decal"


@pytest.mark.parametrize(
    ("picture", "media"),
    [
        (PICTURE, "image/png"),
        (jpeg(7, RED), "image/jpeg"),
        (bmp(7, 7), "image/bmp"),
        (tga(7, 7), "image/tga"),
        (tga(7, 7, packed=True), "image/tga"),
    ],
)
def test_a_picture_is_what_it_is(app: App, picture: bytes, media: str) -> None:
    """Its format and size are read from it, whatever it is sent as."""
    asset_id = uploaded(app, assetType="Image", file=("hat.png", picture, "image/png"))
    content = app.cloud.state.shelves.of(AssetShelf).assets[asset_id].content
    assert content is not None
    side = 16 if picture is PICTURE else 7
    assert (content.media, content.width, content.height) == (media, side, side)


@pytest.mark.parametrize(
    "picture",
    [
        b"pixels",
        b"\x89PNG\r\n\x1a\n",
        PICTURE[:-20],
        PICTURE[:-20] + b"x" + PICTURE[-19:],
        PICTURE[:33] + PICTURE[-12:],
        jpeg(16, RED)[:-2],
        jpeg(16, RED)[:30],
        b"\xff\xd8\xff\xe0" + b"\0" * 50,
        bmp(9, 9)[:-40],
        tga(9, 9)[:-40],
        tga(0, 9),
        webp(9, 9),
        b"GIF89a" + b"\0" * 50,
    ],
)
def test_a_broken_picture_is_refused_in_robloxs_words(app: App, picture: bytes) -> None:
    """None that is cut off, changed, or of a format that is not taken; no asset comes of it."""
    answer = upload(app, file=("hat.png", picture, "image/png"))
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "message": BROKEN})
    assert not app.cloud.state.shelves.of(AssetShelf).operations


def test_a_picture_has_8000_pixels_at_most(app: App) -> None:
    """Each way; the refusal says how many there are."""
    assert upload(app, file=("hat.tga", tga(8000, 1), "image/tga")).status_code == 200
    for shape in ((8001, 1), (1, 8001)):
        answer = upload(app, file=("hat.tga", tga(*shape), "image/tga"))
        assert answer.status_code == 400
        assert "8001" in answer.json()["message"]


def test_content_of_another_kind_is_refused(app: App) -> None:
    """What surely is another format than it is sent as; what tells nothing is taken."""
    for name, content, media in (
        ("a.fbx", PICTURE, "model/fbx"),
        ("a.rbxm", FBX, "model/x-rbxm"),
    ):
        answer = upload(app, assetType="Model", file=(name, content, media))
        assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert upload(app, assetType="Model", file=("a.fbx", b"x", "model/fbx")).status_code == 200


def test_sounds_last_seven_minutes_at_most(cloud: Sandbox, app: App) -> None:
    """By the header of the file."""
    for seconds, status in ((420, 200), (421, 400)):
        file = ("bell.wav", wav(seconds), "audio/wav")
        assert upload(app, assetType="Audio", file=file).status_code == status
    (asset,) = [
        each
        for each in cloud.state.shelves.of(AssetShelf).assets.values()
        if each.id.startswith("7")
    ]
    assert asset.content is not None
    assert asset.content.seconds == 420


def test_moderation_may_take_its_time(cloud: Sandbox, app: App) -> None:
    """Then the asset is there while it is reviewed, and what is rejected stays, unseen."""
    cloud.settings.moderation_seconds = 60
    good, bad = uploaded(app), uploaded(app, displayName="A rejected hat")
    paths = [f"/assets/v1/assets/{each}" for each in (good, bad)]

    def states() -> list[str]:
        answers = [app.call("GET", path).json() for path in paths]
        return [each["moderationResult"]["moderationState"] for each in answers]

    assert states() == ["Reviewing", "Reviewing"]
    cloud.clock.advance(60)
    assert states() == ["Approved", "Rejected"]
    delivery = "/asset-delivery-api/v1/assetId/"
    assert app.call("GET", delivery + good).status_code == 200
    assert app.call("GET", delivery + bad).status_code == 403


def test_what_is_open_to_use_is_open_to_others(app: App) -> None:
    """The privacy that was asked for counts, and is not told."""
    context = {"assetPrivacy": "openUse", "expectedPrice": 0}
    shared, own = uploaded(app, context=context), uploaded(app)
    stranger = app.login(user="1000002")
    found = app.call("GET", f"/assets/v1/assets/{shared}", stranger)
    assert found.status_code == 200
    assert "assetPrivacy" not in found.json()["creationContext"]
    assert app.call("GET", f"/assets/v1/assets/{own}", stranger).status_code == 403


def test_an_operation_that_nobody_began(app: App) -> None:
    """404; another's is out of reach."""
    assert app.call("GET", "/assets/v1/operations/none").status_code == 404
    operation = upload(app).json()
    stranger = app.login(user="1000002")
    assert poll(app, operation, stranger)["error"] == "PERMISSION_DENIED"


def test_a_new_sandbox_has_assets(client: Client) -> None:
    """One of most types, with versions, previews and a link."""
    bridge = client.asset(6000003)
    found = bridge.get(members=["previews", "twitch_social_link"])
    assert (found.type, found.revision, found.creator.user_id) == ("Model", "2", 1000001)
    assert [each.asset_id for each in found.previews] == [6000001]
    assert found.twitch_social_link is not None
    with pytest.raises(errors.PermissionDenied):
        client.asset(6000006).get()


def test_assets_are_saved_with_their_contents(cloud: Sandbox, app: App, client: Client) -> None:
    """A sandbox that is loaded has operations under way, assets, and the bytes of small ones."""
    asset_id = uploaded(app)
    under_way = upload(app).json()
    save_and_load(cloud)
    assert client.asset(int(asset_id)).get().display_name == "Hat"
    location = client.asset(int(asset_id)).location().location
    assert app.http.get(location, timeout=10).content == PICTURE
    assert poll(app, under_way)["done"] is False
    cloud.clock.advance(1)
    assert poll(app, under_way)["done"] is True


def test_messages_arrive(cloud: Sandbox, app: App) -> None:
    """A published message is kept with its universe, topic and time."""
    path = "/cloud/v2/universes/3000001:publishMessage"
    answer = app.call("POST", path, app.login(), json={"topic": "t" * 80, "message": "é" * 1024})
    assert (answer.status_code, answer.json()) == (200, {})
    (message,) = cloud.messages
    assert (message.universe_id, message.topic) == ("3000001", "t" * 80)
    assert abs(message.at - cloud.clock.now()) < 60


@pytest.mark.parametrize(
    "body",
    [
        {"topic": "t" * 81, "message": "m"},
        {"topic": "t", "message": "m" * 1025},
        {"topic": "", "message": "m"},
        {"topic": "t", "message": ""},
        {"topic": "t"},
        {"topic": "t", "message": {"not": "text"}},
    ],
)
def test_a_wrong_message_is_refused(app: App, body: dict[str, object]) -> None:
    """Topic and message have their lengths and are text."""
    answer = app.call("POST", "/cloud/v2/universes/3000001:publishMessage", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert not app.cloud.messages
