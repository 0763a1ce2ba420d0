"""Every operation of Open Cloud: what it takes, and what the sandbox makes of it."""

from __future__ import annotations

import re

import msgspec
from flask import Blueprint, abort, request

from rblx_oauth.catalog import Operation, operations
from rblx_oauth.sandbox.behaviour import source_of
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SOME: dict[str, object] = {"integer": 1, "id_number": 1, "number": 1.5, "boolean": True, "id": "1"}


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/operations")
    def catalogue() -> str:
        word = request.args.get("q", "").strip()
        found: dict[str, list[Operation]] = {}
        for each in operations().values():
            if _mentions(each, word.lower()):
                found.setdefault(each.family, []).append(each)
        return shell.show(
            "catalogue",
            found=found,
            count=sum(map(len, found.values())),
            total=len(operations()),
            word=word,
            source=source_of,
        )

    @views.get("/operations/<name>")
    def operation(name: str) -> str:
        found = operations().get(name) or abort(404)
        return shell.show(
            "catalogue",
            template="operation",
            title=name,
            operation=found,
            source=source_of(name),
            line=_line(state, found, shell.base),
        )


def _mentions(operation: Operation, word: str) -> bool:
    said = (operation.name, operation.family, operation.path, operation.method, *operation.scopes)
    return any(word in each.lower() for each in said)


def _line(state: State, operation: Operation, base: str) -> str:
    """What to type to try it: what must be given, and where it is plain, with what there is."""
    words = ["curl"]
    if operation.method != "GET":
        words.append(f"-X {operation.method}")
    words.append('-H "x-api-key: $ROBLOX_API_KEY"')
    needed = [each for each in operation.parameters if each.required]
    members = {each.wire: _SOME.get(each.type, "…") for each in needed if each.place == "json"}
    if members:
        body = msgspec.json.encode(members).decode()
        words.append(f"-H \"content-type: application/json\" \\\n  -d '{body}'")
    words += [f"-F {each.wire}=@…" for each in needed if each.place == "part"]
    if any(each.place == "body" for each in needed):
        words.append(f'-H "content-type: {operation.media}" --data-binary @…')
    known = {
        "universe_id": next(iter(state.universes), ""),
        "user_id": next(iter(state.users), ""),
        "group_id": next(iter(state.groups), ""),
        "data_store_id": "coins",
        "scope_id": "global",
    }
    path = _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], operation.path)
    query = "&".join(f"{each.wire}=…" for each in needed if each.place == "query")
    return f"{' '.join(words)} \\\n  '{base}{path}{'?' if query else ''}{query}'"
