"""Icons and thumbnails in other languages."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.behaviour.forms import creator_of, keep_icon, read_file
from rblx_oauth.sandbox.behaviour.localization_shelf import Thumbnail
from rblx_oauth.sandbox.behaviour.localization_targets import (
    CANNOT_DELETE_SOURCE,
    CANNOT_UPDATE_SOURCE,
    KINDS,
    Target,
    check_language,
    target,
    writable,
)
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_WIDEST = 1024
_TEXT_LENGTH = 1000


class _AltText(msgspec.Struct, rename="camel"):
    thumbnail_id: int
    alt_text: str


class _Order(msgspec.Struct, rename="camel"):
    media_asset_ids: list[int]


def _list_icons(exchange: Exchange) -> object:
    for name in ("width", "height"):
        if not 1 <= int(exchange.request.args.get(name) or 1) <= _WIDEST:
            raise Refusal.invalid(f"{name} is from 1 to {_WIDEST}", "52")
    with exchange.state.lock:
        found = target(exchange)
        icons = dict(found.translated.icons)
        if found.icon:
            icons = {found.game.source: found.icon} | icons
    return {
        "data": [
            {
                "imageId": icon,
                "imageUrl": f"{exchange.request.host_url}_sandbox/assets/{icon}/picture",
                "state": "Approved",
                "languageCode": language,
            }
            for language, icon in icons.items()
        ]
    }


def _where(exchange: Exchange, *, source: str) -> tuple[Target, str]:
    """The thing in the path, for those who may change it, and the language."""
    found = writable(exchange)
    return found, check_language(found.game, exchange.arguments["language_code"], source=source)


def _keep(exchange: Exchange, found: Target) -> str:
    upload, creator = read_file(exchange, "Files", "46"), creator_of(found.universe)
    return keep_icon(exchange, upload, creator=creator, name=found.name, detail="45")


def _update_icon(exchange: Exchange) -> object:
    with exchange.state.lock:
        found, language = _where(exchange, source=CANNOT_UPDATE_SOURCE)
        found.translated.icons[language] = _keep(exchange, found)
    return {}


def _delete_icon(exchange: Exchange) -> object:
    with exchange.state.lock:
        found, language = _where(exchange, source=CANNOT_DELETE_SOURCE)
        found.translated.icons.pop(language, None)
    return {}


def _upload_thumbnail(exchange: Exchange) -> object:
    with exchange.state.lock:
        found, language = _where(exchange, source=CANNOT_UPDATE_SOURCE)
        image = _keep(exchange, found)
        found.translated.thumbnails.setdefault(language, []).append(Thumbnail(id=image))
    return {"mediaAssetId": image}


def _thumbnails(exchange: Exchange, *, source: str) -> list[Thumbnail]:
    found, language = _where(exchange, source=source)
    return found.translated.thumbnails.setdefault(language, [])


def _delete_thumbnail(exchange: Exchange) -> object:
    with exchange.state.lock:
        thumbnails = _thumbnails(exchange, source=CANNOT_DELETE_SOURCE)
        gone = exchange.arguments["image_id"]
        thumbnails[:] = [each for each in thumbnails if each.id != gone]
    return {}


def _order_thumbnails(exchange: Exchange) -> object:
    """Those that are not named come last."""
    wanted = [str(each) for each in json_body(exchange.request, _Order).media_asset_ids]
    with exchange.state.lock:
        thumbnails = _thumbnails(exchange, source=CANNOT_UPDATE_SOURCE)
        if not set(wanted) <= {each.id for each in thumbnails}:
            raise Refusal.invalid("mediaAssetIds has one that is no thumbnail of the language")
        places = {each: place for place, each in enumerate(wanted)}
        thumbnails.sort(key=lambda each: places.get(each.id, len(places)))
    return {}


def _alt_text(exchange: Exchange) -> object:
    body = json_body(exchange.request, _AltText)
    if not body.alt_text.strip() or len(body.alt_text) > _TEXT_LENGTH:
        raise Refusal.invalid(f"altText has 1 to {_TEXT_LENGTH} characters", "19")
    if moderated(exchange, body.alt_text):
        raise Refusal.invalid("the text was moderated", "20")
    with exchange.state.lock:
        for each in _thumbnails(exchange, source=CANNOT_UPDATE_SOURCE):
            if each.id == str(body.thumbnail_id):
                each.alt_text = body.alt_text
                return body.alt_text
    raise Refusal.invalid("thumbnailId is no thumbnail of the language")


BEHAVIOURS = {
    **{f"list_{kind}_icon_translations": Behaviour(_list_icons) for kind in KINDS},
    **{f"update_{kind}_icon_translation": Behaviour(_update_icon) for kind in KINDS},
    **{f"delete_{kind}_icon_translation": Behaviour(_delete_icon) for kind in KINDS},
    "delete_game_thumbnail_translation": Behaviour(_delete_thumbnail),
    "order_game_thumbnail_translations": Behaviour(_order_thumbnails),
    "update_game_thumbnail_alt_text": Behaviour(_alt_text),
    "upload_game_thumbnail_translation": Behaviour(_upload_thumbnail),
}
