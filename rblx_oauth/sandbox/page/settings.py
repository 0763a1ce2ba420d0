"""The switches, with what each means."""

from __future__ import annotations

import inspect
import re
from typing import Any

import msgspec
from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.settings import Settings

__all__ = ["add"]

_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n     +.*)*)", re.MULTILINE)


class _Switch(msgspec.Struct, frozen=True):
    """A field of the settings.

    Attributes:
        name: Its name.
        meaning: What it does, from the docstring.
        kind: ``boolean``, ``integer``, ``number``, ``string``, ``choice``, or ``mixed``: a word
            or a number.
        default: What it is unless it was changed.
        choices: What it can be, of a choice.
    """

    name: str
    meaning: str
    kind: str
    default: object
    choices: list[str]


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state
    switches = _switches()

    @views.get("/settings")
    def settings() -> str:
        return shown()

    def shown(*, typed: dict[str, str] | None = None, refused: str = "") -> str:
        return shell.show(
            "settings",
            refused=refused,
            switches=switches,
            values=msgspec.to_builtins(state.settings),
            typed=typed,
            base=shell.base,
        )

    @views.post("/settings")
    def change_settings() -> AnyResponse | tuple[str, int]:
        form = request.form.to_dict()
        try:
            with state.lock:
                state.settings.update(_read(switches, form))
        except ValueError as error:
            return shown(typed=form, refused=str(error)), 400
        return shell.done("The settings were saved.", "settings")


def _switches() -> list[_Switch]:
    """The fields of the settings, from their types and their docstring."""
    meanings = dict(_ATTRIBUTE.findall(inspect.getdoc(Settings) or ""))
    schema: dict[str, Any] = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    return [
        _Switch(
            name=name,
            meaning=re.sub(r"\s+", " ", meanings.get(name, "")).replace("``", ""),
            kind=about.get("type") or ("choice" if "enum" in about else "mixed"),
            default=about["default"],
            choices=about.get("enum", []),
        )
        for name, about in schema.items()
    ]


def _read(switches: list[_Switch], form: dict[str, str]) -> dict[str, object]:
    """The values that a form holds; a box that is not ticked is not in it."""
    values: dict[str, object] = {}
    for switch in switches:
        text = form.get(switch.name, "")
        if switch.kind == "boolean":
            values[switch.name] = bool(text)
        elif switch.kind in ("integer", "number"):
            values[switch.name] = _number(switch.name, text)
        elif switch.kind == "mixed" and text.strip().isdecimal():
            values[switch.name] = int(text)
        else:
            values[switch.name] = text
    return values


def _number(name: str, text: str) -> int | float:
    try:
        number: int | float = decoder(int | float)(text.strip() or "null")
    except msgspec.DecodeError:
        raise ValueError(f"{name} is a number") from None
    return number
