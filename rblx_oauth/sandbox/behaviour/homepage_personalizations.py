"""Personalizations of the home page: thumbnails of which each person sees the one that fits."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rblx_oauth.sandbox.behaviour.homepage_thumbnails import (
    FILES,
    Home,
    Personalization,
    cursor_page,
    home,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]


class _Create(msgspec.Struct, rename="camel"):
    homepage_thumbnail_ids: list[str]


class _Update(_Create, rename="camel"):
    id: str


def _create(exchange: Exchange) -> object:
    """A universe shows one at a time: the last that was made or changed."""
    body = json_body(exchange.request, _Create)
    with exchange.state.lock:
        return _put(exchange, exchange.state.ids.uuid("personalization"), body)


def _update(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Update)
    with exchange.state.lock:
        if body.id not in home(exchange).personalizations:
            raise Refusal.invalid("id is of no personalization of this universe")
        return _put(exchange, body.id, body)


def _put(exchange: Exchange, name: str, body: _Create) -> str:
    room, now = home(exchange), exchange.state.clock.now()
    wanted = [*dict.fromkeys(body.homepage_thumbnail_ids)]
    if not 1 <= len(wanted) <= FILES:
        raise Refusal.invalid(f"homepageThumbnailIds has 1 to {FILES}, not {len(wanted)}")
    for each in wanted:
        found = room.thumbnails.get(each)
        if found is None or found.rejected or found.ready > now:
            raise Refusal.invalid("homepageThumbnailIds has one that this universe has not")
    known = room.personalizations
    for other, shown in known.items():
        known[other] = msgspec.structs.replace(shown, active=False)
    known[name] = Personalization(
        thumbnails=wanted,
        place=known[name].place if name in known else exchange.state.ids.number("homepage_place"),
        created=known[name].created if name in known else now,
    )
    return name


def _list(exchange: Exchange) -> object:
    with exchange.state.lock:
        return cursor_page(exchange, "cursor", _found(exchange), "personalizedConfigs")


def _found(exchange: Exchange) -> Iterator[tuple[int, object | None]]:
    room = home(exchange)
    active = exchange.request.args.get("status", "Active") == "Active"
    for name, each in room.personalizations.items():
        yield each.place, _body(room, name, each) if each.active == active else None


def _body(room: Home, name: str, each: Personalization) -> dict[str, object]:
    status = "Active" if each.active else "Inactive"
    return {
        "id": name,
        "personalizedConfigStatus": status,
        "thumbnails": [
            {
                "homepageThumbnailId": thumbnail,
                "assetId": int(room.thumbnails[thumbnail].asset),
                "personalizedThumbnailStatus": status,
                "homepageThumbnailStatus": "Active",
            }
            for thumbnail in each.thumbnails
        ],
        "createdUtc": rfc3339(each.created),
        "lastServedUtc": None,
    }


BEHAVIOURS = {
    "create_thumbnail_personalization": Behaviour(_create),
    "list_thumbnail_personalizations": Behaviour(_list),
    "update_thumbnail_personalization": Behaviour(_update),
}
