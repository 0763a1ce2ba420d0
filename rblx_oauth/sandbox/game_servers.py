"""Game servers that run places, what they log, and restarts of them.

Nothing happens by itself: how long a server runs and when a restart ends it is
settled when it begins, and told by the clock afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.places import Place, places_of
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = [
    "GameServer",
    "LogLine",
    "PlaceFilter",
    "PlaceRestart",
    "Restart",
    "ServerShelf",
    "close_servers",
    "restart",
    "running",
]

ENGINE = "0.650.1.6500100"


class GameServer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A server of a place.

    Attributes:
        version: The version of the place that it runs.
        created: When it began, which may lie ahead: a restart is settled beforehand.
        ended: When it ends; None while nobody has said so.
        status: What ended it.
        players: Ids of the users in it until then.
        memory: Bytes in use.
    """

    job_id: str
    version: int = 1
    engine: str = ENGINE
    created: float = BUILT
    ended: float | None = None
    status: str = "shut_down"
    players: list[int] = []
    memory: int = 700_000_000
    frame_rate: float = 60.0

    def is_over(self, now: float) -> bool:
        """Whether it has ended."""
        return self.ended is not None and self.ended <= now


class LogLine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A line that a server logged; severity 0 output, 1 information, 2 warning, 3 error."""

    at: float
    message: str
    severity: int = 0
    stack_trace: str = ""


class PlaceFilter(msgspec.Struct, kw_only=True, rename="camel"):
    """Which versions of a place to restart; every version unless it says."""

    versions: list[int] | None = None
    exclude_current_version: bool | None = None


class PlaceRestart(msgspec.Struct, kw_only=True):
    """What a restart does to one place.

    Attributes:
        jobs: The servers that it ends.
        players: Users in them when it was launched.
        latest: The version that the place had then.
    """

    jobs: list[str]
    players: int
    filter: PlaceFilter
    latest: int


class Restart(msgspec.Struct, kw_only=True):
    """A restart: launched, then players are left to leave, then servers end one by one."""

    id: str
    launched: float
    starts: float
    ends: float
    attributes: dict[str, object] = {}
    places: dict[str, PlaceRestart] = {}


class ServerShelf(Shelf):
    """The servers.

    Attributes:
        servers: By the id of their place and their own.
        logs: By the id of the server, oldest first.
        restarts: By the id of the universe and their own.
    """

    section = "game_servers"

    servers: dict[str, dict[str, GameServer]] = {}
    logs: dict[str, list[LogLine]] = {}
    restarts: dict[str, dict[str, Restart]] = {}


def running(state: State, place_id: str) -> list[GameServer]:
    """The servers of a place that have begun and not ended."""
    now = state.clock.now()
    found = state.shelves.of(ServerShelf).servers.get(place_id, {}).values()
    return [each for each in found if each.created <= now and not each.is_over(now)]


def close_servers(state: State, universe_id: str) -> None:
    """End every server of a universe now, those included that a restart would bring."""
    now, shelf = state.clock.now(), state.shelves.of(ServerShelf)
    for place in places_of(state, universe_id):
        servers = shelf.servers.get(place.id, {})
        for job_id, server in list(servers.items()):
            if server.created > now:
                del servers[job_id]
            elif not server.is_over(now):
                server.ended, server.status = now, "shut_down"


def restart(
    state: State,
    universe_id: str,
    places: Iterable[tuple[Place, PlaceFilter]],
    *,
    bleed_off: float,
    attributes: dict[str, object],
) -> Restart:
    """Settle a restart: which servers end when, and what runs in their place.

    Args:
        state: Where.
        universe_id: The universe.
        places: Its places to restart, each with which versions of it.
        bleed_off: Seconds that servers are left to empty first.
        attributes: Handed to the servers.
    """
    now = state.clock.now()
    made = Restart(
        id=state.ids.uuid("restart"),
        launched=now,
        starts=now + bleed_off,
        ends=now + bleed_off + state.settings.operation_seconds,
        attributes=attributes,
    )
    for place, which in places:
        ending = [each for each in running(state, place.id) if _is_chosen(each, place, which)]
        players = sum(len(each.players) for each in ending)
        if ending:
            jobs = [each.job_id for each in ending]
            made.places[place.id] = PlaceRestart(
                jobs=jobs, players=players, filter=which, latest=place.latest
            )
            _replace(state, place, ending, made)
    shelf = state.shelves.of(ServerShelf)
    shelf.restarts.setdefault(universe_id, {})[made.id] = made
    return made


def _is_chosen(server: GameServer, place: Place, which: PlaceFilter) -> bool:
    if server.ended is not None:  # an earlier restart ends it
        return False
    if which.versions is not None:
        return server.version in which.versions
    live = place.live
    return not (which.exclude_current_version and live and server.version == live.number)


def _replace(state: State, place: Place, ending: list[GameServer], made: Restart) -> None:
    shelf, live = state.shelves.of(ServerShelf), place.live
    step = (made.ends - made.starts) / len(ending)
    for count, server in enumerate(ending, start=1):
        server.ended, server.status = made.starts + count * step, "restarted"
        said = LogLine(at=server.ended, severity=1, message="The server was restarted.")
        shelf.logs.setdefault(server.job_id, []).append(said)
        new = GameServer(
            job_id=state.ids.uuid("game_server"),
            version=live.number if live else server.version,
            created=server.ended,
            players=server.players,
        )
        shelf.servers[place.id][new.job_id] = new
