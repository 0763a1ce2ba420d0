"""What Roblox makes of texts: translations, and speech. Both are made up here, and say so."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_LANGUAGES = frozenset(
    [
        "en-us",
        "fr-fr",
        "vi-vn",
        "th-th",
        "tr-tr",
        "ru-ru",
        "es-es",
        "pt-br",
        "ko-kr",
        "ja-jp",
        "zh-cn",
        "zh-tw",
        "de-de",
        "pl-pl",
        "it-it",
        "id-id",
    ]
)
_SOURCE = "en-us"


class _Translation(msgspec.Struct, rename="camel"):
    text: str
    source_language_code: str | None = None
    target_language_codes: list[str] = []


def _translate(exchange: Exchange) -> object:
    """Each translation is the text with the language in brackets before it."""
    body = json_body(exchange.request, _Translation)
    if not body.text:
        raise Refusal.invalid("text must not be empty")
    source = body.source_language_code or _SOURCE
    for code in (source, *body.target_language_codes):
        if code.lower() not in _LANGUAGES:
            raise Refusal.invalid(f"languages are {', '.join(sorted(_LANGUAGES))}")
    return {
        "sourceLanguageCode": source,
        "translations": {
            code: body.text if code.lower() == source.lower() else f"[{code}] {body.text}"
            for code in body.target_language_codes
        },
    }


BEHAVIOURS = {"translate_text": Behaviour(_translate, made_up=True)}
