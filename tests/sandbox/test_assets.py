"""Uploads, their operations and moderation; and published messages."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.drawing import png
from tests.sandbox.app import App

PICTURE = png(16, (200, 60, 60), is_round=False)


def upload(
    app: App,
    token: dict[str, Any] | None = None,
    *,
    creator: dict[str, object] | None = None,
    file: tuple[str, bytes | io.IOBase, str] = ("hat.png", PICTURE, "image/png"),
    **changes: object,
) -> requests.Response:
    """Create an asset."""
    wanted = {
        "assetType": "Decal",
        "displayName": "Hat",
        "description": "A hat",
        "creationContext": {"creator": creator or {"userId": "1000001"}},
    } | changes
    data = {"request": json.dumps(wanted)}
    return app.call("POST", "/assets/v1/assets", token, data=data, files={"fileContent": file})


def poll(app: App, operation: dict[str, Any], token: dict[str, Any] | None = None) -> Any:
    """The operation as it is now."""
    return app.call("GET", f"/assets/v1/{operation['path']}", token).json()


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
    assert app.call("GET", path, params={"readMask": "secrets"}).status_code == 400


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
