"""Game servers: who runs what, what they log, how they are restarted as the clock goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.servers_filter import Facts, ordered, read_condition
from rblx_oauth.sandbox.refusals import Refusal
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

PLACE = "/server-management/v1/universes/3000001/places/4000001"
SERVERS = f"{PLACE}/versions/3/game-servers"


def listed(client: Client, version: int = 3, **options: Any) -> list[models.GameServer]:
    """The servers of a version of the first place."""
    return list(client.universe(3000001).place(4000001).version(version).servers.list(**options))


def test_servers_of_a_version(cloud: Sandbox, client: Client) -> None:
    """Who is in them, and how long they have run: longer as the clock goes."""
    first, second = listed(client)
    assert (first.place_id, first.place_version, first.status) == (4000001, 3, "active")
    assert (first.player_ids, first.occupancy, first.max_occupancy) == ([1000002], 1, 30)
    assert (second.player_ids, second.frame_rate) == ([1000003], 54.5)
    assert first.uptime is not None
    assert timedelta(hours=2) <= first.uptime < timedelta(hours=2, minutes=1)
    cloud.clock.advance(86_400)
    later = listed(client)[0].uptime
    assert later is not None
    assert later - first.uptime >= timedelta(days=1)
    gone, old = listed(client, 1)
    assert (gone.status, gone.shut_down, old.shut_down) == ("crashed", True, False)
    assert gone.uptime == timedelta(hours=1)
    assert gone.termination_time is not None
    assert listed(client, 9) == []


def test_conditions_and_orders(client: Client) -> None:
    """Members are compared, several conditions hold together, orders go both ways."""
    assert len(listed(client, filter="occupancy >= 1 && frameRate < 60")) == 1
    assert len(listed(client, filter="1000002 in playerIds")) == 1
    assert len(listed(client, filter='status in ["active", "crashed"]')) == 2
    assert len(listed(client, 1, filter="shutDown == true")) == 1
    assert listed(client, filter='createTime > timestamp("2100-01-01T00:00:00Z")') == []
    assert len(listed(client, filter='uptime > duration("4000s")')) == 1
    up = [each.job_id for each in listed(client, order_by="uptime")]
    assert [each.job_id for each in listed(client, order_by="uptime desc")] == up[::-1]
    for name, wrong in (("filter", "players > 1"), ("filter", "occupancy >"), ("order_by", "age")):
        with pytest.raises(errors.BadRequest):
            listed(client, 3, **{name: wrong})


FACTS: dict[str, object] = {"n": 5, "s": "a b", "t": 100.0, "l": [1, 2], "none": None, "yes": True}
KINDS = {"n": "number", "s": "text", "t": "time", "l": "list", "none": "number", "yes": "truth"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("n == 5", True),
        ("n==5&&n<5", False),
        ("n <= 5.0 && n >= -1", True),
        ("s == 'a b'", True),
        ('s in ["x", "a b"]', True),
        ('s in ["x"]', False),
        ("2 in l", True),
        ("3 in l", False),
        ('t < "1970-01-01T00:02:00Z"', True),
        ('t == timestamp("1970-01-01T00:01:40Z")', True),
        ("none < 5", False),
        ("n < 'a'", False),
        ("yes", True),
        ("yes == false", False),
    ],
)
def test_what_conditions_hold(text: str, holds: bool) -> None:
    """Numbers, text, moments, truth and lists; what cannot be compared does not hold."""
    assert read_condition(text, KINDS)(FACTS) is holds


@pytest.mark.parametrize(
    "text",
    [
        "n",
        "n = 5",
        "n == ",
        "n == 5 || n == 6",
        "== 5",
        "n in 5",
        "n in [5 6]",
        "5 in n2",
        "t < 'noon'",
        "n == duration('5')",
        "n == x",
        "&&",
        "n == 5 &&",
        "(n == 5)",
    ],
)
def test_what_is_no_condition(text: str) -> None:
    """Is refused with a word on what is one; a lone member must be a truth value."""
    if text == "n":
        assert read_condition(text, KINDS)(FACTS) is False
    else:
        with pytest.raises(Refusal, match="filter"):
            read_condition(text, KINDS)


def test_unknown_values_come_last() -> None:
    """In either direction."""
    items: list[Facts] = [{"a": value} for value in (2, None, 1)]
    assert [each["a"] for each in ordered(items, "a desc", {"a": "number"})] == [2, 1, None]
    assert [each["a"] for each in ordered(items, "a", {"a": "number"})] == [1, 2, None]


def test_pages_of_servers(app: App) -> None:
    """A token goes on where the page ended, for the same question only; zero counts."""
    first = app.call("GET", SERVERS, params={"MaxPageSize": 1}).json()
    assert (len(first["gameServers"]), first["totalCount"]) == (1, 2)
    query = {"MaxPageSize": 1, "PageToken": first["nextPageToken"]}
    second = app.call("GET", SERVERS, params=query).json()
    assert second["gameServers"][0]["jobId"] != first["gameServers"][0]["jobId"]
    assert "nextPageToken" not in second
    other = app.call("GET", SERVERS, params={**query, "OrderBy": "uptime"})
    assert (other.status_code, other.json()["title"]) == (400, "Bad Request")
    counted = app.call("GET", SERVERS, params={"MaxPageSize": 0}).json()
    assert counted == {"gameServers": [], "totalCount": 2}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{PLACE}/versions/x/game-servers", 400),
        (f"{PLACE}/versions/3/game-servers/nobody/logs", 404),
        ("/server-management/v1/universes/3000001/places/4000002/versions/1/game-servers", 404),
        ("/server-management/v1/universes/3000004/places/4000004/versions/1/game-servers", 403),
        (f"{PLACE}/game-servers:filter-options?Filter=Colour", 400),
    ],
)
def test_what_there_is_not(app: App, path: str, status: int) -> None:
    """Refused as RFC 9457 says it."""
    answer = app.call("GET", path)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


def test_logs(client: Client) -> None:
    """Lines of one server, by severity, in pages."""
    (gone, _) = listed(client, 1)
    servers = client.universe(3000001).place(4000001).version(1).servers
    lines = list(servers.logs(gone.job_id, page_size=1))
    assert [each.severity for each in lines] == [1, 0, 2, 3]
    assert (lines[0].logged_at, lines[0].place_version) == (gone.created_at, 1)
    (fault,) = servers.logs(gone.job_id, filter="severity >= 3")
    assert fault.stack_trace
    with pytest.raises(errors.NotFound):
        list(client.universe(3000001).place(4000001).version(3).servers.logs(gone.job_id))


def test_filter_options(client: Client) -> None:
    """What the running servers can be told apart by."""
    place = client.universe(3000001).place(4000001)
    found = place.server_filters()
    assert found["PlaceVersion"].values == [1, 3]
    assert found.keys() == {"PlaceVersion", "EngineVersion"}
    assert place.server_filters("EngineVersion").keys() == {"EngineVersion"}


def test_forecast(client: Client) -> None:
    """What a restart would come to, by place and version."""
    found = client.universe(3000001).servers.forecast_restart()
    assert found.keys() == {4000001, 4000011}
    assert found[4000001].players_impacted == 2
    assert found[4000001].instances_per_version == {"1": 1, "3": 2}
    assert found[4000001].latest_place_version == 3


def test_a_restart_goes_its_way(cloud: Sandbox, client: Client) -> None:
    """Delayed, under way, over: servers end one by one, new ones run the newest version."""
    cloud.settings.operation_seconds = 30
    servers = client.universe(3000001).servers
    launched = servers.launch_restart(
        places=[4000001], bleed_off=timedelta(minutes=2), attributes={"why": "new lamps"}
    )
    assert (launched.players_impacted, launched.instances_impacted) == (2, 3)

    def standing() -> tuple[str, int | None, int | None]:
        place = servers.restarts()[launched.id or ""].place_restart_statuses
        assert place is not None
        each = place["4000001"]
        return str(each.state), each.remaining_instances, each.remaining_players

    assert standing() == ("DELAYING", 3, 2)
    assert servers.forecast_restart()[4000001].instances_impacted == 0
    cloud.clock.advance(120)
    assert standing() == ("RESTARTING", 3, 2)
    cloud.clock.advance(20)
    assert standing() == ("RESTARTING", 1, 1)
    cloud.clock.advance(10)
    assert standing() == ("SUCCEEDED", 0, 0)
    ended, fresh = listed(client)[:2], listed(client)[2:]
    assert [each.status for each in ended] == ["restarted"] * 2
    assert [each.player_ids for each in fresh] == [[], [1000002], [1000003]]
    lines = list(client.universe(3000001).place(4000001).version(3).servers.logs(ended[0].job_id))
    assert lines[-1].message == "The server was restarted."
    cloud.clock.advance(86_400)
    assert servers.restarts() == {}


def test_a_restart_of_some_versions(client: Client) -> None:
    """By number, or all but the newest; what ends already is not ended twice."""
    servers = client.universe(3000001).servers
    old = servers.launch_restart(places={4000001: models.PlaceFilter(versions=[1])})
    assert (old.instances_impacted, old.players_impacted) == (1, 0)
    again = servers.launch_restart(
        places={4000001: models.PlaceFilter(exclude_current_version=True)}
    )
    assert again.instances_impacted == 0
    assert servers.launch_restart().instances_impacted == 3


def test_restarts_of_the_universe(cloud: Sandbox, client: Client) -> None:
    """Old versions only, unless told; bled off first; every place unless some are named."""
    universe = client.universe(3000001)
    universe.restart_servers(place_ids=[4000001], bleed_off=timedelta(minutes=60))
    (status,) = universe.servers.restarts().values()
    assert status.place_restart_statuses is not None
    assert status.place_restart_statuses["4000001"].total_instances == 1
    cloud.clock.advance(3700)
    universe.restart_servers(close_all_versions=True)
    statuses = [each.place_restart_statuses for each in universe.servers.restarts().values()]
    assert [set(each or ()) for each in statuses] == [{"4000001"}, {"4000001", "4000011"}]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("launch", {"bleedOffDurationMinutes": 0}),
        ("launch", {"bleedOffDurationMinutes": 241}),
        ("launch", {"places": {"4000002": {}}}),
        ("launch", {"places": {"4000001": {"versions": [1], "excludeCurrentVersion": True}}}),
        ("launch", {"attributes": {"a": "x" * 500}}),
        ("launch", {"attributes": [1]}),
        ("restart", {"placeIds": [4000002]}),
        ("restart", {"bleedOffServers": True}),
        ("restart", {"bleedOffServers": True, "bleedOffDurationMinutes": 61}),
        ("restart", {"closeAllVersions": "yes"}),
    ],
)
def test_wrong_restarts_are_refused(app: App, path: str, body: dict[str, object]) -> None:
    """400, and nothing is restarted."""
    launch = "/server-management/v1/universes/3000001/restarts"
    where = launch if path == "launch" else "/cloud/v2/universes/3000001:restartServers"
    assert app.call("POST", where, json=body).status_code == 400
    assert app.call("GET", launch).json() == {"restartStatuses": {}}


def test_no_places_are_all_places(app: App) -> None:
    """An empty list or mapping names every place, as Roblox takes it."""
    launch = "/server-management/v1/universes/3000001/restarts"
    assert app.call("POST", launch, json={"places": {}}).json()["instancesImpacted"] == 4
    token = app.login(scope="openid universe:read")
    assert app.call("GET", launch, token).status_code == 200
    assert app.call("POST", launch, token, json={}).status_code == 403


def test_restarts_survive_a_snapshot(cloud: Sandbox, app: App) -> None:
    """A restart goes on where it was."""
    launch = "/server-management/v1/universes/3000001/restarts"
    app.call("POST", launch, json={"bleedOffDurationMinutes": 5})
    before = app.call("GET", launch).json()
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    app.call("POST", "/_sandbox/api/load", json=saved)
    assert app.call("GET", launch).json() == before
    cloud.clock.advance(600)
    places = next(iter(app.call("GET", launch).json()["restartStatuses"].values()))
    assert {each["state"] for each in places["placeRestartStatuses"].values()} == {"SUCCEEDED"}
