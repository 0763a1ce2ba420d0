"""Team Create: whether a universe is edited together, by whom, and who does so now."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import Client
from rblx_oauth.api import team_create as api
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.team_create import TeamCreateShelf
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

HOME = "/legacy-develop/v1"
MEMBERSHIPS = f"{HOME}/universes/3000003/teamcreate/memberships"
SESSION = f"{HOME}/places/4000013/teamcreate/active_session/members"


def code(app: App, method: str, path: str, **more: Any) -> tuple[int, int]:
    """Status and number of a refusal."""
    answer = app.call(method, path, **more)
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_settings(client: Client) -> None:
    """On and off, one and many; universes of others are left out."""
    assert client.send(api.get_team_create_settings(universe_id=3000001)).is_enabled is False
    client.send(api.update_team_create_settings(universe_id=3000001, is_enabled=True))
    found = client.send(
        api.list_team_create_settings(universe_ids=[3000001, 3000002, 3000004, 99])
    ).items
    assert [(each.id, each.is_enabled) for each in found] == [(3000001, True), (3000002, False)]


def test_who_edits_now(client: Client) -> None:
    """The users in the session, until they may no longer edit."""
    call = api.list_team_create_members(place_id=4000013)
    assert [each.name for each in client.send(call).items] == ["zoe_and_co"]
    client.send(api.remove_team_create_member(universe_id=3000003, user_id=1000002))
    assert client.send(call).items == []
    assert client.universe(3000003).place(4000013).update(description="x").description == "x"


def test_team_tests_are_closed(cloud: Sandbox, client: Client, app: App) -> None:
    """By the instance they run in, once."""
    (running,) = cloud.state.shelves.of(TeamCreateShelf).tests["4000013"]
    client.send(api.close_team_test(place_id=4000013, game_id=running))
    again = app.call("DELETE", "/legacy-develop/v2/teamtest/4000013", params={"gameId": running})
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("GET", f"{HOME}/universes/99/teamcreate", None, (400, 1)),
        ("GET", f"{HOME}/universes/3000004/teamcreate", None, (403, 3)),
        ("PATCH", f"{HOME}/universes/3000004/teamcreate", {"isEnabled": True}, (403, 3)),
        ("PATCH", f"{HOME}/universes/3000001/teamcreate", {"isEnabled": "on"}, (400, 0)),
        ("DELETE", MEMBERSHIPS, {"userId": 1000003}, (400, 3)),
        ("DELETE", MEMBERSHIPS.replace("0003/", "0001/"), {"userId": 1000002}, (403, 4)),
        ("GET", SESSION.replace("13/", "01/"), None, (403, 4)),
        ("GET", SESSION.replace("4000013", "99"), None, (400, 5)),
        ("GET", SESSION.replace("4000013", "4000004"), None, (403, 2)),
    ],
)
def test_refusals(
    app: App, method: str, path: str, body: dict[str, object] | None, refusal: tuple[int, int]
) -> None:
    """By the numbers of the develop API."""
    assert code(app, method, path, json=body) == refusal


def test_pages_have_four_sizes(app: App) -> None:
    """Others are refused, and so is a cursor that nobody gave."""
    assert app.call("GET", SESSION, params={"limit": 25}).status_code == 200
    assert app.call("GET", SESSION, params={"limit": 20}).status_code == 400
    assert app.call("GET", SESSION, params={"cursor": "x"}).status_code == 400


def test_a_team_survives_a_snapshot(app: App) -> None:
    """Settings and members are saved and loaded."""
    app.call("PATCH", f"{HOME}/universes/3000001/teamcreate", json={"isEnabled": True})
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    app.call("POST", "/_sandbox/api/load", json=saved)
    assert app.call("GET", f"{HOME}/universes/3000001/teamcreate").json() == {"isEnabled": True}
