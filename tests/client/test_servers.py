"""Game servers: restarts of a universe, servers and logs of a version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

HOME = "/server-management/v1/universes/1"
GAME_SERVERS = f"{HOME}/places/44/versions/7/game-servers"
MOMENT = datetime(2024, 5, 5, 12, 34, 56, tzinfo=UTC)


@pytest.fixture
def servers(make_client: MakeClient) -> Any:
    """The servers of universe 1."""
    return make_client().universe(1).servers


@pytest.fixture
def running(make_client: MakeClient) -> Any:
    """The servers of version 7 of place 44."""
    return make_client().universe(1).place(44).version(7).servers


def test_restarts(colour: Colour, servers: Any, server: RawServer) -> None:
    """Each restart by id, with how far each of its places is; none is an empty mapping."""
    place = {
        "state": "BAKING",
        "startTime": "2024-05-05T12:34:56Z",
        "endTime": None,
        "remainingInstances": 3,
        "latestVersion": "9",
        "filter": {"versions": [7]},
    }
    status = {"universeId": "1", "placeRestartStatuses": {"44": place}}
    server.script(
        reply(body={"restartStatuses": {"r1": status}}), reply(body={"restartStatuses": None})
    )
    found = colour(servers.restarts())["r1"]
    assert found.universe_id == 1
    (each,) = found.place_restart_statuses.values()
    assert (each.state, each.start_time, each.end_time) == ("BAKING", MOMENT, None)
    assert (each.remaining_instances, each.latest_version, each.filter.versions) == (3, 9, [7])
    assert colour(servers.restarts()) == {}
    assert server.lines == [f"GET {HOME}/restarts"] * 2


def test_forecast(colour: Colour, servers: Any, server: RawServer) -> None:
    """By the id of the place, an int."""
    forecast = {"playersImpacted": 5, "totalPlayers": 8, "instancesPerVersion": {"7": 2}}
    server.script(reply(body={"placeForecasts": {"44": forecast}}))
    found = colour(servers.forecast_restart())
    assert found.keys() == {44}
    assert (found[44].players_impacted, found[44].instances_per_version) == (5, {"7": 2})
    assert server.lines == [f"GET {HOME}/restarts:forecast"]


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({}, {}),
        (
            {"places": [44, 45], "bleed_off": timedelta(hours=4), "attributes": {"why": "é"}},
            {
                "places": {"44": {}, "45": {}},
                "bleedOffDurationMinutes": 240,
                "attributes": {"why": "é"},
            },
        ),
        (
            {
                "places": {
                    44: models.PlaceFilter(versions=[7, 8]),
                    45: models.PlaceFilter(exclude_current_version=True),
                }
            },
            {"places": {"44": {"versions": [7, 8]}, "45": {"excludeCurrentVersion": True}}},
        ),
    ],
    ids=["all", "places", "versions"],
)
def test_launch(
    colour: Colour, servers: Any, server: RawServer, options: dict[str, Any], body: dict[str, Any]
) -> None:
    """Of everything, of places, or of versions of places."""
    server.script(reply(body={"id": "r1", "playersImpacted": 5, "instancesImpacted": 2}))
    launched = colour(servers.launch_restart(**options))
    assert (launched.id, launched.players_impacted) == ("r1", 5)
    assert server.lines == [f"POST {HOME}/restarts"]
    assert sent_json(server.requests[0]) == body


BOTH = models.PlaceFilter(versions=[7], exclude_current_version=True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"places": []}, "places is empty"),
        ({"places": {}}, "places is empty"),
        ({"places": {0: models.PlaceFilter()}}, r"places\[0\] must be a positive"),
        ({"places": {44: [7]}}, r"places\[44\] must be a PlaceFilter"),
        ({"places": {44: BOTH}}, "versions or exclude_current_version, not both"),
        ({"bleed_off": timedelta(minutes=241)}, "whole minutes, from 1 to 240"),
        ({"attributes": {"a": "é" * 250}}, "more than 500 bytes"),
        ({"attributes": [1]}, "attributes must be a mapping"),
    ],
)
def test_wrong_launch_is_refused_before_sending(
    colour: Colour, servers: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """No places is not every place, and limits are named."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(servers.launch_restart(**options))
    assert server.requests == []


def test_doubtful_launch_is_not_repeated(colour: Colour, servers: Any, server: RawServer) -> None:
    """A restart that may have been launched is not launched again."""
    server.script(reply(500))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(servers.launch_restart())
    assert len(server.requests) == 1


def test_game_servers(colour: Colour, running: Any, server: RawServer) -> None:
    """Typed; an empty page with a token is not the end."""
    found = {
        "placeId": "44",
        "placeVersion": "7",
        "jobId": "j1",
        "createTime": "2024-05-05T12:34:56Z",
        "uptime": "1.02:03:04.5",
        "memoryUsageBytes": 2_000_000_000,
        "frameRate": 59.9,
        "status": "sleepy",
        "terminationTime": None,
        "playerIds": [5, 6],
    }
    server.script(
        reply(body={"gameServers": [], "nextPageToken": "t1"}),
        reply(body={"gameServers": [found, {"jobId": "j2", "uptime": "00:00:09"}]}),
    )
    first, second = colour.list(running.list(filter="occupancy > 1", order_by="uptime desc"))
    assert (first.place_id, first.place_version, first.created_at) == (44, 7, MOMENT)
    assert first.uptime == timedelta(days=1, hours=2, minutes=3, seconds=4.5)
    assert (first.status, first.player_ids, first.termination_time) == ("sleepy", [5, 6], None)
    assert (second.uptime, second.player_ids) == (timedelta(seconds=9), [])
    query = {"OrderBy": "uptime desc", "Filter": "occupancy > 1", "MaxPageSize": "100"}
    assert [asked(each) for each in server.lines] == [
        (f"GET {GAME_SERVERS}", query),
        (f"GET {GAME_SERVERS}", query | {"PageToken": "t1"}),
    ]


@pytest.mark.parametrize("moment", [1714912496000, "1714912496000", "2024-05-05T12:34:56Z"])
def test_logs(colour: Colour, running: Any, server: RawServer, moment: int | str) -> None:
    """The time of a line is one, whether Roblox writes milliseconds or a timestamp."""
    line = {"messageTimestampMs": moment, "severity": 3, "message": "no", "placeVersion": "7"}
    server.script(reply(body={"gameServerLogs": [line, {}]}))
    first, second = colour.list(running.logs("a b", filter="severity >= 2", limit=2))
    assert (first.logged_at, first.severity, first.message) == (MOMENT, 3, "no")
    assert (second.logged_at, second.place_version) == (None, 0)
    assert asked(server.lines[0]) == (
        f"GET {GAME_SERVERS}/a%20b/logs",
        {"Filter": "severity >= 2", "MaxPageSize": "2"},
    )


def test_filters(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """What there is to tell the servers apart by."""
    filters = {"PlaceVersion": {"field": "PlaceVersion", "type": "Number", "values": [6, 7]}}
    server.script(reply(body={"filters": filters}), reply(body={"filters": None}))
    place = make_client().universe(1).place(44)
    assert colour(place.server_filters("PlaceVersion"))["PlaceVersion"].values == [6, 7]
    assert colour(place.server_filters()) == {}
    target = f"GET {HOME}/places/44/game-servers:filter-options"
    assert server.lines == [f"{target}?Filter=PlaceVersion", target]


def test_wrong_arguments_are_refused_before_sending(
    make_client: MakeClient, running: Any, server: RawServer
) -> None:
    """Versions are positive, servers have names, pages hold up to 100."""
    for act in (
        lambda: make_client().universe(1).place(44).version(0),
        lambda: running.logs(""),
        lambda: running.list(page_size=101),
        lambda: running.list(limit=-1),
    ):
        with pytest.raises(ValueError, match=r"version|job_id|page_size|limit"):
            act()
    assert server.requests == []


def test_span_that_is_none(colour: Colour, running: Any, server: RawServer) -> None:
    """An uptime of another shape is said to be none."""
    server.script(reply(body={"gameServers": [{"uptime": "yesterday"}]}))
    with pytest.raises(errors.ProtocolError, match=r"1\.02:03:04"):
        colour.list(running.list())
