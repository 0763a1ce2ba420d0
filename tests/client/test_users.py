"""Users: pictures, inventories, groups and what they follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

THUMBNAIL = "users/1/operations/eyJOb25jZSI6IjEifQ=="


@pytest.fixture
def user(make_client: MakeClient) -> Any:
    """User 1."""
    return make_client().user(1)


def test_headshot_that_is_ready_is_not_asked_for_again(
    colour: Colour, user: Any, server: RawServer
) -> None:
    """Roblox often has the picture at once: then one request is all."""
    server.script(
        reply(
            body={
                "path": THUMBNAIL,
                "done": True,
                "response": {"@type": "x", "imageUri": "https://tr.rbxcdn.com/1.png"},
            }
        )
    )
    operation = colour(user.headshot())
    assert colour(operation.wait()) == "https://tr.rbxcdn.com/1.png"
    assert server.lines == ["GET /cloud/v2/users/1:generateThumbnail"]


def test_headshot_is_waited_for(
    colour: Colour, user: Any, server: RawServer, clock: ManualClock
) -> None:
    """One that is being drawn is asked for until it is there."""
    server.script(
        reply(body={"path": THUMBNAIL}),
        reply(body={"path": THUMBNAIL, "done": False}),
        reply(body={"path": THUMBNAIL, "done": True, "response": {"imageUri": "https://i/2"}}),
    )
    operation = colour(user.headshot(size=150, format="JPEG", shape="SQUARE"))
    assert colour(operation.wait()) == "https://i/2"
    first, second, third = server.lines
    assert asked(first)[1] == {"size": "150", "format": "JPEG", "shape": "SQUARE"}
    assert second == third == "GET /cloud/v2/users/1/operations/eyJOb25jZSI6IjEifQ%3D%3D"
    assert len(clock.sleeps) == 1


def test_headshot_that_failed_says_so(colour: Colour, user: Any, server: RawServer) -> None:
    """An operation that is done with an error is a failure, not a picture."""
    server.script(
        reply(body={"path": THUMBNAIL, "done": True, "error": {"code": 5, "message": "no avatar"}})
    )
    operation = colour(user.headshot())
    with pytest.raises(errors.OperationFailed, match="no avatar"):
        colour(operation.wait())


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ({"size": 421}, "size must be one of 48, 50,"),
        ({"format": "GIF"}, "format must be one of PNG, JPEG"),
        ({"shape": "OVAL"}, "shape must be one of ROUND, SQUARE"),
    ],
)
def test_wrong_headshot_is_refused(
    colour: Colour, user: Any, server: RawServer, argument: dict[str, Any], says: str
) -> None:
    """Sizes, formats and shapes that Roblox does not make are named before a byte leaves."""
    with pytest.raises(ValueError, match=says):
        colour(user.headshot(**argument))
    assert server.requests == []


def test_avatar_3d(colour: Colour, user: Any, server: RawServer) -> None:
    """The avatar in three dimensions, perhaps not drawn yet."""
    server.script(reply(body={"targetId": 1, "state": "Pending", "imageUrl": None}))
    picture = colour(user.avatar_3d())
    assert (picture.target_id, picture.state, picture.image_url) == (1, "Pending", None)
    assert server.lines == ["GET /v1/users/avatar-3d?userId=1"]


def test_groups_are_memberships(colour: Colour, user: Any, server: RawServer) -> None:
    """Each tells its group, which stands in the path only, and the roles held there."""
    server.script(
        reply(
            body={
                "groupMemberships": [
                    {
                        "path": "groups/7/memberships/MTU5OTk0MDk4NQ",
                        "user": "users/1",
                        "role": "groups/7/roles/99",
                        "roles": ["groups/7/roles/99", "groups/7/roles/100"],
                        "createTime": "2020-04-30T10:28:57.147Z",
                    }
                ]
            }
        )
    )
    (membership,) = colour.list(user.groups())
    assert (membership.group_id, membership.user_id, membership.role_id) == (7, 1, 99)
    assert membership.role_ids == [99, 100]
    assert membership.created_at == datetime(2020, 4, 30, 10, 28, 57, 147_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "filter_"),
    [
        ({}, None),
        ({"badges": True}, "badges=true"),
        (
            {"game_passes": True, "private_servers": True, "asset_types": ["HAT", "CLASSIC_PANTS"]},
            "gamePasses=true;privateServers=true;inventoryItemAssetTypes=HAT,CLASSIC_PANTS",
        ),
        (
            {"asset_types": [models.InventoryItemAssetType.GEAR]},
            "inventoryItemAssetTypes=GEAR",
        ),
        ({"asset_types": "*"}, "inventoryItemAssetTypes=*"),
        ({"only_collectibles": True}, "onlyCollectibles=true;inventoryItemAssetTypes=*"),
        (
            {"only_collectibles": True, "asset_types": ["HAT"]},
            "onlyCollectibles=true;inventoryItemAssetTypes=HAT",
        ),
        ({"asset_ids": (1, 2)}, "assetIds=1,2"),
        (
            {
                "asset_ids": {1},
                "badge_ids": [2],
                "game_pass_ids": [3],
                "private_server_ids": [4],
            },
            "assetIds=1;badgeIds=2;gamePassIds=3;privateServerIds=4",
        ),
    ],
)
def test_inventory_filter(
    colour: Colour, user: Any, server: RawServer, arguments: dict[str, Any], filter_: str | None
) -> None:
    """Kinds or ids become the one filter that Roblox knows."""
    server.script(reply(body={"inventoryItems": []}))
    assert colour.list(user.inventory(**arguments)) == []
    query = asked(server.lines[0])[1]
    assert query == {"maxPageSize": "100"} | ({"filter": filter_} if filter_ else {})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"badges": True, "asset_ids": [1]}, "kinds of items or for ids, not for both"),
        ({"only_collectibles": True, "badge_ids": [1]}, "kinds of items or for ids"),
        ({"asset_ids": []}, "asset_ids must not be empty"),
        ({"asset_types": []}, "asset_types must not be empty"),
        ({"asset_types": "HAT"}, "asset_types must be an iterable"),
        ({"asset_types": ["HAT;badges=true"]}, r"asset_types\[0\] must be a word"),
        ({"asset_ids": ["5"]}, r"asset_ids\[0\] must be an int"),
        ({"game_pass_ids": [1, 0]}, r"game_pass_ids\[1\] must be a positive"),
        ({"badges": "yes"}, "badges must be a bool"),
        ({"only_collectibles": 1}, "only_collectibles must be a bool"),
    ],
)
def test_wrong_inventory_is_refused(
    user: Any, server: RawServer, arguments: dict[str, Any], says: str
) -> None:
    """Nothing is sent; an empty list of ids is not taken for the whole inventory."""
    with pytest.raises((ValueError, TypeError), match=says):
        user.inventory(**arguments)
    assert server.requests == []


def test_inventory_items_are_typed(colour: Colour, user: Any, server: RawServer) -> None:
    """Each kind has its own details; a type of asset that is new here survives."""
    server.script(
        reply(
            body={
                "inventoryItems": [
                    {
                        "path": "users/1/inventory-items/QQ",
                        "assetDetails": {
                            "assetId": "1028595",
                            "inventoryItemAssetType": "JETPACK",
                            "instanceId": "2001051193",
                            "collectibleDetails": {"instanceState": "HOLD", "serialNumber": "160"},
                        },
                        "addTime": "2023-07-05T12:34:56Z",
                    },
                    {"path": "p", "badgeDetails": {"badgeId": "11"}},
                    {"path": "p", "gamePassDetails": {"gamePassId": "12"}},
                    {"path": "p", "privateServerDetails": {"privateServerId": "13"}},
                ]
            }
        )
    )
    hat, badge, game_pass, private = colour.list(user.inventory())
    assert (hat.asset_details.asset_id, hat.asset_details.asset_type) == (1028595, "JETPACK")
    collectible = hat.asset_details.collectible_details
    assert (collectible.instance_state, collectible.serial_number) == ("HOLD", 160)
    assert hat.added_at == datetime(2023, 7, 5, 12, 34, 56, tzinfo=UTC)
    assert hat.badge_details is None
    assert badge.badge_details.badge_id == 11
    assert game_pass.game_pass_details.game_pass_id == 12
    assert private.private_server_details.private_server_id == 13


@pytest.mark.parametrize("what", ["asset", "badge", "game_pass"])
def test_owns(colour: Colour, user: Any, server: RawServer, what: str) -> None:
    """Whether one thing is theirs: one item at most is asked for, past empty pages."""
    server.script(
        reply(body={"inventoryItems": [], "nextPageToken": "t"}),
        reply(body={"inventoryItems": [{}]}),
        reply(body={"inventoryItems": []}),
    )
    owns = getattr(user, f"owns_{what}")
    assert colour(owns(9)) is True
    assert colour(owns(9)) is False
    field = {"asset": "assetIds", "badge": "badgeIds", "game_pass": "gamePassIds"}[what]
    assert asked(server.lines[0])[1] == {"filter": f"{field}=9", "maxPageSize": "1"}


def test_asset_quotas(colour: Colour, user: Any, server: RawServer) -> None:
    """How much may yet be uploaded, and when that begins anew."""
    server.script(
        reply(
            body={
                "assetQuotas": [
                    {
                        "quotaType": "RATE_LIMIT_UPLOAD",
                        "assetType": "AUDIO",
                        "usage": "15",
                        "capacity": "100",
                        "period": "MONTH",
                        "usageResetTime": "2026-01-01T00:00:00Z",
                    }
                ]
            }
        )
    )
    (quota,) = colour.list(user.asset_quotas())
    assert (quota.quota_type, quota.asset_type) == ("RATE_LIMIT_UPLOAD", "AUDIO")
    assert (quota.usage, quota.capacity, quota.period) == (15, 100, "MONTH")


def test_followings(colour: Colour, user: Any, server: RawServer) -> None:
    """The universes a user follows, and since when."""
    server.script(
        reply(body=[{"universeId": 5, "userId": 1}]),
        reply(body={"followedSources": {"5": "2024-01-02T03:04:05Z"}}),
    )
    assert [each.universe_id for each in colour(user.followings())] == [5]
    assert colour(user.following_since()) == {5: datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)}
    assert server.lines == [
        "GET /legacy-followings/v1/users/1/universes",
        "GET /legacy-followings/v2/users/1/universes",
    ]


def test_follow_and_unfollow(colour: Colour, user: Any, server: RawServer) -> None:
    """Following begins and ends with one request each; the state can be asked."""
    server.script(
        reply(body={"universeId": 5, "userId": 1}),
        reply(
            body={
                "UniverseId": 5,
                "UserId": 1,
                "CanFollow": True,
                "IsFollowing": True,
                "FollowingCountByType": 3,
                "FollowingLimitByType": 200,
            }
        ),
        reply(body={"universeId": 5, "userId": 1}),
    )
    assert colour(user.follow(5)) is None
    status = colour(user.following(5))
    assert (status.is_following, status.can_follow) == (True, True)
    assert (status.following_count, status.following_limit) == (3, 200)
    assert colour(user.unfollow(5)) is None
    path = "/legacy-followings/v1/users/1/universes/5"
    assert server.lines == [f"POST {path}", f"GET {path}/status", f"DELETE {path}"]


def test_unfollow_after_a_lost_answer(colour: Colour, user: Any, server: RawServer) -> None:
    """That the second try finds nothing to end means that the first one worked."""
    server.script(reset, reply(404, {"errors": [{"code": 0, "message": "no"}]}))
    assert colour(user.unfollow(5)) is None
    assert len(server.requests) == 2


def test_follow_is_not_repeated_in_doubt(colour: Colour, user: Any, server: RawServer) -> None:
    """A lost answer to a follow is left to the caller."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome, match="follow_universe"):
        colour(user.follow(5))
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["follow", "unfollow", "following"])
def test_wrong_universe_is_refused(
    colour: Colour, user: Any, server: RawServer, method: str
) -> None:
    """A universe's id is a positive int."""
    with pytest.raises((ValueError, TypeError), match="universe_id must be"):
        colour(getattr(user, method)("5"))
    assert server.requests == []
