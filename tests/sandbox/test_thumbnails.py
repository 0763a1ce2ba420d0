"""Pictures in three dimensions: drawn when first asked for, which takes a moment."""

from __future__ import annotations

import base64
import struct

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.api import thumbnails as api
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

BRIDGE, LANTERN = 6000003, 6000001


def test_pending_until_it_is_drawn(cloud: Sandbox, client: Client) -> None:
    """The first question begins it, the clock ends it; then it can be fetched."""
    bridge = client.asset(BRIDGE)
    first = bridge.thumbnail_3d()
    assert (first.target_id, first.state, first.image_url) == (BRIDGE, "Pending", None)
    cloud.clock.advance(0.5)
    save_and_load(cloud)
    assert bridge.thumbnail_3d().state == "Pending"
    assert bridge.thumbnail_3d(gltf=True).state == "Pending"
    cloud.clock.advance(0.5)
    done = bridge.thumbnail_3d()
    assert done.state == "Completed"
    assert done.image_url is not None
    drawn = requests.get(done.image_url, timeout=10).json()
    assert set(drawn) == {"camera", "aabb", "mtl", "obj", "textures"}
    assert bridge.thumbnail_3d(gltf=True).state == "Pending"


def test_gltf_is_whole(cloud: Sandbox, client: Client) -> None:
    """What its views say is in its buffer: triangles of corners that there are."""
    cloud.settings.operation_seconds = 0
    url = client.asset(BRIDGE).thumbnail_3d(gltf=True).image_url
    assert url is not None
    answer = requests.get(url, timeout=10)
    assert answer.headers["Content-Type"] == "model/gltf+json"
    found = answer.json()
    assert found["asset"]["version"] == "2.0"
    data = base64.b64decode(found["buffers"][0]["uri"].partition("base64,")[2])
    corners, triangles = found["bufferViews"]
    assert corners["byteLength"] + triangles["byteLength"] == len(data)
    numbers = struct.unpack_from("<36H", data, triangles["byteOffset"])
    assert set(numbers) == set(range(found["accessors"][0]["count"]))


def test_avatars_and_outfits(cloud: Sandbox, client: Client) -> None:
    """Of users that there are, and of whatever outfit."""
    avatar = client.send(api.get_avatar_3d(user_id=1000002))
    outfit = client.send(api.get_outfit_3d(outfit_id=5))
    assert (avatar.target_id, avatar.state) == (1000002, "Pending")
    assert (outfit.target_id, outfit.state) == (5, "Pending")
    cloud.clock.advance(1)
    assert client.send(api.get_avatar_3d(user_id=1000002)).state == "Completed"
    assert client.send(api.get_outfit_3d(outfit_id=5)).state == "Completed"


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/assets-thumbnail-3d?assetId={LANTERN}",
        "/v1/assets-thumbnail-3d?assetId=1",
        "/v1/assets-thumbnail-3d?assetId=-",
        "/v1/users/avatar-3d?userId=1",
        "/v1/users/outfit-3d?outfitId=0",
    ],
)
def test_what_cannot_be_drawn_is_refused(app: App, path: str) -> None:
    """Flat, or not there: 400 with Roblox's number for it."""
    answer = app.call("GET", path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 4)


def test_an_id_is_needed_and_a_scope(app: App, client: Client) -> None:
    """400 without the one, 403 without the other."""
    assert app.call("GET", "/v1/assets-thumbnail-3d").status_code == 400
    path = f"/v1/assets-thumbnail-3d?assetId={BRIDGE}"
    assert app.call("GET", path, app.login()).status_code == 403
    with pytest.raises(errors.BadRequest):
        client.asset(LANTERN).thumbnail_3d()
