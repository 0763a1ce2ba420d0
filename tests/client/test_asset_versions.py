"""Assets that are there: their versions, whether they are archived, where their content is."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply
from tests.client.assets import BASE, part
from tests.support.colours import Colour
from tests.support.raw_server import RawServer


def test_versions_are_turned_by_their_token(colour: Colour, asset: Any, server: RawServer) -> None:
    """The token goes back as pageToken; an empty page with a token is not the end."""
    server.script(
        reply(
            body={
                "assetVersions": [{"path": "assets/77/versions/3", "published": True}],
                "nextPageToken": "t 1",
            }
        ),
        reply(body={"assetVersions": [], "nextPageToken": "t2"}),
        reply(body={"assetVersions": [{"path": "assets/77/versions/2"}]}),
    )
    found = colour.list(asset.versions())
    assert [(each.number, each.published) for each in found] == [(3, True), (2, False)]
    assert [asked(line) for line in server.lines] == [
        (f"GET {BASE}/versions", {"maxPageSize": "50"}),
        (f"GET {BASE}/versions", {"maxPageSize": "50", "pageToken": "t 1"}),
        (f"GET {BASE}/versions", {"maxPageSize": "50", "pageToken": "t2"}),
    ]


def test_versions_that_come_as_a_plain_list(colour: Colour, asset: Any, server: RawServer) -> None:
    """As Roblox's document has it; and no more are asked for than wanted."""
    server.script(reply(body=[{"path": "assets/77/versions/9"}, {"path": "assets/77/versions/8"}]))
    assert [each.number for each in colour.list(asset.versions(limit=1))] == [9]
    assert asked(server.lines[0])[1] == {"maxPageSize": "1"}
    with pytest.raises(ValueError, match="page_size must be from 1 to 50"):
        asset.versions(page_size=51)


def test_a_version_and_back_to_it(colour: Colour, asset: Any, server: RawServer) -> None:
    """Versions are numbers; their paths are made here."""
    version = {
        "path": "assets/77/versions/4",
        "creationContext": {"creator": {"groupId": "9"}},
        "moderationResult": {"moderationState": "Reviewing"},
    }
    server.script(reply(body=version))
    found = colour(asset.version(4))
    assert (found.number, found.creator.group_id) == (4, 9)
    assert found.moderation_result.state is models.ModerationState.REVIEWING
    assert colour(asset.rollback(2)).number == 4
    assert server.lines == [f"GET {BASE}/versions/4", f"POST {BASE}/versions:rollback"]
    assert part(server.requests[1], "assetVersion").endswith(b"\r\n\r\nassets/77/versions/2")
    for wrong in (0, "2", True):
        for ask in (asset.rollback, asset.version):
            with pytest.raises((ValueError, TypeError), match=r"^number must be"):
                colour(ask(wrong))
        with pytest.raises((ValueError, TypeError), match=r"^version must be"):
            colour(asset.location(version=wrong))
    assert len(server.requests) == 2


def test_archive_and_restore(colour: Colour, asset: Any, server: RawServer) -> None:
    """The state comes back; what is not yours is refused."""
    server.script(reply(body={"assetId": 77, "state": "Archived"}))
    assert colour(asset.archive()).state is models.AssetState.ARCHIVED
    server.script(reply(body={"assetId": 77, "state": "Active"}))
    assert colour(asset.restore()).state is models.AssetState.ACTIVE
    assert server.lines == [f"POST {BASE}:archive", f"POST {BASE}:restore"]
    server.script(reply(403, {"code": "PERMISSION_DENIED", "message": "no"}))
    with pytest.raises(errors.PermissionDenied):
        colour(asset.archive())


def test_location_and_thumbnail(colour: Colour, asset: Any, server: RawServer) -> None:
    """Where its content is, of any version, and where its picture is."""
    server.script(reply(body={"location": "https://c0.rbxcdn.com/x", "assetTypeId": 10}))
    assert colour(asset.location()).location == "https://c0.rbxcdn.com/x"
    assert colour(asset.location(version=3)).asset_type_id == 10
    server.script(reply(body={"targetId": 77, "state": "Pending", "imageUrl": None}))
    picture = colour(asset.thumbnail_3d(gltf=True))
    assert (picture.target_id, picture.state, picture.image_url) == (77, "Pending", None)
    assert server.lines == [
        "GET /asset-delivery-api/v1/assetId/77",
        "GET /asset-delivery-api/v1/assetId/77/version/3",
        "GET /v1/assets-thumbnail-3d?assetId=77&useGltf=true",
    ]
