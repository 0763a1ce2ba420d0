"""Restarting game servers: of a universe, of its places, of versions of them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.game_servers import (
    GameServer,
    PlaceFilter,
    PlaceRestart,
    Restart,
    ServerShelf,
    restart,
    running,
)
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.places import Place, places_of
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_ATTRIBUTES = 500
_REMEMBERED = 24 * 3600.0
_MINUTE = 60.0


class _Launch(msgspec.Struct, rename="camel"):
    bleed_off_duration_minutes: Annotated[int, msgspec.Meta(ge=1, le=240)] | None = None
    places: dict[str, PlaceFilter | None] | None = None
    attributes: dict[str, object] | None = None


class _RestartServers(msgspec.Struct, rename="camel"):
    place_ids: list[int | str] | None = None
    close_all_versions: bool = False
    bleed_off_servers: bool = False
    bleed_off_duration_minutes: Annotated[int, msgspec.Meta(ge=0, le=60)] | None = None


def _launch(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Launch)
    if len(msgspec.json.encode(body.attributes or {})) > _ATTRIBUTES:
        raise Refusal.invalid(f"attributes take {_ATTRIBUTES} bytes of JSON at most")
    filters = {place: each or PlaceFilter() for place, each in (body.places or {}).items()}
    for each in filters.values():
        if each.versions is not None and each.exclude_current_version is not None:
            raise Refusal.invalid("a place takes versions or excludeCurrentVersion, not both")
    with exchange.state.lock:
        made = restart(
            exchange.state,
            exchange.arguments["universe_id"],
            _chosen(exchange, filters, otherwise=PlaceFilter()),
            bleed_off=(body.bleed_off_duration_minutes or 0) * _MINUTE,
            attributes=body.attributes or {},
        )
    return {
        "id": made.id,
        "playersImpacted": sum(each.players for each in made.places.values()),
        "instancesImpacted": sum(len(each.jobs) for each in made.places.values()),
    }


def _restart_servers(exchange: Exchange) -> object:
    body = json_body(exchange.request, _RestartServers)
    minutes = body.bleed_off_duration_minutes or 0
    if body.bleed_off_servers and not minutes:
        raise Refusal.invalid("bleedOffServers needs bleedOffDurationMinutes, from 1 to 60")
    which = PlaceFilter() if body.close_all_versions else PlaceFilter(exclude_current_version=True)
    filters = {str(each): which for each in body.place_ids or ()}
    with exchange.state.lock:
        restart(
            exchange.state,
            exchange.arguments["universe_id"],
            _chosen(exchange, filters, otherwise=which),
            bleed_off=minutes * _MINUTE if body.bleed_off_servers else 0.0,
            attributes={},
        )
    return {}


def _chosen(
    exchange: Exchange, filters: dict[str, PlaceFilter], *, otherwise: PlaceFilter
) -> list[tuple[Place, PlaceFilter]]:
    """The places to restart: every place of the universe where none is named."""
    universe_id = exchange.arguments["universe_id"]
    places = {place.id: place for place in places_of(exchange.state, universe_id)}
    for place_id in filters:
        if place_id not in places:
            raise Refusal.invalid("a place that is named does not belong to the universe")
    if not filters:
        return [(place, otherwise) for place in places.values()]
    return [(places[place_id], which) for place_id, which in filters.items()]


def _list(exchange: Exchange) -> object:
    now, universe_id = exchange.state.clock.now(), exchange.arguments["universe_id"]
    with exchange.state.lock:
        made = exchange.state.shelves.of(ServerShelf).restarts.get(universe_id, {})
        statuses = {
            each.id: _status(exchange, each)
            for each in made.values()
            if now < each.ends + _REMEMBERED
        }
    return {"restartStatuses": statuses}


def _status(exchange: Exchange, made: Restart) -> object:
    return {
        "universeId": exchange.arguments["universe_id"],
        "scheduledTime": rfc3339(made.launched),
        "startTime": rfc3339(made.starts),
        "placeRestartStatuses": {
            place_id: _place_status(exchange, made, place_id, each)
            for place_id, each in made.places.items()
        },
    }


def _place_status(
    exchange: Exchange, made: Restart, place_id: str, place: PlaceRestart
) -> dict[str, object]:
    now = exchange.state.clock.now()
    servers = exchange.state.shelves.of(ServerShelf).servers.get(place_id, {})
    ending = [servers[job_id] for job_id in place.jobs if job_id in servers]
    left = [each for each in ending if not each.is_over(now)]
    over = now >= made.ends
    state = "DELAYING" if now < made.starts else "SUCCEEDED" if over else "RESTARTING"
    return {
        "state": state,
        "startTime": rfc3339(made.starts),
        **({"endTime": rfc3339(made.ends)} if over else {}),
        "totalPlayers": place.players,
        "totalInstances": len(place.jobs),
        "remainingPlayers": _players(left),
        "remainingInstances": len(left),
        "filter": {
            name: value
            for name, value in msgspec.to_builtins(place.filter).items()
            if value is not None
        },
        "latestVersion": str(place.latest),
    }


def _forecast(exchange: Exchange) -> object:
    with exchange.state.lock:
        places = places_of(exchange.state, exchange.arguments["universe_id"])
        servers = {place.id: running(exchange.state, place.id) for place in places}
        return {
            "placeForecasts": {
                place.id: _summary(place, servers[place.id])
                for place in places
                if servers[place.id]
            }
        }


def _summary(place: Place, servers: list[GameServer]) -> dict[str, object]:
    going = [each for each in servers if each.ended is None]
    versions = sorted({each.version for each in servers})
    live = place.live
    return {
        "playersImpacted": _players(going),
        "totalPlayers": _players(servers),
        "instancesImpacted": len(going),
        "totalInstances": len(servers),
        "latestPlaceVersion": str(versions[-1]),
        "publishTime": rfc3339(live.at if live else place.created),
        "isNotInUniverse": False,
        "playersPerVersion": {
            str(version): _players([each for each in servers if each.version == version])
            for version in versions
        },
        "instancesPerVersion": {
            str(version): sum(each.version == version for each in servers) for version in versions
        },
    }


def _players(servers: list[GameServer]) -> int:
    return sum(len(each.players) for each in servers)


BEHAVIOURS = {
    "forecast_restart": Behaviour(_forecast),
    "launch_restart": Behaviour(_launch),
    "list_restart_statuses": Behaviour(_list),
    "restart_universe_servers": Behaviour(_restart_servers),
}
