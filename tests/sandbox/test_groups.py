"""Groups: roles and what they permit, members, and those who ask to be let in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.groups_shelf import Community, GroupShelf, Member
from rblx_oauth.sandbox.files import FileError
from rblx_oauth.sandbox.people import Group, User
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

STUDIO, PALS = 2000001, 2000002
ADA, ZOE, KAI = 1000001, 1000002, 1000003
PATH = f"/cloud/v2/groups/{STUDIO}"


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def roles(client: Client, group: int = STUDIO) -> dict[str, int]:
    """The roles of a group: their ids by name."""
    return {role.display_name: role.id or 0 for role in client.group(group).roles()}


def role_path(client: Client, name: str) -> str:
    """A role of the studio as it is written in a body."""
    return f"groups/{STUDIO}/roles/{roles(client)[name]}"


def crowd(cloud: Sandbox, count: int) -> None:
    """A group 2000009 of Ada's with so many members."""
    cloud.state.groups["2000009"] = Group(id="2000009", name="Crowd", owner=str(ADA))
    members = {str(number): Member() for number in range(1, count)}
    shelf = cloud.state.shelves.of(GroupShelf)
    shelf.by_group["2000009"] = Community(members=members)


def test_a_group(client: Client) -> None:
    """Anybody may look at any group; what is not there is a 404."""
    group = client.group(STUDIO).get()
    assert (group.id, group.display_name, group.owner_id) == (STUDIO, "Moonlight Studio", ADA)
    assert (group.member_count, group.public_entry_allowed) == (2, False)
    assert client.group(PALS).get().public_entry_allowed is True
    with pytest.raises(errors.NotFound):
        client.group(1).get()


def test_roles_go_from_guests_to_the_owner(client: Client) -> None:
    """By rank; guests are not counted, and the owner has the highest."""
    found = list(client.group(STUDIO).roles())
    assert [role.rank for role in found] == [0, 1, 100, 200, 255]
    assert [role.member_count for role in found] == [None, 0, 1, 0, 1]
    assert client.group(STUDIO).role(found[2].id or 0) == found[2]
    with pytest.raises(errors.NotFound):
        client.group(STUDIO).role(1)


@pytest.mark.parametrize(
    ("scope", "picked", "seen"),
    [
        ("openid", True, {"Guest"}),
        ("openid group:read", True, {"Guest", "Member", "Builder", "Moderator", "Owner"}),
        ("openid group:read", False, {"Guest", "Owner"}),
    ],
)
def test_what_roles_permit_is_told_to_those_it_concerns(
    app: App, scope: str, picked: bool, seen: set[str]
) -> None:
    """All of it to the owner, one's own to holders, that of guests to anyone."""
    token = app.login(scope=scope, groups=[str(STUDIO)] if picked else [])
    found = app.call("GET", f"{PATH}/roles", token).json()["groupRoles"]
    assert {role["displayName"] for role in found if "permissions" in role} == seen
    assert all(("description" in role) == (len(seen) == 5) for role in found)
    owner = found[-1].get("permissions", {})
    assert all(owner.values())


def test_members_with_their_roles(client: Client) -> None:
    """By user's id; found by role, and by one user or several."""
    group = client.group(STUDIO)
    named = roles(client)
    assert [each.user_id for each in group.members()] == [ADA, ZOE]
    assert [each.user_id for each in group.members(role_id=named["Builder"])] == [ZOE]
    assert list(group.members(role_id=named["Moderator"])) == []
    assert [each.user_id for each in group.members(user_ids=[KAI, ZOE, ADA])] == [ADA, ZOE]
    zoe = group.member(ZOE)
    assert zoe is not None
    assert (zoe.role_id, zoe.role_ids, zoe.group_id) == (
        named["Builder"],
        [named["Builder"]],
        STUDIO,
    )
    assert group.member(KAI) is None


def test_memberships_over_all_groups(app: App, client: Client) -> None:
    """By user only, up to fifty; in which groups each of them is."""
    assert [each.group_id for each in client.user(ADA).groups()] == [STUDIO, PALS]
    assert [each.group_id for each in client.user(KAI).groups()] == [PALS]
    path = "/cloud/v2/groups/-/memberships"

    def found(filter_: str) -> requests.Response:
        return app.call("GET", path, params={"filter": filter_})

    both = found(f"user in ['users/{KAI}', 'users/{ADA}']").json()["groupMemberships"]
    assert [each["user"] for each in both] == [f"users/{each}" for each in (ADA, ADA, KAI)]
    many = ", ".join(f"'users/{number}'" for number in range(1, 52))
    for wrong in ("", f"user in [{many}]", "user in []", "role == 'groups/1/roles/2'"):
        assert error(found(wrong)) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "wrong",
    [
        "user",
        "user = 'users/1'",
        "user == 'groups/1'",
        "name == 'users/1'",
        "role in ['groups/2000001/roles/1']",
        "role == 'groups/2000002/roles/8000006'",
        "user == 'users/1' || user == 'users/2'",
        "user == 'users/1' && user == 'users/2'",
        "user == 'users/1' && role == 'groups/2000001/roles/8000001'",
    ],
)
def test_a_filter_that_is_none_is_refused(app: App, wrong: str) -> None:
    """400, whatever is wrong with it."""
    answer = app.call("GET", f"{PATH}/memberships", params={"filter": wrong})
    assert error(answer) == (400, "INVALID_ARGUMENT")


def test_pages_of_members_hold_while_members_come(cloud: Sandbox, app: App) -> None:
    """A page goes on after the last one given; its token is good for the same filter only."""
    crowd(cloud, 30)
    path = "/cloud/v2/groups/2000009/memberships"
    first = app.call("GET", path, params={"maxPageSize": "12"}).json()
    assert len(first["groupMemberships"]) == 12
    cloud.state.shelves.of(GroupShelf).by_group["2000009"].admit("5000", 0.0)
    query = {"maxPageSize": "100", "pageToken": first["nextPageToken"]}
    rest = app.call("GET", path, params=query).json()
    users = [each["user"] for each in first["groupMemberships"] + rest["groupMemberships"]]
    wanted = [*range(1, 30), 5000, ADA]
    assert users == [f"users/{number}" for number in wanted]
    assert "nextPageToken" not in rest
    for changed in ({"filter": "user == 'users/1'"}, {"pageToken": "nonsense"}):
        assert error(app.call("GET", path, params=query | changed)) == (400, "INVALID_ARGUMENT")
    assert len(app.call("GET", path).json()["groupMemberships"]) == 10


def test_a_hidden_list_of_members_is_for_those_who_manage_it(app: App, client: Client) -> None:
    """403 for everyone else."""
    client.group(STUDIO).update_settings(is_member_list_visible_to_public=False)
    assert len(list(client.group(STUDIO).members())) == 2
    other = app.login(scope="openid", user=ZOE)
    assert error(app.call("GET", f"{PATH}/memberships", other)) == (403, "PERMISSION_DENIED")


def test_roles_are_given_and_taken(cloud: Sandbox, client: Client) -> None:
    """A member holds several; the highest is their role. Each change is in the audit log."""
    group, named = client.group(STUDIO), roles(client)
    before = len(list(group.audit_log()))
    cloud.clock.advance(60)
    given = group.assign_role(ZOE, named["Moderator"])
    assert given.role_ids == [named["Moderator"], named["Builder"]]
    assert given.role_id == named["Moderator"]
    assert group.assign_role(ZOE, named["Moderator"]) == given
    assert [each.user_id for each in group.members(role_id=named["Moderator"])] == [ZOE]
    assert group.unassign_role(ZOE, named["Builder"]).role_ids == [named["Moderator"]]
    assert group.update_member_role(ZOE, named["Member"]).role_ids == [named["Member"]]
    assert group.unassign_role(ZOE, named["Builder"]).role_ids == [named["Member"]]
    lines = list(group.audit_log())[: -before or None]
    assert [line.action_type for line in lines] == ["Change Rank", "Unassign Role", "Assign Role"]
    assert lines[0].description == {
        "TargetId": ZOE,
        "TargetName": "zoe_and_co",
        "OldRoleSetId": named["Moderator"],
        "OldRoleSetName": "Moderator",
        "NewRoleSetId": named["Member"],
        "NewRoleSetName": "Member",
    }
    assert [role.member_count for role in group.roles()] == [None, 1, 0, 0, 1]


def test_without_another_role_a_member_has_the_lowest(client: Client) -> None:
    """It cannot be taken away."""
    group, named = client.group(STUDIO), roles(client)
    assert group.unassign_role(ZOE, named["Builder"]).role_id == named["Member"]
    with pytest.raises(errors.BadRequest):
        group.unassign_role(ZOE, named["Member"])


def test_either_id_names_a_membership(app: App, client: Client) -> None:
    """The user's id, and what the membership's path ends with."""
    listed = app.call("GET", f"{PATH}/memberships").json()["groupMemberships"][1]
    body = {"role": role_path(client, "Moderator")}
    path = f"/cloud/v2/{listed['path']}"
    assert app.call("POST", f"{path}:assignRole", json=body).json()["user"] == f"users/{ZOE}"
    assert app.call("PATCH", path, json=body).json()["roles"] == [body["role"]]


@pytest.mark.parametrize("verb", ["PATCH", "assignRole", "unassignRole"])
def test_roles_that_cannot_be_given(app: App, client: Client, verb: str) -> None:
    """Those of guests and owner, of other groups, one's own, and of who is no member."""

    def change(user: int, role: object) -> tuple[int, str]:
        method, suffix = ("PATCH", "") if verb == "PATCH" else ("POST", f":{verb}")
        path = f"{PATH}/memberships/{user}{suffix}"
        return error(app.call(method, path, json={"role": role}))

    member = role_path(client, "Member")
    for name in ("Guest", "Owner"):
        assert change(ZOE, role_path(client, name)) == (400, "INVALID_ARGUMENT")
    theirs = f"groups/{PALS}/roles/{roles(client, PALS)['Member']}"
    for wrong in (theirs, "Member", 5, None):
        assert change(ZOE, wrong) == (400, "INVALID_ARGUMENT")
    assert change(ZOE, f"groups/{STUDIO}/roles/1") == (404, "NOT_FOUND")
    assert change(KAI, member) == (404, "NOT_FOUND")
    assert change(ADA, member) == (403, "PERMISSION_DENIED")


def test_groups_are_managed_by_those_who_were_let_in(app: App, client: Client) -> None:
    """A key needs a group of its owner's; a token the group, picked, and the scope."""
    with pytest.raises(errors.PermissionDenied):
        client.group(PALS).assign_role(KAI, roles(client, PALS)["Member"])
    with pytest.raises(errors.PermissionDenied):
        list(client.group(PALS).join_requests())
    body = {"role": role_path(client, "Moderator")}
    path = f"{PATH}/memberships/{ZOE}:assignRole"
    without = app.login(scope="openid group:write", groups=[])
    assert error(app.call("POST", path, without, json=body)) == (403, "PERMISSION_DENIED")
    reader = app.login(scope="openid group:read")
    assert error(app.call("POST", path, reader, json=body)) == (403, "INSUFFICIENT_SCOPE")
    writer = app.login(scope="openid group:write", groups=[str(STUDIO)])
    assert app.call("POST", path, writer, json=body).status_code == 200
    assert error(app.call("POST", path.replace(str(STUDIO), "1"), writer, json=body)) == (
        404,
        "NOT_FOUND",
    )


@pytest.mark.parametrize("accepted", [True, False])
def test_a_request_to_join_is_answered_once(client: Client, accepted: bool) -> None:
    """Who is accepted is a member, who is declined is not; the log says which."""
    group = client.group(STUDIO)
    assert [each.user_id for each in group.join_requests()] == [KAI]
    assert [each.id for each in group.join_requests(user_id=KAI)] == [KAI]
    assert list(group.join_requests(user_id=ZOE)) == []
    answer = group.accept_join_request if accepted else group.decline_join_request
    answer(KAI)
    member = group.member(KAI)
    assert (member.role_id if member else None) == (roles(client)["Member"] if accepted else None)
    assert list(group.join_requests()) == []
    line = next(group.audit_log())
    assert line.action_type == ("Accept" if accepted else "Decline") + " Join Request"
    assert line.description == {"TargetId": KAI, "TargetName": "kai_plays"}
    with pytest.raises(errors.NotFound):
        answer(KAI)


def test_requests_can_be_answered_while_they_are_listed(cloud: Sandbox, client: Client) -> None:
    """Forty are accepted page by page, and none is passed over."""
    community = cloud.state.shelves.of(GroupShelf).by_group[str(STUDIO)]
    community.join_requests.update({str(number): 0.0 for number in range(1, 40)})
    vars(community).pop("askers", None)
    group = client.group(STUDIO)
    for request in group.join_requests(page_size=20):
        group.accept_join_request(request.user_id or 0)
    assert list(group.join_requests()) == []
    assert group.get().member_count == 42


def test_groups_survive_a_dump(cloud: Sandbox, client: Client) -> None:
    """Roles, members and requests are the same in another sandbox, and go on changing there."""
    named = roles(client)
    client.group(STUDIO).assign_role(ZOE, named["Moderator"])
    client.group(STUDIO).decline_join_request(KAI)
    with Sandbox() as other:
        load(other.state, dump(cloud.state), alone=True)
        assert dump(other.state)["communities"] == dump(cloud.state)["communities"]
        there = Client(api_key=other.api_key, api_base=other.api_base)
        assert roles(there) == named
        group = there.group(STUDIO)
        assert [each.user_id for each in group.members(role_id=named["Moderator"])] == [ZOE]
        assert list(group.join_requests()) == []
        group.unassign_role(ZOE, named["Moderator"])
        assert list(group.members(role_id=named["Moderator"])) == []
        there.close()


def test_a_seeded_group_gets_what_every_group_has(cloud: Sandbox, client: Client) -> None:
    """Its owner as a member, and the roles of guests, members and the owner."""
    cloud.state.users["1000009"] = User(id="1000009", name="mia")
    load(
        cloud.state,
        {
            "groups": [{"id": "2000005", "name": "New", "owner": "1000001"}],
            "communities": {
                "by_group": {
                    "2000005": {"members": {"1000009": {}}, "join_requests": {"1000003": 1.0}}
                }
            },
        },
    )
    group = client.group(2000005)
    assert [role.display_name for role in group.roles()] == ["Guest", "Member", "Owner"]
    members: list[Any] = list(group.members())
    assert [each.user_id for each in members] == [ADA, 1000009]
    assert [each.user_id for each in group.join_requests()] == [KAI]
    assert next(client.group(STUDIO).roles()).rank == 0


SEED = """
groups:
  - {id: 2000005, name: New, owner: 1000001, description: Just begun.}
communities:
  by_group:
    2000005:
      roles:
        9001: {name: Crew, rank: 5, permissions: [viewForums]}
      members:
        1000002: {roles: ["9001"]}
      join_requests: {1000003: 1700000000}
      settings: {slowmode: 1}
inventories:
  by_user:
    1000002: {badges: {77: 1700000000}}
"""


def test_groups_can_be_seeded_from_a_file(tmp_path: Path) -> None:
    """What it leaves out is as in every group; a mistake is told with its line."""
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    with (
        Sandbox(seed=file) as cloud,
        Client(api_key=cloud.api_key, api_base=cloud.api_base) as made,
    ):
        group = made.group(2000005)
        assert group.get().description == "Just begun."
        assert [role.display_name for role in group.roles()] == ["Guest", "Crew", "Owner"]
        zoe = group.member(ZOE)
        assert zoe is not None
        assert zoe.role_id == 9001
        assert made.user(ZOE).owns_badge(77)
    file.write_text(SEED.replace("rank: 5", "rank: 256"))
    with pytest.raises(FileError, match=r"seed\.yaml, line 8: .*<= 255.*roles\.9001\.rank"):
        Sandbox(seed=file)
