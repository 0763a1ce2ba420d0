"""Events that universes announce: made, changed, deleted, and listed both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.events_shelf import Event, EventShelf
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER, GARDEN = 3000001, 3000002, 3000004
LIST = f"/virtual-events/v3/universes/{TOWER}/game-events"
ONE = "/virtual-events/v3/game-events"
HOUR = timedelta(hours=1)


def now(cloud: Sandbox) -> datetime:
    """What time it is in the sandbox."""
    return datetime.fromtimestamp(cloud.clock.now(), UTC)


@pytest.fixture
def events(client: Client, cloud: Sandbox) -> Any:
    """Those of the tower, which has none; with no limit of requests."""
    cloud.settings.rate_limits = False
    return client.universe(TOWER).events


def feast(cloud: Sandbox, begins: int = 24, **more: Any) -> dict[str, Any]:
    """A good event, some hours from now."""
    start = now(cloud) + begins * HOUR
    return {
        "title": "Feast",
        "subtitle": "Come",
        "start_time": start,
        "end_time": start + 2 * HOUR,
    } | more


def body(cloud: Sandbox, **more: Any) -> dict[str, Any]:
    """The same, as it is sent."""
    start = now(cloud) + HOUR
    return {
        "title": "Feast",
        "subtitle": "Come",
        "startTime": start.isoformat(),
        "endTime": (start + HOUR).isoformat(),
    } | more


def problem(answer: requests.Response) -> int:
    """The status of a refusal, in RFC 9457's shape."""
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail"}
    assert said["status"] == answer.status_code
    return answer.status_code


def test_a_new_sandbox_has_events(client: Client) -> None:
    """One is to come; one is over, and listed only when asked for."""
    events = client.universe(LANTERN).events
    (coming,) = events.list()
    assert (coming.title, coming.universe_id, coming.place_id) == (
        "Lantern Festival",
        LANTERN,
        4000001,
    )
    assert coming.host
    assert (coming.host.host_type, coming.host.host_name) == ("user", "ada_builds")
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert len(list(events.list(ends_after=long_ago))) == 2


def test_made_read_and_changed(cloud: Sandbox, events: Any) -> None:
    """What was written is read back; what is left out of a change stays."""
    made = events.create(
        **feast(cloud),
        description="Cake",
        visibility="private",
        categories=["quest", "festival"],
        thumbnails=[77, 78],
        recurrence="0 0 12 * * FRI",
        recurrence_end_time=now(cloud) + 500 * HOUR,
        audience="rsvp",
        featuring=True,
        tagline="Best",
    )
    assert (made.title, made.subtitle, made.description, made.tagline) == (
        "Feast",
        "Come",
        "Cake",
        "Best",
    )
    assert (made.visibility, made.featuring_status, made.place_id) == (
        "private",
        "enabled",
        4000002,
    )
    assert [(each.category, each.rank) for each in made.categories] == [
        ("quest", 0),
        ("festival", 1),
    ]
    assert [each.media_id for each in made.thumbnails] == [77, 78]
    assert (made.config.recurrence, made.config.notification_audience) == (
        "0 0 12 * * FRI",
        "rsvp",
    )
    assert made.end_time - made.start_time == 2 * HOUR
    save_and_load(cloud)
    assert events.get(made.id) == made
    cloud.clock.advance(60)
    changed = events.update(made.id, title="Ball", thumbnails=[], featuring=False)
    assert (changed.title, changed.subtitle, changed.thumbnails) == ("Ball", "Come", [])
    assert changed.featuring_status == "disabled"
    assert changed.updated_at > made.updated_at
    assert events.get(made.id) == changed
    events.delete(made.id)
    for call in (events.get, events.delete):
        with pytest.raises(errors.NotFound):
            call(made.id)


def test_an_empty_change_changes_nothing(cloud: Sandbox, app: App, events: Any) -> None:
    """It gives the event as it is."""
    made = events.create(**feast(cloud))
    cloud.clock.advance(60)
    answer = app.call("PATCH", f"{ONE}/{made.id}", json={"title": None})
    assert answer.status_code == 200
    assert events.get(made.id) == made


def test_groups_invite(client: Client, app: App, cloud: Sandbox) -> None:
    """A group that the caller may act for, in its own name."""
    made = client.universe(3000003).events.create(**feast(cloud), group_id=2000001)
    assert made.host
    assert (made.host.host_type, made.host.host_name) == ("group", "Moonlight Studio")
    answer = app.call("POST", LIST, json=body(cloud, groupId=2000002))
    assert problem(answer) == 403


def test_fields(cloud: Sandbox, app: App, events: Any) -> None:
    """Only what is asked for, and the id; translations only by name."""
    made = events.create(**feast(cloud))
    assert app.call("GET", f"{ONE}/{made.id}", params={"fields": "title, host"}).json().keys() == {
        "id",
        "title",
        "host",
    }
    everything = app.call("GET", f"{ONE}/{made.id}", params={"fields": "*"}).json()
    assert everything == app.call("GET", f"{ONE}/{made.id}").json()
    assert "displayTitle" not in everything
    assert events.get(made.id, fields=["displayTitle"]).display_title == "Feast"
    for path in (f"{ONE}/{made.id}", LIST):
        assert problem(app.call("GET", path, params={"fields": "title,secret"})) == 400


def test_filters(cloud: Sandbox, events: Any) -> None:
    """By when it begins and ends, bounds included, and by who may see it."""
    first = events.create(**feast(cloud, 1))
    second = events.create(**feast(cloud, 5), visibility="private")
    third = events.create(**feast(cloud, 9))

    def found(**bounds: Any) -> list[int]:
        return [each.id for each in events.list(**bounds)]

    assert found() == [first.id, second.id, third.id]
    assert found(starts_after=second.start_time) == [second.id, third.id]
    assert found(starts_before=second.start_time) == [first.id, second.id]
    assert found(ends_before=second.end_time) == [first.id, second.id]
    assert found(ends_after=second.end_time + HOUR) == [third.id]
    assert found(visibility="private") == [second.id]
    cloud.clock.advance(4 * 3600)
    assert found() == [second.id, third.id]
    assert found(ends_before=second.end_time) == [first.id, second.id]


def test_pages_go_both_ways(cloud: Sandbox, app: App, events: Any) -> None:
    """Forwards by one token, backwards by the other; at each end one is missing."""
    made = [str(events.create(**feast(cloud, hours)).id) for hours in (5, 1, 3, 2, 4)]
    order = [made[1], made[3], made[2], made[4], made[0]]

    def page(**query: Any) -> Any:
        answer = app.call("GET", LIST, params={"pageSize": 2} | query)
        assert answer.status_code == 200
        return answer.json()

    def ids(found: Any) -> list[str]:
        return [each["id"] for each in found["gameEvents"]]

    first = page()
    second = page(pageToken=first["nextPageToken"])
    third = page(pageToken=second["nextPageToken"])
    assert (ids(first), ids(second), ids(third)) == (order[:2], order[2:4], order[4:])
    assert (first["previousPageToken"], third["nextPageToken"]) == (None, None)
    back = page(pageToken=third["previousPageToken"], reverse="true")
    assert ids(back) == ids(second)
    assert ids(page(pageToken=back["previousPageToken"], reverse="true")) == ids(first)
    assert ids(page(reverse="true")) == order[3:]
    assert [str(each.id) for each in events.list(page_size=2)] == order
    other = {"pageToken": first["nextPageToken"], "visibility": "public"}
    assert problem(app.call("GET", LIST, params=other)) == 400
    for size in ("0", "101", "-1"):
        assert problem(app.call("GET", LIST, params={"pageSize": size})) == 400
    assert problem(app.call("GET", LIST, params={"visibility": "all"})) == 400
    assert problem(app.call("GET", LIST, params={"startsAfter": "soon"})) == 400


def test_long_events_are_not_forgotten(cloud: Sandbox, events: Any) -> None:
    """One that began long before all others and goes on is listed first."""
    start = now(cloud) - 9000 * HOUR
    long = feast(cloud) | {"start_time": start, "end_time": now(cloud) + 9 * HOUR}
    ids = [events.create(**each).id for each in (feast(cloud, 1), long, feast(cloud, 2))]
    assert [each.id for each in events.list()] == [ids[1], ids[0], ids[2]]
    save_and_load(cloud)
    assert [each.id for each in events.list()] == [ids[1], ids[0], ids[2]]
    events.update(ids[1], end_time=start + HOUR)
    assert [each.id for each in events.list()] == [ids[0], ids[2]]


def test_who_sees_what(cloud: Sandbox, app: App, events: Any) -> None:
    """Public ones everybody; private ones those who were let into the universe."""
    public = events.create(**feast(cloud, 1))
    private = events.create(**feast(cloud, 2), visibility="private")
    scope = "openid universe.event:read universe.event:write"
    insider = app.login(scope=scope, universes=[str(TOWER)])
    outsider = app.login(scope=scope, universes=[str(LANTERN)])
    assert app.call("GET", f"{ONE}/{private.id}", insider).status_code == 200
    assert problem(app.call("GET", f"{ONE}/{private.id}", outsider)) == 404
    assert app.call("GET", f"{ONE}/{public.id}", outsider).status_code == 200
    for method in ("PATCH", "DELETE"):
        more = {"json": {"title": "Mine"}} if method == "PATCH" else {}
        assert problem(app.call(method, f"{ONE}/{public.id}", outsider, **more)) == 403
        assert problem(app.call(method, f"{ONE}/{private.id}", outsider, **more)) == 404
    listed = app.call("GET", LIST, outsider).json()["gameEvents"]
    assert [each["id"] for each in listed] == [str(public.id)]
    unknown = LIST.replace(str(TOWER), "1")
    assert app.call("GET", unknown, outsider).json()["gameEvents"] == []
    assert problem(app.call("POST", LIST, outsider, json=body(cloud))) == 403
    reader = app.login(scope="openid universe.event:read", universes=[str(TOWER)])
    assert problem(app.call("POST", LIST, reader, json=body(cloud))) == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": None},
        {"subtitle": " "},
        {"startTime": None},
        {"startTime": "tomorrow"},
        {"startTime": "0001-01-01T00:00:00+14:00"},
        {"endTime": "2020-01-01T00:00:00Z"},
        {"visibility": "moderated"},
        {"placeId": 4000001},
        {"categories": [{"category": "party"}]},
        {"thumbnails": [{"mediaId": 0}]},
        {"config": {"recurrence": "sometimes"}},
        {"config": {"notificationAudience": "friends"}},
        {"featuringStatus": "invalid"},
        {"description": "rejected"},
        {"title": 5},
    ],
)
def test_events_that_cannot_be(cloud: Sandbox, app: App, wrong: dict[str, Any]) -> None:
    """400, and nothing is announced."""
    assert problem(app.call("POST", LIST, json=body(cloud, **wrong))) == 400
    assert app.call("GET", LIST).json()["gameEvents"] == []


def test_many_events(cloud: Sandbox, app: App) -> None:
    """A hundred thousand slow nothing down."""
    shelf, begins = cloud.state.shelves.of(EventShelf), cloud.clock.now() - 100_000
    for number in range(100_000):
        starts = begins + number
        shelf.events[str(9_000_000 + number)] = Event(
            universe=str(TOWER), title="x", starts=starts, ends=starts + 60, host="U1000001"
        )
    for index in ("order", "longest"):
        vars(shelf).pop(index, None)
    app.call("GET", LIST)
    for call in (lambda: app.call("GET", LIST), lambda: app.call("DELETE", f"{ONE}/9050000")):
        assert call().elapsed.total_seconds() < 2
