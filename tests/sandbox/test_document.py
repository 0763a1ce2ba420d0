"""That the sandbox's answers are held against Roblox's OpenAPI document, and faults are found."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from rblx_oauth import Client, catalog
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.drawing import png
from tests.api.document import needs_document
from tests.sandbox.deviations import DEVIATIONS
from tests.sandbox.documented import LISTENER, Answer, objections, unmet

pytestmark = needs_document

USER = {"path": "users/1", "id": "1", "name": "ada", "createTime": "2026-01-01T00:00:00Z"}


def test_answers_are_listened_to(cloud: Sandbox) -> None:
    """What a sandbox of any test answers is held against the document."""
    LISTENER.heard.clear()
    with Client(api_key=cloud.api_key, api_base=cloud.api_base) as client:
        user = client.user(cloud.users[0]["id"])
        user.get()
        operation = user.assets.create(
            png(16, (200, 60, 60), is_round=False), type="Decal", name="Hat"
        )
        operation.status()
    assert LISTENER.heard == {"get_user", "create_asset", "get_asset_operation"}


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({}, ""),
        ({"locale": None}, "$.locale: NoneType for string"),
        ({"createTime": "yesterday"}, "$.createTime: not of format 'date-time'"),
        ({"nickname": "Ada"}, "$.nickname: not in the document"),
        ({"premium": 1}, "$.premium: int for boolean"),
        (
            {"socialNetworkProfiles": {"visibility": "SOME"}},
            "$.socialNetworkProfiles.visibility: none of its words",
        ),
    ],
)
def test_wrong_bodies_are_objected_to(changes: Mapping[str, object], objection: str) -> None:
    """A member of another type, an unknown one, one that is not among the words: each is told."""
    answer = Answer(200, "application/json", json.dumps({**USER, **changes}).encode())
    found = list(objections(catalog.operation("get_user"), answer))
    assert found == ([objection] if objection else [])


@pytest.mark.parametrize(
    ("name", "status", "media", "body", "objection"),
    [
        ("get_user", 202, "application/json", {}, "202 is no status of it"),
        ("get_user", 200, "text/html", {}, "text/html is no media type of it"),
        ("get_user", 404, "application/json", {"code": "NOT_FOUND"}, "404: $.message: missing"),
        ("get_user", 404, "application/json", {"errors": [{"code": 0, "message": "no"}]}, None),
        ("delete_event", 204, "", {}, "204 with a body"),
        ("get_game_pass", 404, "application/json", {"errorCode": 1}, "404: $.errorCode: int for"),
        ("get_asset", 400, "application/json", {"code": 400, "message": "no"}, None),
        ("get_universe", 409, "application/json", {"x": 1}, "409: $."),
    ],
)
def test_wrong_answers_are_objected_to(
    name: str, status: int, media: str, body: object, objection: str | None
) -> None:
    """Statuses, media types and the bodies of errors are held against the document too."""
    answer = Answer(status, media, json.dumps(body).encode())
    found = list(objections(catalog.operation(name), answer))
    assert any(each.startswith(objection) for each in found) if objection else not found


def test_a_deviation_that_occurs_no_more_is_told() -> None:
    """What is excused must still happen: one that was put right comes off the list."""
    met = {(name, each) for name, known in DEVIATIONS.items() for each in known}
    gone = met.pop()
    assert not unmet(met | {gone})
    assert unmet(met) == {gone}
