"""The languages of a universe, and what of them is left to machines."""

from __future__ import annotations

from typing import Literal

import msgspec

from rblx_oauth.sandbox.behaviour.localization_shelf import Game, Language
from rblx_oauth.sandbox.behaviour.localization_targets import (
    INVALID_LANGUAGE,
    check_language,
    known_language,
    writable,
)
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]


class _Patch(msgspec.Struct, rename="camel"):
    language_code: str
    language_code_type: Literal["Language", "Locale"] = "Language"
    delete: bool = False


def _update_source(exchange: Exchange) -> object:
    """The new one is supported from now on; nothing is translated into it any more."""
    with exchange.state.lock:
        game = writable(exchange).game
        game.source = known_language(exchange.request.args["languageCode"])
        game.languages[game.source] = Language()
    return {}


def _update_supported(exchange: Exchange) -> object:
    patches = json_body(exchange.request, list[_Patch])
    codes = [known_language(each.language_code) for each in patches]
    if len(set(codes)) < len(codes):
        raise Refusal.invalid("a language is named twice", "49")
    with exchange.state.lock:
        game = writable(exchange).game
        if any(
            each.delete and code == game.source for code, each in zip(codes, patches, strict=True)
        ):
            said = "the game is made in that language, so it stays"
            raise Refusal.invalid(said, INVALID_LANGUAGE)
        for code, patch in zip(codes, patches, strict=True):
            if patch.delete:
                game.languages.pop(code, None)
            else:
                game.languages.setdefault(code, Language(kind=patch.language_code_type))
    return {}


def _list_automatic(exchange: Exchange) -> object:
    with exchange.state.lock:
        return {
            "data": [
                {
                    "languageCodeType": language.kind,
                    "languageCode": code,
                    "isAutomaticTranslationEnabled": language.automatic,
                    "isImageTranslationEnabled": language.images,
                }
                for code, language in writable(exchange).game.languages.items()
            ]
        }


def _list_display_info(exchange: Exchange) -> object:
    with exchange.state.lock:
        return {
            "data": [
                {
                    "languageCode": code,
                    "isUniverseDisplayInfoAutomaticTranslationEnabled": language.display_info,
                }
                for code, language in writable(exchange).game.languages.items()
            ]
        }


def _language(exchange: Exchange, game: Game, *, enabled: bool, source: str) -> Language:
    """The language in the path; the source cannot be translated into, by Roblox's number."""
    code = exchange.arguments["language_code"]
    return game.languages[check_language(game, code, source=source if enabled else "")]


def _update_automatic(exchange: Exchange) -> object:
    return _switch(exchange, "automatic", "isAutomaticTranslationEnabled", source="75")


def _update_images(exchange: Exchange) -> object:
    return _switch(exchange, "images", "isImageTranslationEnabled", source="93")


def _update_display_info(exchange: Exchange) -> object:
    member = "isUniverseDisplayInfoAutomaticTranslationEnabled"
    return _switch(exchange, "display_info", member, source="72")


def _switch(exchange: Exchange, field: str, member: str, *, source: str) -> dict[str, object]:
    enabled = json_body(exchange.request, bool)
    with exchange.state.lock:
        found = writable(exchange)
        language = _language(exchange, found.game, enabled=enabled, source=source)
        setattr(language, field, enabled)
    code = exchange.arguments["language_code"].lower()
    return {"gameId": int(found.id), "languageCode": code, member: enabled}


BEHAVIOURS = {
    "list_automatic_translation_settings": Behaviour(_list_automatic),
    "list_display_info_translation_settings": Behaviour(_list_display_info),
    "update_automatic_translation": Behaviour(_update_automatic),
    "update_display_info_translation": Behaviour(_update_display_info),
    "update_image_translation": Behaviour(_update_images),
    "update_source_language": Behaviour(_update_source),
    "update_supported_languages": Behaviour(_update_supported),
}
