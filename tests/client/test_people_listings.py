"""Every listing of users, groups, forums and restrictions, turned from page to page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rblx_oauth import errors
from tests.client.answers import asked, reply
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

Listing = tuple[Callable[[Any], Any], str, str, str, dict[str, str]]
"""How it is asked for; the path; the members of an answer with its items and with the next
token; the query of the first page, without its size."""

V2 = "nextPageToken"

LISTINGS: dict[str, Listing] = {
    "user.groups": (
        lambda client: client.user(1).groups,
        "/cloud/v2/groups/-/memberships",
        "groupMemberships",
        V2,
        {"filter": "user == 'users/1'"},
    ),
    "user.inventory": (
        lambda client: client.user(1).inventory,
        "/cloud/v2/users/1/inventory-items",
        "inventoryItems",
        V2,
        {},
    ),
    "user.asset_quotas": (
        lambda client: client.user(1).asset_quotas,
        "/cloud/v2/users/1/asset-quotas",
        "assetQuotas",
        V2,
        {},
    ),
    "group.members": (
        lambda client: client.group(7).members,
        "/cloud/v2/groups/7/memberships",
        "groupMemberships",
        V2,
        {},
    ),
    "group.roles": (
        lambda client: client.group(7).roles,
        "/cloud/v2/groups/7/roles",
        "groupRoles",
        V2,
        {},
    ),
    "group.join_requests": (
        lambda client: client.group(7).join_requests,
        "/cloud/v2/groups/7/join-requests",
        "groupJoinRequests",
        V2,
        {},
    ),
    "group.audit_log": (
        lambda client: client.group(7).audit_log,
        "/legacy-groups/v1/groups/7/audit-log",
        "data",
        "nextPageCursor",
        {},
    ),
    "group.forum_categories": (
        lambda client: client.group(7).forum_categories,
        "/cloud/v2/groups/7/forum-categories",
        "groupForumCategories",
        V2,
        {},
    ),
    "group.forum.posts": (
        lambda client: client.group(7).forum_category("c-1").posts,
        "/cloud/v2/groups/7/forum-categories/c-1/posts",
        "groupForumPosts",
        V2,
        {"view": "FULL_WITH_FIRST_COMMENT"},
    ),
    "group.forum.comments": (
        lambda client: client.group(7).forum_category("c-1").post("p-1").comments,
        "/cloud/v2/groups/7/forum-categories/c-1/posts/p-1/comments",
        "groupForumComments",
        V2,
        {},
    ),
    "restrictions": (
        lambda client: client.universe(5).restrictions.list,
        "/cloud/v2/universes/5/user-restrictions",
        "userRestrictions",
        V2,
        {},
    ),
    "restrictions.logs": (
        lambda client: client.universe(5).restrictions.logs,
        "/cloud/v2/universes/5/user-restrictions:listLogs",
        "logs",
        V2,
        {},
    ),
}
CURSORS = {V2: ("pageToken", "maxPageSize"), "nextPageCursor": ("cursor", "limit")}

every_listing = pytest.mark.parametrize("name", LISTINGS)


@every_listing
def test_listing_is_walked_past_an_empty_page(
    colour: Colour, make_client: MakeClient, server: RawServer, name: str
) -> None:
    """The token goes back under the name that this listing has for it; the filter stays."""
    listing, path, items, following, query = LISTINGS[name]
    server.script(
        reply(body={items: [{}], following: "t 1&"}),
        reply(body={items: [], following: "t2"}),
        reply(body={items: [{}, {}], following: None}),
    )
    found = colour.list(listing(make_client())())
    assert len(found) == 3
    cursor, size = CURSORS[following]
    turned = [asked(line) for line in server.lines]
    assert {target for target, _ in turned} == {f"GET {path}"}
    most = turned[0][1].pop(size)
    assert turned[0][1] == query
    assert [each for _, each in turned[1:]] == [
        query | {size: most, cursor: "t 1&"},
        query | {size: most, cursor: "t2"},
    ]


@every_listing
def test_listing_heeds_its_limit(
    colour: Colour, make_client: MakeClient, server: RawServer, name: str
) -> None:
    """No more than `limit`, and no page beyond them."""
    listing, _, items, following, _ = LISTINGS[name]
    server.script(reply(body={items: [{}, {}, {}], following: "more"}))
    assert len(colour.list(listing(make_client())(limit=2))) == 2
    assert len(server.requests) == 1
    size = CURSORS[following][1]
    assert asked(server.lines[0])[1][size] == ("10" if size == "limit" else "2")


@every_listing
def test_listing_names_its_page_limit(
    make_client: MakeClient, server: RawServer, name: str
) -> None:
    """More than Roblox puts on a page is refused before a byte leaves."""
    listing = LISTINGS[name][0](make_client())
    with pytest.raises(ValueError, match=r"page_size must be from 1 to \d+$"):
        listing(page_size=101)
    with pytest.raises((ValueError, TypeError), match="limit must be"):
        listing(limit=-1)
    assert server.requests == []


@every_listing
@pytest.mark.parametrize(
    ("status", "kind"), [(403, errors.PermissionDenied), (409, errors.Conflict)]
)
def test_refusals_are_errors_of_their_own(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    name: str,
    status: int,
    kind: type[errors.ApiError],
) -> None:
    """403 and 409 are raised as what they are, in both colours."""
    server.script(reply(status, {"code": "WHY", "message": "because"}))
    with pytest.raises(kind, match="because") as caught:
        colour.list(LISTINGS[name][0](make_client())())
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("listing", "path"),
    [
        ("managed_groups", "/legacy-develop/v1/user/groups/canmanage"),
        ("pending_groups", "/legacy-groups/v1/user/groups/pending"),
    ],
)
def test_own_groups_are_one_page(
    colour: Colour, make_client: MakeClient, server: RawServer, listing: str, path: str
) -> None:
    """These are of the credential's owner: no user's id is sent, and no page is turned."""
    server.script(reply(body={"data": [{"id": 5, "name": "Five"}, {"id": 6, "name": "Six"}]}))
    user = make_client().user(1)
    assert [each.id for each in colour.list(getattr(user, listing)())] == [5, 6]
    assert [each.name for each in colour.list(getattr(user, listing)(limit=1))] == ["Five"]
    assert server.lines == [f"GET {path}"] * 2
