"""Names and descriptions in other languages, and who wrote them when."""

from __future__ import annotations

from typing import Literal

import msgspec

from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.behaviour.localization_shelf import Line, LocalizationShelf, Text
from rblx_oauth.sandbox.behaviour.localization_targets import (
    CANNOT_DELETE_SOURCE,
    CANNOT_UPDATE_SOURCE,
    KINDS,
    Target,
    check_language,
    find_target,
    target,
    writable,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_NAME_LENGTH = 50
_DESCRIPTION_LENGTH = 1000
_HISTORY = 10
_LARGEST_HISTORY = 49
_CURSOR = 19


class _Body(msgspec.Struct):
    name: str | None = None
    description: str | None = None


class _Update(msgspec.Struct, rename="camel"):
    language_code: str | None = None
    name: str | None = None
    description: str | None = None
    update_type: Literal["Invalid", "Name", "Description"] | None = None


class _Updates(msgspec.Struct):
    data: list[_Update]


class _History(msgspec.Struct, rename="camel"):
    content_id: int
    content_type: str
    language_code: str
    cursor: str = ""
    count: int = _HISTORY
    sort_order: Literal["Asc", "Desc"] = "Desc"


def _check(exchange: Exchange, name: str | None, description: str | None) -> None:
    if name is not None and (not name.strip() or len(name) > _NAME_LENGTH):
        raise Refusal.invalid(f"a name has 1 to {_NAME_LENGTH} characters", "19")
    if description is not None and len(description) > _DESCRIPTION_LENGTH:
        raise Refusal.invalid(f"a description has {_DESCRIPTION_LENGTH} characters at most", "19")
    if moderated(exchange, name or "", description or ""):
        raise Refusal.invalid("the text was moderated", "20")


def _write(exchange: Exchange, found: Target, language: str, body: _Body) -> None:
    """Keep what is given of a text, and note who gave it."""
    state, text = exchange.state, found.translated.texts.setdefault(language, Text())
    journal, now = state.shelves.of(LocalizationShelf).journal, state.clock.now()
    _, names, descriptions = KINDS[found.kind]
    for word, given in ((names, body.name), (descriptions, body.description)):
        if given is not None:
            about = f"{word} {found.id} {language}"
            journal.add(Line(about=about, text=given, by=exchange.caller.user_id, at=now))
    if body.name is not None:
        text.name = body.name
    if body.description is not None:
        text.description = body.description


def _update(exchange: Exchange) -> object:
    """Whatever of name and description the address is about, and the body has."""
    body = json_body(exchange.request, _Body)
    taken = [each.name for each in exchange.operation.parameters if each.place == "json"]
    given = {name: getattr(body, name) for name in taken}
    if all(each is None for each in given.values()):
        raise Refusal.invalid("there is nothing to change", "19")
    with exchange.state.lock:
        found = writable(exchange)
        code = exchange.arguments["language_code"]
        language = check_language(found.game, code, source=CANNOT_UPDATE_SOURCE)
        _check(exchange, given.get("name"), given.get("description"))
        _write(exchange, found, language, _Body(**given))
        kept = found.translated.texts[language]
        return {name: getattr(kept, name) or "" for name in taken}


def _list(exchange: Exchange) -> object:
    """The source comes first."""
    with exchange.state.lock:
        found = target(exchange)
        source = {
            "name": found.name,
            "description": found.description,
            "languageCode": found.game.source,
        }
        translations = [
            {
                "name": text.name or "",
                "description": text.description or "",
                "languageCode": language,
            }
            for language, text in found.translated.texts.items()
            if language != found.game.source
        ]
    return {"data": [source, *translations]}


def _delete(exchange: Exchange) -> object:
    with exchange.state.lock:
        found = writable(exchange)
        code = exchange.arguments["language_code"]
        language = check_language(found.game, code, source=CANNOT_DELETE_SOURCE)
        found.translated.texts.pop(language, None)
    return {}


def _update_game(exchange: Exchange) -> object:
    """Several languages at once: what cannot be is told beside what could."""
    body = json_body(exchange.request, _Updates)
    done: list[object] = []
    failed: list[object] = []
    with exchange.state.lock:
        found = writable(exchange)
        for update in body.data:
            try:
                _update_one(exchange, found, update)
            except Refusal as refusal:
                code = update.language_code or ""
                failed.append({"languageCode": code, "errorCode": int(refusal.detail)})
            else:
                said = msgspec.to_builtins(update)
                done.append({name: each for name, each in said.items() if each is not None})
    return {"successOperations": done, "failedOperations": failed}


def _update_one(exchange: Exchange, found: Target, update: _Update) -> None:
    """What an update leaves empty is deleted, if that is what the update is of."""
    name, description = update.name or None, update.description or None
    of_name = update.update_type == "Name" or name is not None
    of_description = update.update_type == "Description" or description is not None
    if update.update_type == "Name":
        description, of_description = None, False
    elif update.update_type == "Description":
        name, of_name = None, False
    deletes = (of_name and name is None) or (of_description and description is None)
    source = CANNOT_DELETE_SOURCE if deletes else CANNOT_UPDATE_SOURCE
    language = check_language(found.game, update.language_code or "", source=source)
    _check(exchange, name, description)
    _write(exchange, found, language, _Body(name, description))
    text = found.translated.texts[language]
    if of_name and name is None:
        text.name = None
    if of_description and description is None:
        text.description = None
    if text == Text():
        del found.translated.texts[language]


def _history(exchange: Exchange) -> object:
    body = json_body(exchange.request, _History)
    if not 1 <= body.count <= _LARGEST_HISTORY:
        raise Refusal.invalid(f"count is from 1 to {_LARGEST_HISTORY}", "39")
    with exchange.state.lock:
        found = _of_history(exchange, body)
        language = check_language(found.game, body.language_code, source="54")
        begin = _begin(body.cursor)
        about = (f"{body.content_type} {found.id} {language}",)
        journal = exchange.state.shelves.of(LocalizationShelf).journal
        newest_first = body.sort_order == "Desc"
        lines = journal.page(about, begin, body.count, newest_first=newest_first)
    history = [
        {
            "translationText": line.text,
            "translator": {"id": int(line.by or 0), "agentType": "User"},
            "created": rfc3339(line.at),
        }
        for line in lines.found
    ]
    following = "" if lines.following is None else str(lines.following)
    return {"history": history, "lastEvaluatedId": following}


def _of_history(exchange: Exchange, body: _History) -> Target:
    for kind, (_, *words) in KINDS.items():
        if body.content_type in words:
            found = find_target(exchange.state, kind, str(body.content_id))
            if not exchange.caller.may_touch_universe(found.universe.id):
                # This refusal is documented as a 400.
                raise Refusal.invalid("the game is not for this credential", "18")
            return found
    raise Refusal.invalid("contentType is none of its words")


def _begin(cursor: str) -> int | None:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _CURSOR):
        raise Refusal.invalid("cursor is not one that a history gave", "55")
    return int(cursor) if cursor else None


def _of_things() -> dict[str, Behaviour]:
    found: dict[str, Behaviour] = {}
    for kind in KINDS:
        if kind != "game":
            found |= {
                f"list_{kind}_translations": Behaviour(_list),
                f"delete_{kind}_translation": Behaviour(_delete),
                f"update_{kind}_translation": Behaviour(_update),
                f"update_{kind}_name_translation": Behaviour(_update),
                f"update_{kind}_description_translation": Behaviour(_update),
            }
    return found


BEHAVIOURS = {
    **_of_things(),
    "list_game_translation_history": Behaviour(_history),
    "update_game_translations": Behaviour(_update_game),
}
