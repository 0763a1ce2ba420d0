"""The versions of a place: which there are, who made them, what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.parsing import json_body, query_flag, query_size
from rblx_oauth.sandbox.places import Place, PlaceVersion, find_place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 50
_LARGEST_PAGE = 100
_FLAGS = ("isPublished", "hasNotes")
# Roblox's numbers are not documented: 0 and 1 tell what was saved from what was published.
_SAVED, _PUBLISHED = 0, 1


class _Notes(msgspec.Struct):
    title: str | None = None
    description: str | None = None


def _place(exchange: Exchange) -> Place:
    place = find_place(exchange.state, exchange.arguments["place_id"])
    if place is None:
        raise Refusal.not_found("there is no such place")
    if not exchange.caller.may_touch_universe(place.universe):
        raise Refusal.denied(f"this credential was not granted universe {place.universe}")
    return place


def _body(version: PlaceVersion) -> dict[str, object]:
    by = {"createdBy": int(version.by)} if version.by else {}
    return {
        "version": str(version.number),
        "title": version.title,
        "description": version.description,
        "contributors": list(by.values()),
        "saveType": _PUBLISHED if version.published else _SAVED,
        "isPublished": version.published,
        "publishStatus": _PUBLISHED if version.published else _SAVED,
        "hasNotes": bool(version.title or version.description),
        "createdTime": rfc3339(version.at),
        **by,
    }


def _list(exchange: Exchange) -> object:
    with exchange.state.lock:
        found = list(_matching(exchange, _place(exchange)))
    return _page(exchange, "placeVersions", [_body(each) for each in found])


def _matching(exchange: Exchange, place: Place) -> Iterator[PlaceVersion]:
    """The versions that are asked for, newest first."""
    args = exchange.request.args
    flags = {name: query_flag(exchange.request, name) for name in _FLAGS if args.get(name)}
    search, user = args.get("searchTerm", "").lower(), args.get("contributor", "")
    earliest, latest = (_moment(args.get(name)) for name in ("startTime", "endTime"))
    for version in reversed(place.versions):
        body = _body(version)
        words = f"{version.title}\n{version.description}".lower()
        if (
            all(body[name] == wanted for name, wanted in flags.items())
            and args.get("saveType", str(body["saveType"])) == str(body["saveType"])
            and search in words
            and user in ("", version.by)
            and (earliest is None or earliest <= version.at)
            and (latest is None or version.at <= latest)
        ):
            yield version


def _moment(text: str | None) -> float | None:
    return parse_rfc3339(text) if text else None


def _contributors(exchange: Exchange) -> object:
    with exchange.state.lock:
        makers = {version.by for version in _place(exchange).versions if version.by}
    return _page(exchange, "contributors", sorted(int(each) for each in makers))


def _page(exchange: Exchange, member: str, found: Sequence[object]) -> dict[str, object]:
    size = query_size(exchange.request, "pageSize", default=_PAGE, most=_LARGEST_PAGE)
    start = begin(exchange, "cursor") or 0
    more = start + size < len(found)
    page: dict[str, object] = {member: found[start : start + size], "hasMore": more}
    if more:
        page["nextCursor"] = write_page_token((str(start + size),), *asked(exchange))
    return page


def _annotate(exchange: Exchange) -> object:
    notes = json_body(exchange.request, _Notes)
    with exchange.state.lock:
        version = _place(exchange).version(exchange.arguments["version"])
        if version is None:
            raise Refusal.not_found("there is no such version of the place")
        if notes.title is not None:
            version.title = notes.title
        if notes.description is not None:
            version.description = notes.description
        return {"placeVersion": _body(version)}


BEHAVIOURS = {
    "list_place_contributors": Behaviour(_contributors),
    "list_place_versions": Behaviour(_list),
    "update_place_version_notes": Behaviour(_annotate),
}
