"""The older groups API: what a group says and how it is set up, and the log of what was done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from rblx_oauth import Client, api, errors
from rblx_oauth.models import GroupNotification
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

STUDIO, PALS = 2000001, 2000002
ADA, ZOE, KAI = 1000001, 1000002, 1000003
PATH = f"/legacy-groups/v1/groups/{STUDIO}"
LOG = f"{PATH}/audit-log"


def error(answer: requests.Response) -> tuple[int, int]:
    """Status and number of a refusal, which is in the legacy shape."""
    (found,) = answer.json()["errors"]
    assert set(found) == {"code", "message"}
    assert found["message"]
    return answer.status_code, found["code"]


def test_a_shout(cloud: Sandbox, client: Client) -> None:
    """It has a poster and a time, is the group's until the next, and is in the log."""
    shout = client.group(STUDIO).shout("Night race!")
    assert (shout.body, shout.poster.user_id if shout.poster else 0) == ("Night race!", ADA)
    assert shout.created_at is not None
    assert abs(shout.created_at - datetime.fromtimestamp(cloud.clock.now(), UTC)).seconds < 5
    line = next(client.group(STUDIO).audit_log())
    assert (line.action_type, line.description) == ("Post Status", {"Text": "Night race!"})
    assert line.actor is not None
    assert line.actor.role is not None
    assert line.actor.role.rank == 255


def test_a_description(app: App, client: Client) -> None:
    """What the group says of itself from then on; neither empty nor too long."""
    assert client.group(STUDIO).update_description("We race at night.") == "We race at night."
    assert client.group(STUDIO).get().description == "We race at night."
    assert next(client.group(STUDIO).audit_log()).action_type == "Change Description"
    path = f"{PATH}/description"
    for empty in ({}, {"description": " "}):
        assert error(app.call("PATCH", path, json=empty)) == (400, 29)
    long = {"description": "x" * 1001}
    assert error(app.call("PATCH", path, json=long)) == (403, 18)
    assert error(app.call("PATCH", f"{PATH}/status", json={"message": ""})) == (400, 7)


def test_settings(app: App, client: Client) -> None:
    """Only what is given changes; entry without approval is public; a line in the log."""
    group = client.group(STUDIO)
    before = group.settings()
    assert before.is_approval_required is True
    group.update_settings(is_approval_required=False, slowmode=2)
    after = group.settings()
    assert (after.is_approval_required, after.slowmode) == (False, 2)
    assert after.are_group_games_visible == before.are_group_games_visible
    assert group.get().public_entry_allowed is True
    line = next(group.audit_log())
    assert line.action_type == "Update Group Security Settings"
    assert line.description == {"IsApprovalRequired": False, "Slowmode": 2}
    group.update_settings(slowmode=2)
    assert next(group.audit_log()) == line
    for wrong in ({"slowmode": 4}, {"verificationLevel": -1}, {"isApprovalRequired": "no"}):
        assert error(app.call("PATCH", f"{PATH}/settings", json=wrong)) == (400, 0)


def test_a_preference_is_the_callers(client: Client) -> None:
    """Made, left as it is, changed: Roblox says which."""
    group = client.group(PALS)
    kind = GroupNotification.FORUM_POST
    for enabled, changed in ((True, 1), (True, 0), (False, 3)):
        call = api.groups.update_group_notification_preference(
            group_id=PALS, type=kind, notifications_enabled=enabled
        )
        assert client.send(call) == changed
    other = GroupNotification.ANNOUNCEMENT
    assert group.update_notification_preference(other, enabled=False) is True


@pytest.mark.parametrize(
    ("method", "suffix", "body", "number"),
    [
        ("PATCH", "/status", {"message": "a"}, 6),
        ("PATCH", "/description", {"description": "a"}, 23),
        ("GET", "/settings", None, 23),
        ("PATCH", "/settings", {}, 23),
        ("GET", "/audit-log", None, 23),
    ],
)
def test_others_groups_are_not_managed(
    app: App, method: str, suffix: str, body: object, number: int
) -> None:
    """Without the group or the scope it is a 403, without a group a 400, each by its number."""
    path = f"/legacy-groups/v1/groups/{PALS}{suffix}"
    assert error(app.call(method, path, json=body)) == (403, number)
    unpicked = app.login(scope="openid legacy-group:manage", groups=[])
    path = f"{PATH}{suffix}"
    assert error(app.call(method, path, unpicked, json=body)) == (403, number)
    unscoped = app.login(scope="openid")
    assert error(app.call(method, path, unscoped, json=body)) == (403, 0)
    assert error(app.call(method, f"/legacy-groups/v1/groups/1{suffix}", json=body)) == (400, 1)
    picked = app.login(scope="openid legacy-group:manage", groups=[str(STUDIO)])
    assert app.call(method, path, picked, json=body).status_code == 200


def test_the_log_goes_back_in_time(cloud: Sandbox, client: Client) -> None:
    """Newest lines first, as Roblox's ascending order has it; the other way round with Desc."""
    group = client.group(STUDIO)
    for number in range(30):
        cloud.clock.advance(1)
        group.shout(f"Number {number}")
    texts = [line.description for line in group.audit_log(action="PostStatus", page_size=10)]
    assert texts[:2] == [{"Text": "Number 29"}, {"Text": "Number 28"}]
    assert len(texts) == 31
    descending = list(group.audit_log(action="PostStatus", order="Desc", page_size=10))
    assert [line.description for line in descending] == texts[::-1]
    assert list(group.audit_log(user_id=ZOE)) == []
    assert len(list(group.audit_log(user_id=ADA))) == 33
    assert len(list(group.audit_log(user_id=ADA, action="AssignRole"))) == 1


def test_pages_of_the_log_lead_both_ways(app: App, client: Client) -> None:
    """A cursor on and one back, none beyond either end, and none for another filter."""
    for number in range(22):
        client.group(STUDIO).shout(f"Number {number}")

    def page(**query: str) -> dict[str, object]:
        answer = app.call("GET", LOG, params=query)
        assert answer.status_code == 200
        return dict(answer.json())

    first = page()
    second = page(cursor=str(first["nextPageCursor"]))
    third = page(cursor=str(second["nextPageCursor"]))
    assert [len(each["data"]) for each in (first, second, third)] == [10, 10, 5]  # type: ignore[arg-type]
    assert "previousPageCursor" not in first
    assert "nextPageCursor" not in third
    assert page(cursor=str(second["previousPageCursor"])) == first
    client.group(STUDIO).shout("One more")
    assert page(cursor=str(first["nextPageCursor"]))["data"] == second["data"]
    assert len(page(limit="25")["data"]) == 25  # type: ignore[arg-type]
    wrong = {"cursor": str(first["nextPageCursor"]), "userId": str(ADA)}
    for query in (wrong, {"cursor": "x"}, {"limit": "11"}, {"sortOrder": "Up"}):
        assert error(app.call("GET", LOG, params=query)) == (400, 8)


def test_groups_one_manages_and_groups_one_asks_to_join(app: App, client: Client) -> None:
    """They are those of whoever the credential belongs to."""
    assert [each.id for each in client.user(ADA).managed_groups()] == [STUDIO]
    assert list(client.user(ADA).pending_groups()) == []
    scope = "openid legacy-group:manage"
    kai = app.login(scope=scope, user=KAI)
    assert app.call("GET", "/legacy-develop/v1/user/groups/canmanage", kai).json() == {"data": []}
    (asked,) = app.call("GET", "/legacy-groups/v1/user/groups/pending", kai).json()["data"]
    assert (asked["id"], asked["owner"]["userId"], asked["memberCount"]) == (STUDIO, ADA, 2)
    assert asked["shout"]["body"] == "The race track opens on Friday!"
    without = app.login(scope=scope, groups=[])
    path = "/legacy-develop/v1/user/groups/canmanage"
    assert app.call("GET", path, without).json() == {"data": []}


def test_one_s_own_requests_through_the_client(cloud: Sandbox, client: Client) -> None:
    """A request of the key's owner is listed in full."""
    community = {"members": {str(ZOE): {}}, "join_requests": {str(ADA): 1.0}}
    load(cloud.state, {"communities": {"by_group": {str(PALS): community}}})
    (found,) = client.user(ADA).pending_groups()
    assert (found.id, found.name, found.public_entry_allowed) == (PALS, "Pixel Pals", False)


def test_policies(app: App, client: Client) -> None:
    """Whether each group can be seen; a hundred at a time."""
    found = list(client.walk(api.groups.get_group_policies(group_ids=[STUDIO, 1])))
    assert [(each.group_id, each.can_view_group) for each in found] == [(STUDIO, True), (1, False)]
    path = "/legacy-groups/v1/groups/policies"
    assert error(app.call("POST", path, json={"groupIds": list(range(101))})) == (400, 1)
    assert error(app.call("POST", path, json={"groupIds": ["a"]})) == (400, 0)


def test_what_was_said_and_done_survives_a_dump(cloud: Sandbox, client: Client) -> None:
    """Description, shout, settings and log are the same in another sandbox."""
    group = client.group(STUDIO)
    group.update_description("We race at night.")
    group.shout("Night race!")
    group.update_settings(slowmode=1)
    with Sandbox() as other:
        load(other.state, dump(cloud.state), alone=True)
        with Client(api_key=other.api_key, api_base=other.api_base) as there:
            again = there.group(STUDIO)
            assert again.get() == group.get()
            assert again.settings() == group.settings()
            assert list(again.audit_log()) == list(group.audit_log())
            with pytest.raises(errors.PermissionDenied):
                there.group(PALS).shout("a")
