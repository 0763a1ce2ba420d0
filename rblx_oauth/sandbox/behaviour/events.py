"""Events that a universe announces: made, changed, deleted and read one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from rblx_oauth import models
from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.behaviour.events_shelf import Event, EventShelf
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import Int32, json_body
from rblx_oauth.sandbox.places import find_place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "asked_fields", "event_body", "may_read"]

_TRANSLATED = frozenset({"displayTitle", "displaySubtitle", "displayDescription"})
_FIELDS = frozenset(each.encode_name for each in msgspec.structs.fields(models.Event))
_CATEGORIES = frozenset(each.value for each in models.EventCategory)
_CRON = re.compile(r"(\S+ ){4,5}\S+")
_INT64 = 2**63


class _Category(msgspec.Struct):
    category: str
    rank: Int32 = 0


class _Thumbnail(msgspec.Struct, rename="camel"):
    media_id: int
    rank: Int32 = 0


class _Config(msgspec.Struct, rename="camel"):
    recurrence: str | None = None
    recurrence_end_time: str | None = None
    notification_audience: Literal["all", "rsvp", "subscribed", "group", "none"] | None = None


class _Body(msgspec.Struct, rename="camel"):
    title: str | None = None
    subtitle: str | None = None
    description: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    visibility: Literal["private", "public"] | None = None
    group_id: int | None = None
    place_id: int | None = None
    categories: list[_Category] | None = None
    thumbnails: list[_Thumbnail] | None = None
    config: _Config | None = None
    featuring_status: Literal["enabled", "disabled"] | None = None
    tagline: str | None = None


def asked_fields(exchange: Exchange) -> frozenset[str]:
    """The members that are asked for; without a word on that, all but translated ones.

    Raises:
        Refusal: 400, there is no such member.
    """
    text = exchange.request.args.get("fields", "").strip()
    if text in ("", "*"):
        return _FIELDS - _TRANSLATED
    asked = frozenset(each.strip() for each in text.split(","))
    if not asked <= _FIELDS:
        raise Refusal.invalid("fields names something that an event does not have")
    return asked


def may_read(exchange: Exchange, event: Event) -> bool:
    """Whether the caller sees an event."""
    return event.visibility == "public" or exchange.caller.may_touch_universe(event.universe)


def event_body(exchange: Exchange, event_id: str, fields: frozenset[str]) -> dict[str, object]:
    """An event, with these members and its id."""
    event = exchange.state.shelves.of(EventShelf).events[event_id]
    body: Mapping[str, object] = {
        "title": event.title,
        "displayTitle": event.title,
        "subtitle": event.subtitle,
        "displaySubtitle": event.subtitle,
        "description": event.description,
        "displayDescription": event.description,
        "startTime": rfc3339(event.starts),
        "endTime": rfc3339(event.ends),
        "universeId": int(event.universe),
        "placeId": int(event.place or 0),
        "host": _host(exchange, event),
        "visibility": event.visibility,
        "featuringStatus": "enabled" if event.featuring else "disabled",
        "tagline": event.tagline,
        "categories": [{"category": word, "rank": rank} for word, rank in event.categories],
        "thumbnails": [{"mediaId": media, "rank": rank} for media, rank in event.thumbnails],
        "allThumbnailsCreated": True,
        "config": {
            "recurrence": event.recurrence,
            "recurrenceEndTime": event.recurs_until and rfc3339(event.recurs_until),
            "notificationAudience": event.audience,
        },
        "userRsvpStatus": "none",
        "createTime": rfc3339(event.created),
        "updateTime": rfc3339(event.updated),
    }
    return {"id": event_id} | {name: value for name, value in body.items() if name in fields}


def _host(exchange: Exchange, event: Event) -> dict[str, object]:
    kind, number = event.host[:1], event.host[1:]
    state = exchange.state
    named = state.users.get(number) if kind == "U" else state.groups.get(number)
    return {
        "hostType": "user" if kind == "U" else "group",
        "hostId": int(number),
        "hostName": named.name if named else None,
        "hasVerifiedBadge": False,
    }


def _moment(name: str, text: str) -> float:
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise Refusal.invalid(f"{name} must be a timestamp") from None


def _changed(exchange: Exchange, event: Event, body: _Body) -> Event:
    """An event with what a body says of it.

    Raises:
        Refusal: 400, it cannot be so.
    """
    given = {
        "title": body.title,
        "subtitle": body.subtitle,
        "description": body.description,
        "starts": body.start_time and _moment("startTime", body.start_time),
        "ends": body.end_time and _moment("endTime", body.end_time),
        "visibility": body.visibility,
        "place": body.place_id and _place(exchange, event.universe, str(body.place_id)),
        "categories": None if body.categories is None else _ranked(body.categories),
        "thumbnails": None if body.thumbnails is None else _pictures(body.thumbnails),
        "featuring": body.featuring_status and body.featuring_status == "enabled",
        "tagline": body.tagline,
        **_config(body.config or _Config()),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    changed = msgspec.structs.replace(event, **changes, updated=exchange.state.clock.now())
    if not changed.title.strip() or not changed.subtitle.strip():
        raise Refusal.invalid("title and subtitle must not be empty")
    if changed.ends <= changed.starts:
        raise Refusal.invalid("endTime must be after startTime")
    if moderated(exchange, changed.title, changed.subtitle, changed.description, changed.tagline):
        raise Refusal.invalid("moderation does not let a text of the event pass")
    return changed


def _place(exchange: Exchange, universe_id: str, place_id: str) -> str:
    place = find_place(exchange.state, place_id)
    if place is None or place.universe != universe_id:
        raise Refusal.invalid("placeId is no place of the universe")
    return place_id


def _ranked(categories: list[_Category]) -> list[tuple[str, int]]:
    if any(each.category not in _CATEGORIES for each in categories):
        raise Refusal.invalid(f"categories are of {', '.join(sorted(_CATEGORIES))}")
    return [(each.category, each.rank) for each in categories]


def _pictures(thumbnails: list[_Thumbnail]) -> list[tuple[int, int]]:
    if any(not 0 < each.media_id < _INT64 for each in thumbnails):
        raise Refusal.invalid("mediaId must be the id of a picture")
    return [(each.media_id, each.rank) for each in thumbnails]


def _config(config: _Config) -> dict[str, object]:
    if config.recurrence is not None and not _CRON.fullmatch(config.recurrence):
        raise Refusal.invalid("recurrence must be a cron expression")
    end = config.recurrence_end_time
    return {
        "recurrence": config.recurrence,
        "recurs_until": end and _moment("recurrenceEndTime", end),
        "audience": config.notification_audience,
    }


def _create(exchange: Exchange) -> object:
    body, state = json_body(exchange.request, _Body), exchange.state
    if not (body.title and body.subtitle and body.start_time and body.end_time):
        raise Refusal.invalid("an event needs title, subtitle, startTime and endTime")
    universe = state.universes[exchange.arguments["universe_id"]]
    host = f"U{exchange.caller.user_id}" if body.group_id is None else f"G{body.group_id}"
    if body.group_id is not None and not exchange.caller.may_act_as(host):
        raise Refusal.denied(f"this credential was not granted creator {host}")
    with state.lock:
        blank = Event(
            universe=universe.id,
            title=body.title,
            starts=0.0,
            ends=0.0,
            host=host,
            place=universe.root_place,
            created=state.clock.now(),
        )
        made, event_id = _changed(exchange, blank, body), str(state.ids.number("event"))
        state.shelves.of(EventShelf).put(event_id, made)
        return event_body(exchange, event_id, _FIELDS - _TRANSLATED)


def _readable(exchange: Exchange) -> Event:
    event = exchange.state.shelves.of(EventShelf).events.get(exchange.arguments["event_id"])
    if event is None or not may_read(exchange, event):
        raise Refusal.not_found("there is no such event")
    return event


def _writable(exchange: Exchange) -> Event:
    event = _readable(exchange)
    if not exchange.caller.may_touch_universe(event.universe):
        raise Refusal.denied(f"this credential was not granted universe {event.universe}")
    return event


def _get(exchange: Exchange) -> object:
    fields = asked_fields(exchange)
    with exchange.state.lock:
        _readable(exchange)
        return event_body(exchange, exchange.arguments["event_id"], fields)


def _update(exchange: Exchange) -> object:
    body, event_id = json_body(exchange.request, _Body), exchange.arguments["event_id"]
    with exchange.state.lock:
        event = _writable(exchange)
        if body != _Body():
            changed = _changed(exchange, event, body)
            exchange.state.shelves.of(EventShelf).put(event_id, changed)
        return event_body(exchange, event_id, _FIELDS - _TRANSLATED)


def _delete(exchange: Exchange) -> object:
    with exchange.state.lock:
        _writable(exchange)
        exchange.state.shelves.of(EventShelf).discard(exchange.arguments["event_id"])
    return None


BEHAVIOURS = {
    "create_event": Behaviour(_create),
    "delete_event": Behaviour(_delete),
    "get_event": Behaviour(_get),
    "update_event": Behaviour(_update),
}
