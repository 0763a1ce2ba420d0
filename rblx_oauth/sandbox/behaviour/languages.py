"""The languages that Roblox can be translated into: their codes, and the locales of each.

Facts of https://create.roblox.com/docs/production/localization/language-codes
"""

from __future__ import annotations

__all__ = ["LANGUAGES", "LOCALES"]

_LOCALE_OF = {
    "ar": "ar-001",
    "bg": "bg-bg",
    "bn": "bn-bd",
    "bs": "bs-ba",
    "cs": "cs-cz",
    "da": "da-dk",
    "de": "de-de",
    "el": "el-gr",
    "en": "en-us",
    "es": "es-es",
    "et": "et-ee",
    "fi": "fi-fi",
    "fil": "fil-ph",
    "fr": "fr-fr",
    "hi": "hi-in",
    "hr": "hr-hr",
    "hu": "hu-hu",
    "id": "id-id",
    "it": "it-it",
    "ja": "ja-jp",
    "ka": "ka-ge",
    "kk": "kk-kz",
    "km": "km-kh",
    "ko": "ko-kr",
    "lt": "lt-lt",
    "lv": "lv-lv",
    "ms": "ms-my",
    "my": "my-mm",
    "nb": "nb-no",
    "nl": "nl-nl",
    "pl": "pl-pl",
    "pt": "pt-br",
    "ro": "ro-ro",
    "ru": "ru-ru",
    "si": "si-lk",
    "sk": "sk-sk",
    "sl": "sl-sl",
    "sq": "sq-al",
    "sr": "sr-rs",
    "sv": "sv-se",
    "th": "th-th",
    "tr": "tr-tr",
    "uk": "uk-ua",
    "vi": "vi-vn",
    "zh-hans": "zh-cn",
    "zh-hant": "zh-tw",
}

LANGUAGES = frozenset(_LOCALE_OF)
"""Codes of languages, e.g. ``es``."""

LOCALES = frozenset(_LOCALE_OF.values())
"""Codes of locales, e.g. ``es-es``."""
