"""Groups: members and roles, requests to join, what a group says, its forum."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

MEMBER = {
    "path": "groups/7/memberships/MTU5OTk0MDk4NQ",
    "user": "users/5",
    "role": "groups/7/roles/99",
    "roles": ["groups/7/roles/99"],
}


@pytest.fixture
def group(make_client: MakeClient) -> Any:
    """Group 7."""
    return make_client().group(7)


def test_group(colour: Colour, group: Any, server: RawServer) -> None:
    """A group, with its owner by id."""
    server.script(
        reply(
            body={
                "path": "groups/7",
                "id": "7",
                "displayName": "Lamps",
                "owner": "users/21557",
                "memberCount": 12,
                "locked": False,
            }
        )
    )
    got = colour(group.get())
    assert (got.id, got.display_name, got.owner_id, got.member_count) == (7, "Lamps", 21557, 12)
    assert server.lines == ["GET /cloud/v2/groups/7"]


@pytest.mark.parametrize(
    ("arguments", "filter_"),
    [
        ({"role_id": 99}, "role == 'groups/7/roles/99'"),
        ({"user_ids": [1]}, "user in ['users/1']"),
        ({"user_ids": (1, 2)}, "user in ['users/1', 'users/2']"),
        ({"user_ids": range(1, 51)}, f"user in {[f'users/{each}' for each in range(1, 51)]}"),
    ],
)
def test_members_by_role_or_user(
    colour: Colour, group: Any, server: RawServer, arguments: dict[str, Any], filter_: str
) -> None:
    """One filter or the other goes out."""
    server.script(reply(body={"groupMemberships": [MEMBER]}))
    (member,) = colour.list(group.members(**arguments))
    assert (member.user_id, member.role_id, member.role_ids) == (5, 99, [99])
    assert asked(server.lines[0])[1] == {"maxPageSize": "100", "filter": filter_}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"user_ids": range(1, 52)}, "user_ids must be 1 to 50 users, not 51"),
        ({"user_ids": []}, "user_ids must be 1 to 50 users, not 0"),
        ({"user_ids": [1, "2"]}, r"user_ids\[1\] must be an int"),
        ({"user_ids": "12"}, "user_ids must be an iterable"),
        ({"role_id": 0}, "role_id must be a positive"),
        ({"role_id": 1, "user_ids": [1]}, "by role_id or by user_ids, not by both"),
    ],
)
def test_wrong_members_are_refused(
    group: Any, server: RawServer, arguments: dict[str, Any], says: str
) -> None:
    """Nothing is sent, and the limit is named."""
    with pytest.raises((ValueError, TypeError), match=says):
        group.members(**arguments)
    assert server.requests == []


def test_member_or_none(colour: Colour, group: Any, server: RawServer) -> None:
    """One member is found past an empty page; who is not in the group is None."""
    server.script(
        reply(body={"groupMemberships": [], "nextPageToken": "t"}),
        reply(body={"groupMemberships": [MEMBER]}),
        reply(body={"groupMemberships": []}),
    )
    assert colour(group.member(5)).user_id == 5
    assert colour(group.member(6)) is None
    assert asked(server.lines[0])[1]["filter"] == "user == 'users/5'"
    assert asked(server.lines[2])[1]["filter"] == "user == 'users/6'"


@pytest.mark.parametrize(
    ("method", "line"),
    [
        ("assign_role", "POST /cloud/v2/groups/7/memberships/5:assignRole"),
        ("unassign_role", "POST /cloud/v2/groups/7/memberships/5:unassignRole"),
        ("update_member_role", "PATCH /cloud/v2/groups/7/memberships/5"),
    ],
)
def test_roles_of_a_member(
    colour: Colour, group: Any, server: RawServer, method: str, line: str
) -> None:
    """A user's id stands for the membership's; the role is named by its path."""
    server.script(reply(body=MEMBER))
    assert colour(getattr(group, method)(5, 99)).role_id == 99
    assert server.lines == [line]
    assert sent_json(server.requests[0]) == {"role": "groups/7/roles/99"}
    with pytest.raises(TypeError, match="user_id must be an int"):
        colour(getattr(group, method)("5", 99))
    with pytest.raises(ValueError, match="role_id must be a positive"):
        colour(getattr(group, method)(5, -1))
    assert len(server.requests) == 1


def test_assigning_a_role_is_repeated_in_doubt(
    colour: Colour, group: Any, server: RawServer
) -> None:
    """Who holds a role already keeps it, so a lost answer is made up for by asking again."""
    server.script(reset, reply(503), reply(body=MEMBER))
    assert colour(group.assign_role(5, 99)).user_id == 5
    assert server.requests[0] == server.requests[1] == server.requests[2]


def test_changing_a_role_is_not_repeated_in_doubt(
    colour: Colour, group: Any, server: RawServer
) -> None:
    """The older way to set a role is sent once."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(group.update_member_role(5, 99))
    assert len(server.requests) == 1


def test_roles(colour: Colour, group: Any, server: RawServer) -> None:
    """A role's rank, and what it permits where that is told."""
    role = {
        "path": "groups/7/roles/99",
        "id": "99",
        "displayName": "Keeper",
        "rank": 200,
        "permissions": {"acceptRequests": True},
    }
    server.script(reply(body={"groupRoles": [role, {"id": "1"}]}), reply(body=role))
    keeper, guest = colour.list(group.roles())
    assert (keeper.id, keeper.display_name, keeper.rank) == (99, "Keeper", 200)
    assert keeper.permissions.accept_requests is True
    assert guest.permissions is None
    assert colour(group.role(99)).rank == 200
    assert server.lines[1] == "GET /cloud/v2/groups/7/roles/99"


def test_join_requests(colour: Colour, group: Any, server: RawServer) -> None:
    """Who asks to join, all of them or one."""
    asks = {"path": "groups/7/join-requests/5", "user": "users/5"}
    server.script(reply(body={"groupJoinRequests": [asks]}))
    assert [each.user_id for each in colour.list(group.join_requests(user_id=5))] == [5]
    assert asked(server.lines[0])[1] == {"maxPageSize": "20", "filter": "user == 'users/5'"}


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_join_request_is_answered_once(
    colour: Colour, group: Any, server: RawServer, verb: str
) -> None:
    """An empty object is posted, as Roblox asks for; in doubt it is not posted again."""
    server.script(reply(), reset)
    answer = getattr(group, f"{verb}_join_request")
    assert colour(answer(5)) is None
    assert server.lines == [f"POST /cloud/v2/groups/7/join-requests/5:{verb}"]
    assert sent_json(server.requests[0]) == {}
    assert b"Content-Type: application/json" in server.requests[0]
    with pytest.raises(errors.AmbiguousOutcome):
        colour(answer(5))
    with pytest.raises(ValueError, match="user_id must be"):
        colour(answer(0))
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, errors.PermissionDenied), (404, errors.NotFound), (409, errors.Conflict)],
)
def test_refused_write_is_an_error_of_its_own(
    colour: Colour, group: Any, server: RawServer, status: int, kind: type[errors.ApiError]
) -> None:
    """403, 404 and 409 are raised as what they are, once, in both colours."""
    server.script(reply(status, {"code": "WHY", "message": "because"}))
    with pytest.raises(kind, match="because"):
        colour(group.accept_join_request(5))
    assert len(server.requests) == 1


def test_shout(colour: Colour, group: Any, server: RawServer) -> None:
    """A shout, and who said it."""
    server.script(
        reply(
            body={
                "body": "Light!",
                "poster": {"userId": 5, "username": "ada"},
                "created": "2024-01-02T03:04:05Z",
                "updated": "2024-01-02T03:04:05.123Z",
            }
        )
    )
    shout = colour(group.shout("Light!"))
    assert (shout.body, shout.poster.user_id, shout.poster.username) == ("Light!", 5, "ada")
    assert shout.created_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert server.lines == ["PATCH /legacy-groups/v1/groups/7/status"]
    assert sent_json(server.requests[0]) == {"message": "Light!"}


def test_description(colour: Colour, group: Any, server: RawServer) -> None:
    """A new description, as Roblox keeps it."""
    server.script(reply(body={"newDescription": "We light ####."}))
    assert colour(group.update_description("We light up.")) == "We light ####."
    assert server.lines == ["PATCH /legacy-groups/v1/groups/7/description"]
    assert sent_json(server.requests[0]) == {"description": "We light up."}


def test_empty_words_are_refused(colour: Colour, group: Any, server: RawServer) -> None:
    """Neither a shout nor a description may be empty."""
    with pytest.raises(ValueError, match="message must not be empty"):
        colour(group.shout(""))
    with pytest.raises(ValueError, match="description must not be empty"):
        colour(group.update_description(""))
    assert server.requests == []


@pytest.mark.parametrize(
    ("size", "sent"), [(None, "100"), (1, "10"), (10, "10"), (11, "25"), (50, "50"), (51, "100")]
)
def test_audit_log_pages_have_roblox_s_sizes(
    colour: Colour, group: Any, server: RawServer, size: int | None, sent: str
) -> None:
    """10, 25, 50 and 100 are all there is: the next larger one is asked for."""
    server.script(reply(body={"data": []}))
    colour.list(group.audit_log(page_size=size))
    assert asked(server.lines[0])[1] == {"limit": sent}


def test_audit_log(colour: Colour, group: Any, server: RawServer) -> None:
    """What was done and by whom; the filters are sent with every page."""
    entry = {
        "actor": {"user": {"userId": 5}, "role": {"id": 99, "rank": 200}},
        "actionType": "ChangeRank",
        "description": {"TargetId": 6},
        "created": "2024-01-02T03:04:05.5Z",
    }
    server.script(reply(body={"data": [entry], "nextPageCursor": "c"}), reply(body={"data": []}))
    (done,) = colour.list(group.audit_log(action="ChangeRank", user_id=5, order="Desc"))
    assert (done.action_type, done.actor.user.user_id, done.actor.role.rank) == (
        "ChangeRank",
        5,
        200,
    )
    assert done.description == {"TargetId": 6}
    first, second = (asked(line)[1] for line in server.lines)
    assert first == {"actionType": "ChangeRank", "userId": "5", "sortOrder": "Desc", "limit": "100"}
    assert second == first | {"cursor": "c"}
    with pytest.raises(ValueError, match="order must be one of Asc, Desc"):
        group.audit_log(order="asc")


def test_settings(colour: Colour, group: Any, server: RawServer) -> None:
    """Settings are read, and only those given are written."""
    server.script(reply(body={"isApprovalRequired": True, "slowmode": None}), reply())
    settings = colour(group.settings())
    assert (settings.is_approval_required, settings.slowmode) == (True, None)
    assert colour(group.update_settings(is_approval_required=False, slowmode=0)) is None
    assert server.lines == [
        "GET /legacy-groups/v1/groups/7/settings",
        "PATCH /legacy-groups/v1/groups/7/settings",
    ]
    assert sent_json(server.requests[1]) == {"isApprovalRequired": False, "slowmode": 0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "at least one setting"),
        ({"slowmode": 4}, "slowmode must be one of 0, 1, 2, 3"),
        ({"verification_level": -1}, "verification_level must be one of"),
        ({"account_tenure_requirement": 6}, "account_tenure_requirement must be one of"),
        ({"is_approval_required": "no"}, "is_approval_required must be a bool"),
    ],
)
def test_wrong_settings_are_refused(
    colour: Colour, group: Any, server: RawServer, arguments: dict[str, Any], says: str
) -> None:
    """Nothing to change, or a level that there is not: nothing is sent."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(group.update_settings(**arguments))
    assert server.requests == []


def test_notification_preference(colour: Colour, group: Any, server: RawServer) -> None:
    """What to hear of, and whether that was a change."""
    server.script(reply(body=3), reply(body=0))
    prefer = group.update_notification_preference
    assert colour(prefer(models.GroupNotification.FORUM_POST, enabled=True)) is True
    assert colour(prefer(1, enabled=True)) is False
    assert server.lines[0] == "PATCH /legacy-groups/v1/groups/7/notification-preference"
    assert sent_json(server.requests[0]) == {"notificationsEnabled": True, "type": 1}
    with pytest.raises(ValueError, match="not a valid GroupNotification"):
        colour(prefer(9, enabled=True))
    assert len(server.requests) == 2


def test_forum(colour: Colour, group: Any, server: RawServer) -> None:
    """Categories, the posts in one, the comments on one of those."""
    server.script(
        reply(body={"groupForumCategories": [{"groupForumCategoryId": "c-1", "displayName": "A"}]}),
        reply(
            body={
                "groupForumPosts": [
                    {
                        "groupForumPostId": "p-1",
                        "title": "Hello",
                        "author": "users/5",
                        "commentCount": 2,
                        "firstComment": {"message": {"plainText": "Hi"}},
                    }
                ]
            }
        ),
        reply(
            body={
                "groupForumComments": [
                    {
                        "groupForumCommentId": "m-1",
                        "message": {
                            "plainText": "Hi back",
                            "author": "users/6",
                            "messageReaction": [{"emoteId": "heart", "count": 2}],
                        },
                    }
                ]
            }
        ),
    )
    (category,) = colour.list(group.forum_categories(archived=True))
    (post,) = colour.list(group.forum_category(category.id).posts(pinned=True))
    comments = group.forum_category(category.id).post(post.id).comments(replies_to="m-0")
    (comment,) = colour.list(comments)
    assert (category.id, category.display_name) == ("c-1", "A")
    assert (post.id, post.author_id, post.comment_count) == ("p-1", 5, 2)
    assert post.first_comment.message.plain_text == "Hi"
    assert (comment.id, comment.message.author_id) == ("m-1", 6)
    assert comment.message.reactions[0].count == 2
    assert [asked(line)[1].get("filter") for line in server.lines] == [
        "archived==true",
        "pinned==true",
        "repliesToCommentId==m-0",
    ]


def test_posts_without_their_text(colour: Colour, group: Any, server: RawServer) -> None:
    """Without first comments Roblox has less to tell."""
    server.script(reply(body={"groupForumPosts": []}))
    colour.list(group.forum_category("c-1").posts(first_comment=False))
    assert asked(server.lines[0])[1]["view"] == "FULL"


def test_wrong_forum_ids_are_refused(group: Any, server: RawServer) -> None:
    """Ids are words; none can bring operators into the filter."""
    with pytest.raises(ValueError, match="category_id must not be empty"):
        group.forum_category("")
    category = group.forum_category("c-1")
    with pytest.raises(TypeError, match="post_id must be a str"):
        category.post(5)
    with pytest.raises(ValueError, match="replies_to must be a comment's id"):
        category.post("p-1").comments(replies_to="x' || true")
    with pytest.raises(TypeError, match="archived must be a bool"):
        group.forum_categories(archived="all")
    assert server.requests == []
