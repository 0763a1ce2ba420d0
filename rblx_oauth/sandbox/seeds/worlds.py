"""What the first universes are made of: places, their versions, who plays and who edits."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour.secrets import Secret, SecretShelf
from rblx_oauth.sandbox.behaviour.team_create import TeamCreateShelf
from rblx_oauth.sandbox.game_servers import GameServer, LogLine, ServerShelf
from rblx_oauth.sandbox.luau import Answer, LuauShelf
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.places import Place, PlaceShelf, PlaceVersion
from rblx_oauth.sandbox.state import State

__all__ = ["seed_worlds"]

_DAY = 86_400.0
_HOUR = 3600.0


def seed_worlds(state: State) -> None:
    """Put them into a state that has users and universes."""
    _seed_places(state)
    _seed_servers(state)
    _seed_team(state)
    state.shelves.of(LuauShelf).answers.append(
        Answer(script="return 1 + 1", results=[2], logs=["Adding one and one"])
    )
    state.shelves.of(SecretShelf).secrets["3000001"] = {
        "weather_key": Secret(
            value=b"a-key-that-opens-nothing-real",
            domain="*.weather.example",
            created=BUILT,
            updated=BUILT,
        )
    }


def _seed_places(state: State) -> None:
    first = Place(id="4000001", universe="3000001", server_size=30, versions=_versions())
    caves = Place(
        id="4000011",
        universe="3000001",
        name="Lantern Quest: Caves",
        description="Where the light ends.",
        server_size=12,
        versions=[PlaceVersion(number=1, by="1000001")],
    )
    workshop = Place(
        id="4000013",
        universe="3000003",
        name="Moonlight Racing: Workshop",
        description="Tracks that are not ready.",
        versions=[PlaceVersion(number=1, by="1000001", published=False)],
    )
    places = state.shelves.of(PlaceShelf).places
    places.update({place.id: place for place in (first, caves, workshop)})


def _versions() -> list[PlaceVersion]:
    return [
        PlaceVersion(number=1, by="1000001", title="The first night"),
        PlaceVersion(number=2, at=BUILT + 10 * _DAY, by="1000002", published=False),
        PlaceVersion(
            number=3,
            at=BUILT + 20 * _DAY,
            by="1000001",
            title="Lanterns flicker",
            description="Wind, and what it does to a flame.",
        ),
    ]


def _seed_servers(state: State) -> None:
    now = state.clock.now()
    shelf = state.shelves.of(ServerShelf)
    new = _server(state, version=3, created=now - 2 * _HOUR, players=[1000002])
    busy = _server(state, version=3, created=now - _HOUR, players=[1000003], frame_rate=54.5)
    old = _server(state, version=1, created=now - 30 * _HOUR)
    gone = _server(state, version=1, created=now - 31 * _HOUR, ended=now - 30 * _HOUR)
    gone.status = "crashed"
    deep = _server(state, version=1, created=now - _HOUR / 2)
    shelf.servers["4000001"] = {each.job_id: each for each in (gone, old, new, busy)}
    shelf.servers["4000011"] = {deep.job_id: deep}
    for server in (gone, old, new, busy, deep):
        shelf.logs[server.job_id] = [
            LogLine(at=server.created, severity=1, message="The server began."),
            LogLine(at=server.created + 5, message="Lanterns lit: 12"),
            LogLine(at=server.created + 9, severity=2, message="The oil is low."),
        ]
    fault = "ServerScriptService.Lanterns:12: attempt to index nil with 'Flame'"
    trace = "Script 'ServerScriptService.Lanterns', Line 12"
    shelf.logs[gone.job_id].append(
        LogLine(at=now - 30 * _HOUR, severity=3, message=fault, stack_trace=trace)
    )


def _server(
    state: State,
    *,
    version: int,
    created: float,
    ended: float | None = None,
    players: list[int] | None = None,
    frame_rate: float = 60.0,
) -> GameServer:
    return GameServer(
        job_id=state.ids.uuid("game_server"),
        version=version,
        created=created,
        ended=ended,
        players=players or [],
        frame_rate=frame_rate,
    )


def _seed_team(state: State) -> None:
    shelf = state.shelves.of(TeamCreateShelf)
    shelf.enabled["3000003"] = True
    shelf.members["3000003"] = ["1000001", "1000002"]
    shelf.sessions["4000013"] = ["1000002"]
    shelf.tests["4000013"] = [state.ids.uuid("team_test")]
