"""Game servers of a version of a place, and what they logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rblx_oauth.sandbox.behaviour.places import place_in_universe
from rblx_oauth.sandbox.behaviour.servers_filter import Facts, ordered, read_condition
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.game_servers import GameServer, LogLine, ServerShelf, running
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.parsing import query_size
from rblx_oauth.sandbox.places import Place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 25
_LARGEST_PAGE = 100
_DAY = 86_400

_SERVER = {
    "placeId": "text",
    "placeVersion": "text",
    "jobId": "text",
    "engineVersion": "text",
    "createTime": "time",
    "uptime": "span",
    "memoryUsageBytes": "number",
    "frameRate": "number",
    "occupancy": "number",
    "maxOccupancy": "number",
    "type": "number",
    "full": "truth",
    "shutDown": "truth",
    "status": "text",
    "terminationTime": "time",
    "playerIds": "list",
}
_LOG = {
    "messageTimestampMs": "time",
    "universeId": "number",
    "placeId": "text",
    "placeVersion": "text",
    "jobId": "text",
    "severity": "number",
    "message": "text",
    "stackTrace": "text",
    "skippedCount": "number",
    "rateLimitedCount": "number",
}


def _version(exchange: Exchange) -> int:
    text = exchange.arguments["version_number"]
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise Refusal.invalid("versionNumber must be the number of a version", "versionNumber")
    return int(text)


def _server(place: Place, server: GameServer, now: float) -> Facts:
    over = server.is_over(now)
    players = [] if over else server.players
    return {
        "placeId": place.id,
        "placeVersion": str(server.version),
        "jobId": server.job_id,
        "engineVersion": server.engine,
        "createTime": server.created,
        "uptime": (server.ended if over and server.ended else now) - server.created,
        "memoryUsageBytes": server.memory,
        "frameRate": None if over else server.frame_rate,
        "occupancy": len(players),
        "maxOccupancy": place.server_size,
        "type": 0,
        "full": len(players) >= place.server_size,
        "shutDown": over,
        "status": server.status if over else "active",
        "terminationTime": server.ended if over else None,
        "playerIds": players,
    }


def _line(exchange: Exchange, line: LogLine) -> Facts:
    arguments = exchange.arguments
    return {
        "messageTimestampMs": line.at,
        "universeId": int(arguments["universe_id"]),
        "placeId": arguments["place_id"],
        "placeVersion": arguments["version_number"],
        "jobId": arguments["job_id"],
        "severity": line.severity,
        "message": line.message,
        "stackTrace": line.stack_trace,
        "skippedCount": 0,
        "rateLimitedCount": 0,
    }


def _list(exchange: Exchange) -> object:
    place, number, now = place_in_universe(exchange), _version(exchange), exchange.state.clock.now()
    with exchange.state.lock:
        servers = exchange.state.shelves.of(ServerShelf).servers.get(place.id, {})
        begun = [each for each in servers.values() if each.created <= now]
        begun.sort(key=lambda each: each.created)
        items = [_server(place, each, now) for each in begun if each.version == number]
    found = _found(exchange, items, _SERVER)
    counted: dict[str, object] = {"totalCount": len(found)}
    if exchange.request.args.get("MaxPageSize") == "0":
        return {"gameServers": [], **counted}
    return _page(exchange, "gameServers", found, _SERVER) | counted


def _logs(exchange: Exchange) -> object:
    place, number, now = place_in_universe(exchange), _version(exchange), exchange.state.clock.now()
    with exchange.state.lock:
        shelf = exchange.state.shelves.of(ServerShelf)
        server = shelf.servers.get(place.id, {}).get(exchange.arguments["job_id"])
        if server is None or server.version != number or server.created > now:
            raise Refusal.not_found("there is no such game server of that version")
        lines = shelf.logs.get(server.job_id, [])
        items = [_line(exchange, each) for each in lines if each.at <= now]
    return _page(exchange, "gameServerLogs", _found(exchange, items, _LOG), _LOG)


def _found(exchange: Exchange, items: list[Facts], members: Mapping[str, str]) -> list[Facts]:
    args = exchange.request.args
    meets = read_condition(args.get("Filter", ""), members)
    return ordered([each for each in items if meets(each)], args.get("OrderBy", ""), members)


def _page(
    exchange: Exchange, member: str, found: list[Facts], members: Mapping[str, str]
) -> dict[str, object]:
    size = query_size(exchange.request, "MaxPageSize", default=_PAGE, most=_LARGEST_PAGE)
    start = begin(exchange, "PageToken") or 0
    page: dict[str, object] = {
        member: [_written(each, members) for each in found[start : start + size]]
    }
    if start + size < len(found):
        page["nextPageToken"] = write_page_token((str(start + size),), *asked(exchange))
    return page


def _written(facts: Facts, members: Mapping[str, str]) -> dict[str, object]:
    """Facts as JSON; those that there are none of are left out."""
    forms: Mapping[str, Callable[..., object]] = {"time": rfc3339, "span": _span}
    return {
        name: forms[members[name]](value) if members[name] in forms else value
        for name, value in facts.items()
        if value is not None
    }


def _span(seconds: float) -> str:
    """Days and a time of day: ``1.02:03:04.5000000``."""
    days, rest = divmod(int(seconds * 10_000_000), _DAY * 10_000_000)
    whole, fraction = divmod(rest, 10_000_000)
    clock = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return (f"{days}." if days else "") + clock + (f".{fraction:07}" if fraction else "")


def _options(exchange: Exchange) -> object:
    place, wanted = place_in_universe(exchange), exchange.request.args.get("Filter") or "ALL"
    with exchange.state.lock:
        servers = running(exchange.state, place.id)
    fields = {
        "PlaceVersion": ("Number", sorted({each.version for each in servers})),
        "EngineVersion": ("String", sorted({each.engine for each in servers})),
    }
    if wanted not in (*fields, "ALL"):
        raise Refusal.invalid(f"Filter is one of {', '.join(fields)}, ALL", "Filter")
    return {
        "filters": {
            name: {"field": name, "type": kind, "values": values}
            for name, (kind, values) in fields.items()
            if wanted in (name, "ALL")
        }
    }


BEHAVIOURS = {
    "get_game_server_filter_options": Behaviour(_options),
    "list_game_server_logs": Behaviour(_logs),
    "list_game_servers": Behaviour(_list),
}
