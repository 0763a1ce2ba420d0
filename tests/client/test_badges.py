"""Badges: seen by everybody, made for Robux."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import errors
from tests.client.answers import asked, reply, sent_form, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
BADGE = {
    "id": 5,
    "name": "Welcome",
    "displayName": "Welcome!",
    "enabled": True,
    "iconImageId": 77,
    "awarder": {"id": 44, "type": 1, "name": "Lantern"},
    "statistics": {"pastDayAwardedCount": 3, "awardedCount": 70, "winRatePercentage": 0.25},
    "created": "2026-01-02T03:04:05.123-06:00",
    "updated": "2026-01-02T03:04:05.123-06:00",
}


@pytest.fixture
def badges(make_client: MakeClient) -> Any:
    """The badges of universe 1."""
    return make_client().universe(1).badges


def test_badge(colour: Colour, badges: Any, server: RawServer) -> None:
    """A badge by its id, without a credential: it is public."""
    server.script(reply(body=BADGE))
    found = colour(badges.get(5))
    assert (found.id, found.name, found.enabled, found.icon_image_id) == (5, "Welcome", True, 77)
    assert (found.awarder.id, found.statistics.win_rate_percentage) == (44, 0.25)
    assert found.created_at.utcoffset().total_seconds() in (-6 * 3600, 0)
    assert server.lines == ["GET /v1/badges/5"]
    assert b"key-1" not in server.requests[0]


def test_listing(colour: Colour, badges: Any, server: RawServer) -> None:
    """Pages hold 10, 25, 50 or 100; an empty one with a token is not the last."""
    server.script(
        reply(body={"data": [], "nextPageCursor": "c1"}),
        reply(body={"data": [BADGE] * 2, "nextPageCursor": None, "previousPageCursor": None}),
    )
    assert [each.id for each in colour.list(badges.list(newest_first=True, page_size=20))] == [5, 5]
    assert [asked(line) for line in server.lines] == [
        ("GET /v1/universes/1/badges", {"sortOrder": "Desc", "limit": "25"}),
        ("GET /v1/universes/1/badges", {"sortOrder": "Desc", "limit": "25", "cursor": "c1"}),
    ]
    assert b"key-1" not in b"".join(server.requests)


def test_badge_is_free_unless_said_otherwise(
    colour: Colour, badges: Any, server: RawServer
) -> None:
    """Roblox is told that nothing may be spent, and refuses where it costs something."""
    server.script(reply(400, {"errors": [{"code": 18, "message": "Expected cost is different."}]}))
    with pytest.raises(errors.BadRequest, match="18: Expected cost") as caught:
        colour(badges.create("Welcome"))
    assert caught.value.code == "18"
    assert server.lines == ["POST /legacy-badges/v1/universes/1/badges"]
    assert sent_form(server.requests[0]) == [
        ("name", "", b"Welcome"),
        ("paymentSourceType", "", b"1"),
        ("expectedCost", "", b"0"),
    ]


def test_badge_that_a_group_pays_for(colour: Colour, badges: Any, server: RawServer) -> None:
    """Price, payer and picture go along."""
    server.script(reply(body=BADGE))
    made = colour(
        badges.create(
            "Welcome",
            description="Hello",
            icon=PNG,
            active=False,
            expected_cost=100,
            payment_source="group",
        )
    )
    assert made.id == 5
    assert sent_form(server.requests[0]) == [
        ("name", "", b"Welcome"),
        ("description", "", b"Hello"),
        ("paymentSourceType", "", b"2"),
        ("files", "image/png", PNG),
        ("expectedCost", "", b"100"),
        ("isActive", "", b"false"),
    ]


def test_nothing_is_paid_for_twice(colour: Colour, badges: Any, server: RawServer) -> None:
    """A badge that may have been made is not sent again."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(badges.create("Welcome", expected_cost=100))
    assert len(server.requests) == 1


def test_changing_a_badge(colour: Colour, badges: Any, server: RawServer) -> None:
    """Texts as JSON, the picture as a form of its own."""
    server.script(reply(), reply(body={"targetId": 78}))
    assert colour(badges.update(5, name="Hi", enabled=False)) is None
    assert colour(badges.update_icon(5, PNG)).target_id == 78
    assert server.lines == [
        "PATCH /legacy-badges/v1/badges/5",
        "POST /legacy-publish/v1/badges/5/icon",
    ]
    assert sent_json(server.requests[0]) == {"name": "Hi", "enabled": False}
    assert sent_form(server.requests[1]) == [("Files", "image/png", PNG)]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda badges: badges.create(""), "name must not be empty"),
        (lambda badges: badges.create("x", payment_source="me"), "one of user, group"),
        (lambda badges: badges.create("x", expected_cost=-1), "expected_cost must not be negative"),
        (lambda badges: badges.create("x", expected_cost="1"), "expected_cost must be an int"),
        (lambda badges: badges.create("x", icon=b"\x89P"), "give filename="),
        (lambda badges: badges.update(5), "nothing to change"),
        (lambda badges: badges.update(5, name=""), "name must not be empty"),
        (lambda badges: badges.update(-5, name="x"), "badge_id must be a positive"),
        (lambda badges: badges.get("5"), "badge_id must be an int"),
        (lambda badges: badges.update_icon(5, None), "a path, bytes or"),
    ],
)
def test_bad_input_is_refused(
    colour: Colour, badges: Any, server: RawServer, call: Any, says: str
) -> None:
    """Before a byte leaves."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(call(badges))
    assert server.requests == []
