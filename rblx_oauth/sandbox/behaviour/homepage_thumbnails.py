"""Pictures that show a universe on the home page: uploading, following, listing, deleting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from werkzeug.exceptions import HTTPException

from rblx_oauth.core.formats import CONTENT_TYPES
from rblx_oauth.sandbox.assets import Asset, AssetShelf, Version
from rblx_oauth.sandbox.behaviour.asset_files import keep_picture
from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.contents import MEGABYTE, Content
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.paging import Page
from rblx_oauth.sandbox.parsing import query_size
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = [
    "BEHAVIOURS",
    "FILES",
    "Home",
    "HomepageShelf",
    "Personalization",
    "Thumbnail",
    "cursor_page",
    "home",
]

FILES = 5
"""The most in one upload, and in one personalization."""
_LARGEST = 3 * MEGABYTE
_TYPES = {"image/webp", *(CONTENT_TYPES[suffix] for suffix in (".png", ".jpg", ".bmp"))}
_DEFAULT, _MOST = 10, 100
_UNDER_WAY, _FINISHED = 1, 2


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A thumbnail: its image asset, when it is made, and whether moderation then says no.

    `place` tells the order in which they were uploaded.
    """

    asset: str
    place: int
    ready: float = 0.0
    rejected: bool = False


class Personalization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thumbnails of which each person sees the one that fits; `place` as of `Thumbnail`."""

    thumbnails: list[str]
    place: int
    created: float
    active: bool = True


class Home(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a universe has.

    Attributes:
        thumbnails: By id, in the order in which they were uploaded.
        uploads: The thumbnail of each operation.
        personalizations: By id, oldest first.
    """

    thumbnails: dict[str, Thumbnail] = {}
    uploads: dict[str, str] = {}
    personalizations: dict[str, Personalization] = {}

    def shown(self, thumbnail_id: str) -> bool:
        """Whether a personalization shows it."""
        return any(
            each.active and thumbnail_id in each.thumbnails
            for each in self.personalizations.values()
        )


class HomepageShelf(Shelf):
    """The thumbnails of each universe."""

    section = "homepage_thumbnails"

    universes: dict[str, Home] = {}


def home(exchange: Exchange) -> Home:
    """What the universe of the path has."""
    universes = exchange.state.shelves.of(HomepageShelf).universes
    return universes.setdefault(exchange.arguments["universe_id"], Home())


def cursor_page(
    exchange: Exchange, parameter: str, found: Iterable[tuple[int, object | None]], field: str
) -> dict[str, object]:
    """A page of a listing that is turned by `parameter`, whose answers say ``nextCursor``.

    Args:
        exchange: Who asks for what.
        parameter: What brings the cursor.
        found: Everything there is, with its place; None for what is not to be listed.
        field: The member of the answer that holds the items.
    """
    request = exchange.request
    page = Page(
        request.args.get(parameter, ""),
        1,
        (exchange.operation.name, *exchange.arguments.values(), request.args.get("status", "")),
        size=query_size(request, "limit", default=_DEFAULT, most=_MOST),
    )
    last = int(page.after[0]) if page.after and page.after[0].isdecimal() else -1
    page.fill(((str(place),), item) for place, item in found if place > last)
    return {field: page.items, "nextCursor": page.token or None}


def _upload(exchange: Exchange) -> object:
    try:
        files = exchange.request.files.getlist("files")
    except HTTPException as error:
        raise Refusal.invalid(f"the body is not a well-formed form: {error.description}") from None
    if not 1 <= len(files) <= FILES:
        raise Refusal.invalid(f"an upload has 1 to {FILES} parts named files, not {len(files)}")
    contents = exchange.state.contents
    kept = [keep_picture(contents, file, _TYPES, most=_LARGEST) for file in files]
    operations: dict[str, str] = {}
    with exchange.state.lock:
        for file, content in zip(files, kept, strict=True):
            name = file.filename or ""
            operations[name] = _begin(exchange, name, content)
    return {"fileToOperationIdDict": operations}


def _begin(exchange: Exchange, name: str, content: Content) -> str:
    """Begin to make a thumbnail, which is an image asset too; gives the operation's id."""
    state, room = exchange.state, home(exchange)
    now, rejected = state.clock.now(), moderated(exchange, name)
    ready = now + state.settings.operation_seconds
    universe = state.universes[exchange.arguments["universe_id"]]
    asset = Asset(
        id=state.ids.asset(),
        type="Image",
        display_name=name,
        creator=f"U{universe.user}" if universe.user else f"G{universe.group}",
        created=now,
        updated=now,
        versions=[Version(number=1, created=now, content=content, ready=ready, rejected=rejected)],
    )
    state.shelves.of(AssetShelf).assets[asset.id] = asset
    thumbnail_id, operation_id = state.ids.uuid("homepage_thumbnail"), state.ids.uuid()
    place = state.ids.number("homepage_place")
    room.thumbnails[thumbnail_id] = Thumbnail(
        asset=asset.id, place=place, ready=ready, rejected=rejected
    )
    room.uploads[operation_id] = thumbnail_id
    return operation_id


def _status(exchange: Exchange) -> object:
    """How far uploads are: all of them together, and what became of each."""
    told: dict[str, object] = {}
    finished, now = True, exchange.state.clock.now()
    with exchange.state.lock:
        room = home(exchange)
        for operation_id in exchange.request.args.getlist("operationIds"):
            thumbnail_id = room.uploads.get(operation_id)
            if thumbnail_id is None:
                raise Refusal.invalid("operationIds has one that no upload of this universe gave")
            thumbnail = room.thumbnails.get(thumbnail_id)
            done = thumbnail is None or thumbnail.ready <= now
            finished = finished and done
            good = done and thumbnail is not None and not thumbnail.rejected
            body: dict[str, object] = {
                "homepageThumbnailId": thumbnail_id if good else None,
                "moderationStatus": _moderation(thumbnail, now),
            }
            if thumbnail is not None:
                body["assetId"] = int(thumbnail.asset)
            told[operation_id] = body
    return {
        "uploadStatus": _FINISHED if finished else _UNDER_WAY,
        "uploadThumbnailStatusDict": told,
    }


def _moderation(thumbnail: Thumbnail | None, now: float) -> str:
    if thumbnail is None:  # which was deleted
        return "Unspecified"
    if thumbnail.ready > now:
        return "Reviewing"
    return "Rejected" if thumbnail.rejected else "Approved"


def _list(exchange: Exchange) -> object:
    with exchange.state.lock:
        return cursor_page(exchange, "nextCursor", _thumbnails(exchange), "homepageThumbnails")


def _thumbnails(exchange: Exchange) -> Iterator[tuple[int, object | None]]:
    room, now = home(exchange), exchange.state.clock.now()
    for thumbnail_id, thumbnail in room.thumbnails.items():
        body = {
            "homepageThumbnailId": thumbnail_id,
            "assetId": int(thumbnail.asset),
            "moderationStatus": _moderation(thumbnail, now),
            "personalizedConfigStatus": "Active" if room.shown(thumbnail_id) else "Inactive",
            "homepageThumbnailStatus": "Active",
        }
        there = thumbnail.ready <= now and not thumbnail.rejected
        yield thumbnail.place, body if there else None


def _delete(exchange: Exchange) -> object:
    """They leave their personalizations, too, and those that are left empty end."""
    wanted = exchange.request.args.getlist("homepageThumbnailIds")
    with exchange.state.lock:
        room = home(exchange)
        deleted = {each: room.thumbnails.pop(each, None) is not None for each in wanted}
        for name, each in room.personalizations.items():
            left = [thumbnail for thumbnail in each.thumbnails if thumbnail in room.thumbnails]
            room.personalizations[name] = msgspec.structs.replace(
                each, thumbnails=left, active=each.active and bool(left)
            )
    return deleted


BEHAVIOURS = {
    "delete_homepage_thumbnails": Behaviour(_delete),
    "get_homepage_thumbnail_uploads": Behaviour(_status),
    "list_homepage_thumbnails": Behaviour(_list),
    "upload_homepage_thumbnails": Behaviour(_upload),
}
