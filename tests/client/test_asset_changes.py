"""Assets that are there: reading, changing, sharing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.assets import BASE, part
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

FBX = b"Kaydara FBX Binary  \0" + b"\0" * 50


def test_named_members_are_asked_for(colour: Colour, asset: Any, server: RawServer) -> None:
    """Icon, previews and links come when they are named; what comes alone has its id."""
    server.script(
        reply(
            body={
                "icon": "assets/5",
                "previews": [{"asset": "assets/6", "altText": "From above"}],
                "devForumSocialLink": {"uri": "https://devforum.roblox.com/t/1"},
            }
        )
    )
    found = colour(asset.get(members=["icon_id", "previews", "dev_forum_social_link"]))
    assert (found.id, found.icon_id) == (77, 5)
    assert [(each.asset_id, each.alt_text) for each in found.previews] == [(6, "From above")]
    assert found.dev_forum_social_link.uri == "https://devforum.roblox.com/t/1"
    assert asked(server.lines[0]) == (
        f"GET {BASE}",
        {"readMask": "icon,previews,devForumSocialLink"},
    )


def test_changes_name_what_they_change(colour: Colour, asset: Any, server: RawServer) -> None:
    """The mask and the request hold what is given, and nothing else; there is no file."""
    server.script(reply(body={"path": "assets/77", "displayName": "Top hat"}))
    changed = colour(
        asset.update(
            display_name="Top hat",
            description="",
            icon_id=5,
            previews={6: "From above", 7: ""},
            social_links={
                "twitch": "https://twitch.tv/ada",
                "dev_forum": models.SocialLink(title="Thread", uri="https://d/1"),
            },
        )
    )
    assert (changed.id, changed.display_name) == (77, "Top hat")
    assert asked(server.lines[0]) == (
        f"PATCH {BASE}",
        {"updateMask": "displayName,description,icon,previews,twitchSocialLink,devForumSocialLink"},
    )
    request = part(server.requests[0], "request")
    assert b"Content-Type: application/json" in request
    assert sent_json(request) == {
        "assetId": 77,
        "displayName": "Top hat",
        "description": "",
        "icon": "assets/5",
        "previews": [
            {"asset": "assets/6", "altText": "From above"},
            {"asset": "assets/7", "altText": ""},
        ],
        "twitchSocialLink": {"uri": "https://twitch.tv/ada"},
        "devForumSocialLink": {"title": "Thread", "uri": "https://d/1"},
    }
    assert part(server.requests[0], "fileContent") == b""


def test_a_change_that_is_processed_is_followed(
    colour: Colour, asset: Any, server: RawServer
) -> None:
    """Should Roblox process what was changed, the asset comes when that is over."""
    done = {"path": "operations/op-2", "done": True, "response": {"assetId": "77"}}
    server.script(reply(body={"path": "operations/op-2"}), reply(body=done))
    assert colour(asset.update(display_name="Top hat")).id == 77
    assert server.lines[1] == "GET /assets/v1/operations/op-2"
    rejected = {"moderationResult": {"moderationState": "MODERATION_STATE_REJECTED"}}
    server.script(reply(body=done | {"response": {"assetId": "77"} | rejected}))
    with pytest.raises(errors.ModerationRejected):
        colour(asset.update(display_name="Rude word"))


WRONG_CHANGES = [
    ({}, "nothing to update"),
    ({"display_name": ""}, "display_name must not be empty"),
    ({"description": "x" * 1001}, "description has 1001 characters; the limit is 1000"),
    ({"icon_id": "5"}, "icon_id must be an int"),
    ({"previews": {0: ""}}, "previews must be a positive"),
    ({"previews": {5: None}}, "previews must be a str"),
    ({"social_links": {"myspace": "https://m"}}, "facebook, twitter, .*, not 'myspace'"),
    ({"social_links": {"twitch": ""}}, r"social_links\['twitch'\] must not be empty"),
    (
        {"social_links": dict.fromkeys(("twitch", "github", "discord", "roblox"), "https://x")},
        "social_links has 4 links; the limit is 3",
    ),
]


@pytest.mark.parametrize(
    ("changes", "says"), WRONG_CHANGES, ids=[each[1] for each in WRONG_CHANGES]
)
def test_wrong_changes_are_refused_before_sending(
    colour: Colour, asset: Any, server: RawServer, changes: dict[str, Any], says: str
) -> None:
    """Each argument is checked under its own name, limits are named."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(asset.update(**changes))
    assert server.requests == []


@pytest.mark.parametrize(
    ("members", "says"),
    [("icon_id", "not one"), (["assetId"], "members\\[0\\] must be among display_name, desc")],
)
def test_members_that_cannot_be_asked_for_are_refused(
    colour: Colour, asset: Any, server: RawServer, members: Any, says: str
) -> None:
    """A single string, and what is no such member."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(asset.get(members=members))
    assert server.requests == []


def test_new_content_of_a_model(
    colour: Colour, asset: Any, server: RawServer, tmp_path: Path
) -> None:
    """Content alone, without a mask; the operation ends in the asset's new version."""
    path = tmp_path / "hat.fbx"
    path.write_bytes(FBX)
    done = {"assetId": "77", "revisionId": "2"}
    server.script(
        reply(body={"path": "operations/op-3", "done": False}),
        reply(body={"path": "operations/op-3", "done": True, "response": done}),
    )
    operation = colour(asset.update_content(path))
    assert operation.id == "op-3"
    assert server.lines == [f"PATCH {BASE}"]
    assert sent_json(part(server.requests[0], "request")) == {"assetId": 77}
    file = part(server.requests[0], "fileContent")
    assert b"Content-Type: model/fbx" in file
    assert file.endswith(FBX)
    assert colour(operation.wait()).revision == "2"


def test_content_that_is_over_at_once_is_not_asked_for(
    colour: Colour, asset: Any, server: RawServer
) -> None:
    """The first answer already tells the end."""
    server.script(
        reply(body={"path": "operations/op-3", "done": True, "response": {"assetId": "77"}})
    )
    assert colour(colour(asset.update_content(FBX)).wait()).id == 77
    assert len(server.requests) == 1


def test_only_models_have_new_content(colour: Colour, asset: Any, server: RawServer) -> None:
    """A picture is refused before a byte leaves; an answer without an operation is none."""
    with pytest.raises(ValueError, match="a file for Model has one of the formats"):
        colour(asset.update_content(b"\x89PNG\r\n\x1a\n"))
    assert server.requests == []
    server.script(reply(body={"path": "assets/77"}))
    with pytest.raises(errors.ProtocolError, match="no operation"):
        colour(asset.update_content(FBX))


class Nameless(io.RawIOBase):
    """A large file without a name, which notes how much is wanted of it at once."""

    def __init__(self, size: int) -> None:
        self.size, self.at, self.most = size, 0, 0

    def seekable(self) -> bool:
        """It can."""
        return True

    def tell(self) -> int:
        """Where it stands."""
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go there."""
        self.at = offset + (self.size if whence == io.SEEK_END else 0)
        return self.at

    def read(self, size: int = -1) -> bytes:
        """Roblox's mark of a model, and zeros."""
        wanted = self.size if size < 0 else min(size, self.size - self.at)
        self.most = max(self.most, wanted)
        piece = (b"<roblox!" + bytes(wanted))[self.at : self.at + wanted] if self.at < 8 else b""
        self.at += wanted
        return piece.ljust(wanted, b"\0")


def test_a_large_file_without_a_name_is_streamed(
    colour: Colour, asset: Any, server: RawServer
) -> None:
    """It needs no name, and is never read whole, whatever its size."""
    server.script(reply(body={"path": "operations/op-3"}))
    file = Nameless(8 * 1024 * 1024)
    colour(asset.update_content(file))
    sent = part(server.requests[0], "fileContent")
    assert b'filename="file.rbxm"\r\nContent-Type: model/x-rbxm\r\n\r\n<roblox!\0' in sent
    assert len(server.requests[0]) > file.size
    assert file.most <= 1024 * 1024


@pytest.mark.parametrize(
    "answer",
    [reply(500), reply(502), reply(503), reply(504), reset],
    ids=["500", "502", "503", "504", "reset"],
)
def test_a_doubtful_write_is_never_repeated(
    colour: Colour, asset: Any, server: RawServer, answer: Any
) -> None:
    """After a 5xx or a broken connection nobody knows: it is said, and sent once."""
    writes: list[Callable[[], Any]] = [
        lambda: asset.update_content(FBX),
        lambda: asset.update(display_name="x"),
        lambda: asset.rollback(1),
        asset.archive,
        asset.restore,
        lambda: asset.grant("Use", user_id=5),
    ]
    for count, write in enumerate(writes, start=1):
        server.script(answer)
        with pytest.raises(errors.AmbiguousOutcome):
            colour(write())
        assert len(server.requests) == count


def test_grant(colour: Colour, asset: Any, server: RawServer) -> None:
    """One asset to one of five kinds of subject; a refusal is raised though it came as a 200."""
    granted = reply(body={"successAssetIds": [77], "errors": []})
    server.script(granted)
    assert colour(asset.grant("Use", universe_id=5, dependencies=True, version=3)) is None
    assert server.lines == ["PATCH /asset-permissions-api/v1/assets/permissions"]
    assert sent_json(server.requests[0]) == {
        "subjectType": "Universe",
        "subjectId": "5",
        "action": "Use",
        "requests": [{"assetId": 77, "grantToDependencies": True, "parentVersionNumber": 3}],
    }
    server.script(reply(body={"errors": [{"assetId": 77, "code": "CannotManageAsset"}]}))
    with pytest.raises(errors.ApiError, match="CannotManageAsset") as caught:
        colour(asset.grant(models.AssetAction.EDIT, user_id=5))
    assert caught.value.code == "CannotManageAsset"


def test_grant_of_many(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """What was granted and what was not, an asset each; everyone has no id."""
    server.script(
        reply(
            body={
                "successAssetIds": [1],
                "errors": [{"assetId": 2, "code": "SomethingNew"}],
            }
        )
    )
    client = make_client()
    answer = colour(client.grant_asset_permissions([1, 2], "Use", everyone=True))
    assert (answer.success_asset_ids, answer.errors[0].asset_id) == ([1], 2)
    assert answer.errors[0].code == "SomethingNew"
    assert sent_json(server.requests[0]) == {
        "subjectType": "All",
        "action": "Use",
        "requests": [{"assetId": 1}, {"assetId": 2}],
    }
    colour(client.grant_asset_permissions([1], "Use", role_id=8))
    sent: Any = sent_json(server.requests[1])
    assert (sent["subjectType"], sent["subjectId"]) == ("GroupRoleset", "8")


@pytest.mark.parametrize(
    ("asset_ids", "options", "says"),
    [
        ([1], {}, "give one of user_id, group_id, role_id and universe_id, or everyone=True"),
        ([1], {"user_id": 5, "everyone": True}, "give one of"),
        ([1], {"group_id": 0}, "group_id must be a positive"),
        ([1], {"everyone": 1}, "everyone must be a bool"),
        ([], {"user_id": 5}, "at least one id"),
        ([1, "2"], {"user_id": 5}, r"asset_ids\[1\] must be an int"),
        ([1], {"user_id": 5, "action": ""}, "action must not be empty"),
    ],
)
def test_wrong_grants_are_refused_before_sending(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    asset_ids: Any,
    options: dict[str, Any],
    says: str,
) -> None:
    """Nobody, two of them, no asset: nothing is sent."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(make_client().grant_asset_permissions(asset_ids, **{"action": "Use", **options}))
    assert server.requests == []


def test_price_and_privacy_of_an_upload(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Both travel with the creator; a negative price does not."""
    server.script(reply(body={"path": "operations/op-1"}))
    assets = make_client().group(9).assets
    options: dict[str, Any] = {"type": "Decal", "name": "Hat", "filename": "hat.png"}
    colour(assets.create(b"x", **options, privacy=models.AssetPrivacy.OPEN_USE, expected_price=0))
    sent: Any = sent_json(part(server.requests[0], "request"))
    assert sent["creationContext"] == {
        "creator": {"groupId": "9"},
        "assetPrivacy": "openUse",
        "expectedPrice": 0,
    }
    with pytest.raises(ValueError, match="expected_price must not be negative"):
        colour(assets.create(b"x", **options, expected_price=-1))
    assert len(server.requests) == 1
