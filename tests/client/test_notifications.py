"""Notifications and subscriptions: what a universe has with single users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset


@pytest.fixture
def universe(make_client: MakeClient) -> Any:
    """Universe 5."""
    return make_client().universe(5)


def test_notify(colour: Colour, universe: Any, server: RawServer) -> None:
    """Text goes out as text and whole numbers as numbers, each under its own name."""
    server.script(reply(body={"path": "users/9/notifications/n-1", "id": "n-1"}))
    sent = colour(
        universe.notify(
            9,
            "5dd7024b",
            {"egg": "royal", "count": 3, "note": ""},
            launch_data="from=egg",
            category="Eggs",
        )
    )
    assert sent.id == "n-1"
    assert server.lines == ["POST /cloud/v2/users/9/notifications"]
    assert sent_json(server.requests[0]) == {
        "source": {"universe": "universes/5"},
        "payload": {
            "type": "MOMENT",
            "messageId": "5dd7024b",
            "parameters": {
                "egg": {"stringValue": "royal"},
                "count": {"int64Value": 3},
                "note": {"stringValue": ""},
            },
            "joinExperience": {"launchData": "from=egg"},
            "analyticsData": {"category": "Eggs"},
        },
    }


def test_notify_without_more(colour: Colour, universe: Any, server: RawServer) -> None:
    """What is not given is not sent."""
    server.script(reply())
    colour(universe.notify(9, "m"))
    assert sent_json(server.requests[0]) == {
        "source": {"universe": "universes/5"},
        "payload": {"type": "MOMENT", "messageId": "m"},
    }


def test_notification_is_sent_once(colour: Colour, universe: Any, server: RawServer) -> None:
    """One that may have gone out is not sent again."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome, match="create_user_notification"):
        colour(universe.notify(9, "m"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((0, "m"), "user_id must be a positive"),
        ((9, ""), "message_id must not be empty"),
        ((9, "m", {"a": True}), r"parameters\['a'\] must be an int"),
        ((9, "m", {"a": 1.5}), r"parameters\['a'\] must be an int"),
        ((9, "m", {"a": 2**63}), r"parameters\['a'\] must be a 64-bit integer"),
        ((9, "m", {5: "a"}), "a name in parameters must be a str"),
        ((9, "m", [("a", 1)]), "parameters must be a mapping"),
    ],
)
def test_wrong_notification_is_refused(
    colour: Colour, universe: Any, server: RawServer, arguments: tuple[Any, ...], says: str
) -> None:
    """Nothing is sent."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(universe.notify(*arguments))
    assert server.requests == []


def test_launch_data_is_counted_in_bytes(colour: Colour, universe: Any, server: RawServer) -> None:
    """200 bytes are the limit, which is fewer characters where they are not ASCII."""
    server.script(reply())
    colour(universe.notify(9, "m", launch_data="é" * 100))
    with pytest.raises(ValueError, match="launch_data takes 202 bytes; the limit is 200"):
        colour(universe.notify(9, "m", launch_data="é" * 101))
    with pytest.raises(ValueError, match="category must not be empty"):
        colour(universe.notify(9, "m", category=""))
    assert len(server.requests) == 1


def test_subscription(colour: Colour, universe: Any, server: RawServer) -> None:
    """All that is known is asked for, by default."""
    server.script(
        reply(
            body={
                "active": True,
                "willRenew": False,
                "expireTime": "2026-02-03T04:05:06Z",
                "lastBillingTime": "2026-01-03T04:05:06Z",
                "state": "SUBSCRIBED_WILL_NOT_RENEW",
                "paymentProvider": "SEASHELLS",
                "expirationDetails": {"reason": "LAPSED"},
                "user": "users/9",
            }
        )
    )
    found = colour(universe.subscription("EXP-1 2", 9))
    assert (found.user_id, found.active, found.will_renew) == (9, True, False)
    assert found.expires_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert found.last_billed_at == datetime(2026, 1, 3, 4, 5, 6, tzinfo=UTC)
    assert found.renews_at is None
    assert (found.state, found.payment_provider) == ("SUBSCRIBED_WILL_NOT_RENEW", "SEASHELLS")
    assert found.expiration_details.reason == "LAPSED"
    colour(universe.subscription("EXP-1 2", 9, view="BASIC"))
    path = "GET /cloud/v2/universes/5/subscription-products/EXP-1%202/subscriptions/9"
    assert [asked(line) for line in server.lines] == [
        (path, {"view": "FULL"}),
        (path, {"view": "BASIC"}),
    ]


def test_wrong_subscription_is_refused(colour: Colour, universe: Any, server: RawServer) -> None:
    """Nothing is sent."""
    with pytest.raises(ValueError, match="view must be one of BASIC, FULL"):
        colour(universe.subscription("EXP-1", 9, view="full"))
    with pytest.raises(TypeError, match="user_id must be an int"):
        colour(universe.subscription("EXP-1", "9"))
    assert server.requests == []
