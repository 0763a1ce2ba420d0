"""Notifications to users: taken as Roblox's guide writes them, and kept to be looked at."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.notifications import Notification, NotificationShelf
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

LANTERN, GARDEN = 3000001, 3000004
KAI = 1000003
PATH = f"/cloud/v2/users/{KAI}/notifications"


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def sent(cloud: Sandbox) -> list[Notification]:
    """What the sandbox kept."""
    return cloud.state.shelves.of(NotificationShelf).sent


def body(**payload: Any) -> dict[str, Any]:
    """A notification from the lantern universe."""
    source = {"universe": f"universes/{LANTERN}"}
    return {"source": source, "payload": {"type": "MOMENT", "messageId": "m"} | payload}


def test_a_notification_is_kept(cloud: Sandbox, client: Client) -> None:
    """With its parameters, launch data and category; the answer says its id and no more."""
    made = client.universe(LANTERN).notify(
        KAI,
        "5dd7024b",
        {"egg": "royal", "count": 2**63 - 1},
        launch_data="from=egg",
        category="Eggs",
    )
    (kept,) = sent(cloud)
    assert kept.id == made.id
    assert (kept.universe, kept.user, kept.message) == (str(LANTERN), str(KAI), "5dd7024b")
    assert kept.parameters == {"egg": "royal", "count": 2**63 - 1}
    assert (kept.launch_data, kept.category) == ("from=egg", "Eggs")
    assert abs(kept.at - cloud.clock.now()) < 5
    assert client.universe(LANTERN).notify(KAI, "5dd7024b").id != made.id


def test_notifications_can_be_looked_at_and_survive_a_dump(cloud: Sandbox, app: App) -> None:
    """Over HTTP in the snapshot, and in another sandbox."""
    app.call("POST", PATH, json=body(parameters={"n": {"int64Value": 5}}))
    snapshot = requests.get(f"{cloud.api_base}/_sandbox/api/snapshot", timeout=10).json()
    (shown,) = snapshot["notifications"]["sent"]
    assert (shown["user"], shown["parameters"]) == (str(KAI), {"n": 5})
    before = sent(cloud)
    load(cloud.state, dump(cloud.state), alone=True)
    assert sent(cloud) == before


def test_null_is_as_good_as_absent(cloud: Sandbox, app: App) -> None:
    """Null is, in the JSON of Protocol Buffers, whatever a member's type; programs send it."""
    nothing = {"parameters": None, "joinExperience": None, "analyticsData": {"category": None}}
    assert app.call("POST", PATH, json=body(**nothing)).status_code == 200
    (kept,) = sent(cloud)
    assert (kept.parameters, kept.launch_data, kept.category) == ({}, "", "")


def test_snake_case_is_taken_too(cloud: Sandbox, app: App) -> None:
    """Roblox's guide writes it so; the names of parameters are the developer's own."""
    payload = {
        "type": "MOMENT",
        "message_id": "m",
        "parameters": {"egg_name": {"string_value": "royal"}, "n": {"int64_value": "7"}},
        "join_experience": {"launch_data": "a"},
        "analytics_data": {"category": "b"},
    }
    answer = app.call("POST", PATH, json={**body(), "payload": payload})
    assert answer.status_code == 200
    (kept,) = sent(cloud)
    assert kept.parameters == {"egg_name": "royal", "n": 7}
    assert (kept.launch_data, kept.category) == ("a", "b")


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "TYPE_UNSPECIFIED"},
        {"type": None},
        {"messageId": ""},
        {"messageId": None},
        {"parameters": {"a": {}}},
        {"parameters": {"a": "b"}},
        {"parameters": {"a": {"stringValue": "b", "int64Value": 1}}},
        {"parameters": {"a": {"int64Value": 2**63}}},
        {"parameters": {"a": {"int64Value": "one"}}},
        {"joinExperience": {"launchData": "é" * 101}},
        {"joinExperience": "a"},
    ],
)
def test_notifications_that_are_refused(cloud: Sandbox, app: App, wrong: dict[str, Any]) -> None:
    """400, and nothing is sent."""
    assert error(app.call("POST", PATH, json=body(**wrong))) == (400, "INVALID_ARGUMENT")
    assert sent(cloud) == []


@pytest.mark.parametrize("wrong", [{}, [], {"source": {}}, {"payload": {}}, {"source": "a"}])
def test_bodies_that_are_none(app: App, wrong: object) -> None:
    """400 for what has not both members."""
    assert error(app.call("POST", PATH, json=wrong)) == (400, "INVALID_ARGUMENT")


def test_from_whom_and_to_whom(cloud: Sandbox, app: App, client: Client) -> None:
    """A universe that the caller was let into, and a user that there is; and the scope."""
    with pytest.raises(errors.PermissionDenied):
        client.universe(GARDEN).notify(KAI, "m")
    with pytest.raises(errors.NotFound):
        client.universe(1).notify(KAI, "m")
    with pytest.raises(errors.NotFound):
        client.universe(LANTERN).notify(1, "m")
    scope = "openid user.user-notification:write"
    picked = app.login(scope=scope, universes=[str(LANTERN)])
    assert app.call("POST", PATH, picked, json=body()).status_code == 200
    unpicked = app.login(scope=scope, universes=["3000002"])
    assert error(app.call("POST", PATH, unpicked, json=body())) == (403, "PERMISSION_DENIED")
    unscoped = app.login(scope="openid", universes=[str(LANTERN)])
    assert error(app.call("POST", PATH, unscoped, json=body())) == (403, "INSUFFICIENT_SCOPE")
    odd = {**body(), "source": {"universe": str(LANTERN)}}
    assert error(app.call("POST", PATH, json=odd)) == (400, "INVALID_ARGUMENT")
    assert len(sent(cloud)) == 1
