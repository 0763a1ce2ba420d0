"""Events that a universe announces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http, reset

HOME = "/virtual-events/v3/universes/1/game-events"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
EVENT = {
    "id": "9223372036854775806",
    "title": "Feast",
    "startTime": "2026-06-01T12:00:00Z",
    "endTime": "2026-06-01T14:00:00Z",
    "universeId": 1,
    "host": {"hostType": "group", "hostId": 9, "hostName": None},
    "visibility": "public",
    "categories": [{"category": "festival", "rank": 0}, {"category": "brandNew", "rank": 1}],
    "thumbnails": [{"mediaId": 77, "rank": 0}],
    "config": {"recurrence": "0 0 12 * * FRI", "recurrenceEndTime": None},
}
BIG = 9223372036854775806


@pytest.fixture
def events(make_client: MakeClient) -> Any:
    """The events of universe 1."""
    return make_client().universe(1).events


def test_event(colour: Colour, events: Any, server: RawServer) -> None:
    """Its id is an int, whole; words that are new survive; what is left out is None."""
    server.script(reply(body=EVENT))
    found = colour(events.get(BIG, fields=["id", "displayTitle"]))
    assert (found.id, found.start_time, found.end_time) == (BIG, NOON, LATER)
    assert [each.category for each in found.categories] == ["festival", "brandNew"]
    assert (found.host.host_id, found.host.host_name, found.display_title) == (9, None, None)
    assert asked(server.lines[0]) == (
        f"GET /virtual-events/v3/game-events/{BIG}",
        {"fields": "id,displayTitle"},
    )


def test_listing(colour: Colour, events: Any, server: RawServer) -> None:
    """Filters are typed; a page may be empty with another behind it."""
    server.script(
        reply(body={"gameEvents": None, "nextPageToken": "t1"}),
        reply(body={"gameEvents": [EVENT], "nextPageToken": None, "previousPageToken": "t0"}),
    )
    east = timezone(timedelta(hours=2))
    found = colour.list(
        events.list(
            starts_after=datetime(2026, 6, 1, 14, tzinfo=east),
            starts_before=LATER,
            ends_after=NOON,
            ends_before=LATER,
            visibility=models.EventVisibility.PRIVATE,
            page_size=25,
        )
    )
    assert [each.id for each in found] == [BIG]
    filters = {
        "startsAfter": "2026-06-01T12:00:00Z",
        "startsBefore": "2026-06-01T14:00:00Z",
        "endsAfter": "2026-06-01T12:00:00Z",
        "endsBefore": "2026-06-01T14:00:00Z",
        "visibility": "private",
        "pageSize": "25",
    }
    assert [asked(line) for line in server.lines] == [
        (f"GET {HOME}", filters),
        (f"GET {HOME}", filters | {"pageToken": "t1"}),
    ]


def test_announcing(colour: Colour, events: Any, server: RawServer) -> None:
    """What is in order is ranked from 0; times are UTC; ids are numbers."""
    server.script(reply(body=EVENT))
    made = colour(
        events.create(
            "Feast",
            subtitle="Come",
            start_time=NOON,
            end_time=LATER,
            description="Cake",
            visibility="private",
            group_id=9,
            place_id=44,
            categories=["festival", models.EventCategory.QUEST, "brandNew"],
            thumbnails=[77, 78],
            recurrence="0 0 12 * * FRI",
            recurrence_end_time=LATER,
            audience="rsvp",
            featuring=True,
            tagline="Best",
        )
    )
    assert made.title == "Feast"
    assert server.lines == [f"POST {HOME}"]
    assert sent_json(server.requests[0]) == {
        "title": "Feast",
        "subtitle": "Come",
        "description": "Cake",
        "startTime": "2026-06-01T12:00:00Z",
        "endTime": "2026-06-01T14:00:00Z",
        "visibility": "private",
        "groupId": 9,
        "placeId": 44,
        "categories": [
            {"category": "festival", "rank": 0},
            {"category": "quest", "rank": 1},
            {"category": "brandNew", "rank": 2},
        ],
        "thumbnails": [{"mediaId": 77, "rank": 0}, {"mediaId": 78, "rank": 1}],
        "config": {
            "recurrence": "0 0 12 * * FRI",
            "recurrenceEndTime": "2026-06-01T14:00:00Z",
            "notificationAudience": "rsvp",
        },
        "featuringStatus": "enabled",
        "tagline": "Best",
    }


def test_changing(colour: Colour, events: Any, server: RawServer) -> None:
    """Only what is given is sent; lists may be emptied."""
    server.script(reply(body=EVENT))
    colour(events.update(BIG, title="Ball", thumbnails=[], featuring=False))
    assert server.lines == [f"PATCH /virtual-events/v3/game-events/{BIG}"]
    assert sent_json(server.requests[0]) == {
        "title": "Ball",
        "thumbnails": [],
        "featuringStatus": "disabled",
    }


def test_deleting(colour: Colour, events: Any, server: RawServer) -> None:
    """Gone after a try whose answer was lost: then it is deleted."""
    server.script(reset, reply(404, {"title": "Not Found", "status": 404, "detail": "gone"}))
    assert colour(events.delete(BIG)) is None
    server.script(http(204))
    assert colour(events.delete(BIG)) is None
    assert server.lines == [f"DELETE /virtual-events/v3/game-events/{BIG}"] * 3


def test_refusal_says_why(colour: Colour, events: Any, server: RawServer) -> None:
    """A problem as RFC 9457 has it."""
    problem = {"type": "t", "title": "Bad Request", "status": 400, "detail": "Title is moderated."}
    server.script(reply(400, problem))
    with pytest.raises(errors.BadRequest, match="Bad Request: Title is moderated"):
        colour(events.update(BIG, title="x"))


def test_nothing_is_announced_twice(colour: Colour, events: Any, server: RawServer) -> None:
    """An event that may have been made is not sent again."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(events.create("Feast", subtitle="x", start_time=NOON, end_time=LATER))
    assert len(server.requests) == 1


GOOD: dict[str, Any] = {
    "title": "Feast",
    "subtitle": "Come",
    "start_time": NOON,
    "end_time": LATER,
}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": ""}, "title must not be empty"),
        ({"subtitle": ""}, "subtitle must not be empty"),
        ({"end_time": NOON}, "end_time must be after start_time"),
        ({"start_time": datetime(2026, 6, 1)}, "start_time must have a time zone"),  # noqa: DTZ001
        ({"end_time": "2026"}, "end_time must be a datetime"),
        ({"visibility": "moderated"}, "visibility must be one of public, private"),
        ({"place_id": 0}, "place_id must be a positive"),
        ({"categories": "quest"}, "categories must be an iterable of values, not one"),
        ({"categories": [""]}, r"categories\[0\] must not be empty"),
        ({"thumbnails": [1, -1]}, r"thumbnails\[1\] must be a positive"),
        ({"thumbnails": ["1"]}, r"thumbnails\[0\] must be an int"),
        ({"recurrence": ""}, "recurrence must not be empty"),
        ({"audience": ""}, "audience must not be empty"),
        ({"featuring": "enabled"}, "featuring must be a bool"),
        ({"recurrence_end_time": datetime(2026, 6, 1)}, "config must have a time zone"),  # noqa: DTZ001
    ],
)
def test_bad_input_is_refused(
    colour: Colour, events: Any, server: RawServer, wrong: dict[str, Any], says: str
) -> None:
    """Before a byte leaves, in announcing and in changing."""
    arguments = GOOD | wrong
    with pytest.raises((ValueError, TypeError), match=says):
        colour(events.create(**arguments))
    with pytest.raises((ValueError, TypeError), match=says):
        colour(events.update(BIG, **arguments))
    assert server.requests == []


def test_changing_nothing_is_refused(colour: Colour, events: Any, server: RawServer) -> None:
    """As with everything that can be changed."""
    with pytest.raises(ValueError, match="nothing to change"):
        colour(events.update(BIG))
    assert server.requests == []
