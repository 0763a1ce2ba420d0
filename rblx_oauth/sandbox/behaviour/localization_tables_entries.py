"""The entries of localization tables: patched, listed, counted, and what they were before."""

from __future__ import annotations

from itertools import islice
from typing import Literal

import msgspec

from rblx_oauth.sandbox.behaviour.languages import LANGUAGES, LOCALES
from rblx_oauth.sandbox.behaviour.localization_tables import check_game, table_of
from rblx_oauth.sandbox.behaviour.localization_tables_limits import LIMITS
from rblx_oauth.sandbox.behaviour.localization_tables_shelf import (
    Entry,
    Format,
    Identifier,
    Table,
    Written,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.parsing import Int32, json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 100
_HISTORY = 10
_CURSOR = 19
_INVALID_LOCALE, _INVALID_IDENTIFIER, _INVALID_ENTRY = 37, 38, 35


class _Identifier(msgspec.Struct, rename="camel"):
    key: str | None = None
    context: str | None = None
    source: str | None = None
    entry_format: Literal["Invalid", "Legacy", "Icu"] | None = None

    def kept(self) -> Identifier:
        """As it is kept."""
        return Identifier(key=self.key or "", context=self.context or "", source=self.source or "")


class _Location(msgspec.Struct):
    path: str = ""


class _Metadata(msgspec.Struct, rename="camel"):
    example: str | None = None
    game_locations: list[_Location] | None = None
    entry_format: Literal["Invalid", "Legacy", "Icu"] | None = None


class _Translation(msgspec.Struct, rename="camel"):
    locale: str = ""
    translation_text: str | None = None
    delete: bool = False


class _Patch(msgspec.Struct):
    identifier: _Identifier | None = None
    metadata: _Metadata | None = None
    translations: list[_Translation] | None = None
    delete: bool = False


class _Update(msgspec.Struct):
    name: str | None = None
    entries: list[_Patch] | None = None


class _Asked(msgspec.Struct, rename="camel"):
    identifier: _Identifier | None = None
    cursor: str = ""
    count: Int32 = _HISTORY
    sort_order: Literal["Asc", "Desc"] = "Desc"


class _History(msgspec.Struct):
    locale: str
    entries: list[_Asked] | None = None


def _update(exchange: Exchange) -> object:
    """What cannot be is told beside what could."""
    body = json_body(exchange.request, _Update)
    check_game(exchange)
    patches = body.entries or []
    if len(patches) > LIMITS.entries:
        raise Refusal.invalid(f"a request has {LIMITS.entries} entries at most", "10")
    failed: list[object] = []
    modified: list[object] = []
    with exchange.state.lock:
        _, table = table_of(exchange, missing="4", denied="6")
        if body.name is not None:
            table.name = body.name
        for patch in patches:
            objection = _objection(patch)
            if objection is not None:
                code, said = objection
                error = {"errorCode": code, "errorMessage": said}
                failed.append({"error": error, "identifier": _identifier(patch)})
            else:
                modified.append(_patched(exchange, table, patch))
    return {
        "failedEntriesAndTranslations": failed,
        "modifiedEntriesAndTranslations": modified,
    }


def _objection(patch: _Patch) -> tuple[int, str] | None:
    """Why an entry cannot be so, with Roblox's number."""
    identifier = (patch.identifier or _Identifier()).kept()
    if not identifier.key and not identifier.source:
        return _INVALID_IDENTIFIER, "an entry needs a key or a source"
    metadata = patch.metadata or _Metadata()
    paths = [each.path for each in metadata.game_locations or []]
    for text, most in (
        (identifier.key, LIMITS.key),
        (identifier.context, LIMITS.context),
        (identifier.source, LIMITS.source),
        (metadata.example or "", LIMITS.example),
        *((path, LIMITS.location) for path in paths),
    ):
        if len(text) > most:
            return _INVALID_ENTRY, "a text of the entry is too long"
    if any(each.locale.lower() not in LANGUAGES | LOCALES for each in patch.translations or []):
        return _INVALID_LOCALE, "there is no such locale"
    return None


def _patched(exchange: Exchange, table: Table, patch: _Patch) -> dict[str, object]:
    identifier = (patch.identifier or _Identifier()).kept()
    entry = table.find(identifier)
    if patch.delete:
        table.discard(identifier)
        return {"identifier": _identifier(patch), "translations": []}
    metadata = patch.metadata or _Metadata()
    if entry is None:
        entry = Entry(
            identifier=identifier,
            format=_format(patch),
            created=exchange.state.clock.now(),
        )
        table.put(entry)
    if metadata.example is not None:
        entry.example = metadata.example
    if metadata.game_locations is not None:
        entry.locations = [each.path for each in metadata.game_locations]
    for each in patch.translations or []:
        _translate(exchange, entry, each)
    named = {each.locale.lower() for each in patch.translations or []}
    return {
        "identifier": _identifier(patch),
        "translations": [each for each in _translations(entry) if each["locale"] in named],
    }


def _format(patch: _Patch) -> Format:
    for part in (patch.identifier, patch.metadata):
        if part is not None and part.entry_format == "Icu":
            return "Icu"
    return "Legacy"


def _translate(exchange: Exchange, entry: Entry, given: _Translation) -> None:
    locale = given.locale.lower()
    if given.delete:
        entry.translations.pop(locale, None)
        return
    now, user = exchange.state.clock.now(), exchange.caller.user_id
    written = Written(text=given.translation_text or "", by=user, at=now)
    entry.translations[locale] = written
    entry.history.setdefault(locale, []).append(written)


def _identifier(patch: _Patch | _Asked) -> dict[str, object]:
    """What an entry was called, as it was sent."""
    said = msgspec.to_builtins(patch.identifier or _Identifier())
    return {name: value for name, value in said.items() if value is not None}


def _translator(written: Written) -> dict[str, object]:
    return {"id": int(written.by or 0), "agentType": "User" if written.by else "Automation"}


def _translations(entry: Entry) -> list[dict[str, object]]:
    return [
        {
            "locale": locale,
            "translationText": written.text,
            "translator": _translator(written),
            "updatedTime": rfc3339(written.at),
            "feedbackCount": 0,
        }
        for locale, written in entry.translations.items()
    ]


def _body(entry: Entry) -> dict[str, object]:
    return {
        "identifier": msgspec.to_builtins(entry.identifier) | {"entryFormat": entry.format},
        "metadata": {
            "example": entry.example,
            "gameLocations": [{"path": path} for path in entry.locations],
            "entryFormat": entry.format,
        },
        "translations": _translations(entry),
        "createdTime": rfc3339(entry.created),
    }


def _asked_format(exchange: Exchange) -> str:
    word = exchange.request.args.get("entryFormat", "Legacy")
    return word if word == "Icu" else "Legacy"


def _list(exchange: Exchange) -> object:
    check_game(exchange)
    with exchange.state.lock:
        _, table = table_of(exchange)
        walk = table.order[_asked_format(exchange)].walk(after=begin(exchange, "cursor"))
        numbers = list(islice(walk, _PAGE + 1))
        answer: dict[str, object] = {
            "data": [_body(table.entries[str(number)]) for number in numbers[:_PAGE]]
        }
    if len(numbers) > _PAGE:
        answer["nextPageCursor"] = write_page_token((str(numbers[_PAGE - 1]),), *asked(exchange))
    return answer


def _count(exchange: Exchange) -> object:
    check_game(exchange)
    with exchange.state.lock:
        table_id, table = table_of(exchange)
        return {"id": table_id, "entryCount": len(table.order[_asked_format(exchange)])}


def _histories(exchange: Exchange) -> object:
    body = json_body(exchange.request, _History)
    check_game(exchange)
    locale = body.locale.lower()
    if locale not in LANGUAGES | LOCALES:
        raise Refusal.invalid("there is no such locale", str(_INVALID_LOCALE))
    if not body.entries:
        raise Refusal.invalid("entries must not be empty", "16")
    found: list[object] = []
    failed: list[object] = []
    with exchange.state.lock:
        table_id, table = table_of(exchange)
        for wanted in body.entries:
            entry = table.find((wanted.identifier or _Identifier()).kept())
            if entry is None:
                error = {"errorCode": _INVALID_IDENTIFIER, "errorMessage": "there is no such entry"}
                said = {"identifier": _identifier(wanted), "count": wanted.count, "error": error}
                failed.append(said)
            else:
                found.append(_one_history(entry, locale, wanted))
    return {"tableId": table_id, "locale": locale, "entries": found, "failedEntries": failed}


def _one_history(entry: Entry, locale: str, wanted: _Asked) -> dict[str, object]:
    if wanted.count < 1:
        raise Refusal.invalid("count is at least 1", "39")
    cursor = wanted.cursor
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _CURSOR):
        raise Refusal.invalid("cursor is not one that a history gave", "45")
    lines = entry.history.get(locale, [])
    if wanted.sort_order == "Desc":
        lines = lines[::-1]
    start = int(cursor or 0)
    end = start + wanted.count
    return {
        "identifier": _identifier(wanted),
        "history": [
            {
                "translationText": each.text,
                "translator": _translator(each),
                "created": rfc3339(each.at),
            }
            for each in lines[start:end]
        ],
        "nextCursor": str(end) if end < len(lines) else "",
    }


BEHAVIOURS = {
    "get_localization_table_entry_count": Behaviour(_count),
    "get_localization_table_translation_history": Behaviour(_histories),
    "list_localization_table_entries": Behaviour(_list),
    "update_localization_table": Behaviour(_update),
}
