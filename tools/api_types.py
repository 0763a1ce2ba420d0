"""The types of parameters, as Python: annotations, checks, and what goes on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rblx_oauth import models
from rblx_oauth.catalog import Parameter
from rblx_oauth.models.base import OpenEnum

# Of a type: its annotation; the function that writes it as text; the one that
# writes it as a member of a JSON body. All are in `rblx_oauth.core.arguments`, but for ENTRIES.
SCALARS = {
    "string": ("str", "text", "string"),
    "id": ("int", "identifier", "identifier"),
    "any_id": ('int | Literal["-"]', "identifier_or_any", ""),
    "id_number": ("int", "identifier", "id_number"),
    "integer": ("int", "integer", "whole"),
    "number": ("float", "", "number"),
    "boolean": ("bool", "boolean", "flag"),
    "timestamp": ("datetime", "timestamp", "timestamp"),
    "duration": ("timedelta", "duration", "duration"),
    "bytes": ("bytes", "", "base64"),
    "json": ("object", "", "json_value"),
    "map[json]": ("Mapping[str, object]", "", "json_object"),
    "mask": ("str", "mask", ""),
    "entry_value": ("object", "", "entry_value"),
    "users": ("Iterable[int]", "entry_users", "user_paths"),
    "attributes": ("Mapping[str, object]", "entry_attributes", "attributes"),
    "file": ("FilePart", "", "file"),
}
ENTRIES = {"entry_value", "entry_users", "entry_attributes", "attributes"}
"""Those that are in `rblx_oauth.core.entry_arguments`."""
INSIDE = re.compile(r"(list|map)\[(.*)\]")


def annotation(kind: str) -> str:
    """What a caller may give."""
    if kind in SCALARS:
        return SCALARS[kind][0]
    inside = INSIDE.fullmatch(kind)
    if inside is None:
        return f"{kind} | str" if is_enum(kind) else kind
    outer = "Sequence[{}]" if inside[1] == "list" else "Mapping[str, {}]"
    return outer.format(annotation(inside[2]))


def expression(kind: str) -> str:
    """The type as a value at run time, such as a decoder takes."""
    inside = INSIDE.fullmatch(kind)
    if inside is None:
        return SCALARS[kind][0] if kind in SCALARS else kind
    outer = "list[{}]" if inside[1] == "list" else "dict[str, {}]"
    return outer.format(expression(inside[2]))


def is_enum(kind: str) -> bool:
    """Whether a model is a set of words."""
    return isinstance(found := getattr(models, kind, None), type) and issubclass(found, OpenEnum)


def in_text(parameter: Parameter, members: Mapping[str, str] | None = None) -> str:
    """A parameter of a path, a query or a header, checked and written.

    Args:
        parameter: It.
        members: For a mask: what else the body may have, by wire name.
    """
    kind, name = parameter.type, parameter.name
    if kind == "mask":
        given = ", ".join(f'"{wire}": {each}' for wire, each in (members or {}).items())
        return f'arguments.mask("{name}", {name}, {{{given}}})'
    inside = INSIDE.fullmatch(kind)
    if parameter.place == "header":
        return checked(parameter, "ascii_json" if inside else header(kind))
    if inside:
        return checked(parameter, "several", f"arguments.{function(inside[2])}")
    return checked(parameter, function(kind), limit(parameter))


def in_body(parameter: Parameter) -> str:
    """A member of a JSON body, or the body itself."""
    kind = parameter.type
    if kind in SCALARS:
        check = SCALARS[kind][2]
        if check == "string" and parameter.required:
            check = "text"
        return checked(parameter, check, limit(parameter))
    if is_enum(kind):
        return checked(parameter, "text")
    return checked(parameter, "shaped", expression(kind))


def in_form(parameter: Parameter) -> str:
    """A part of a form."""
    if parameter.type == "list[file]":
        return checked(parameter, "files")
    if parameter.type == "file":
        return checked(parameter, "file")
    if parameter.type == "map[json]":
        return checked(parameter, "json_part")
    check = "string" if parameter.type == "string" and not parameter.required else None
    return checked(parameter, check or function(parameter.type), limit(parameter))


def function(kind: str) -> str:
    """What writes a type as text."""
    return SCALARS[kind][1] if kind in SCALARS else "text"


def header(kind: str) -> str:
    """What writes a type as a header's value."""
    return "header" if function(kind) == "text" else function(kind)


def limit(parameter: Parameter) -> str:
    """The limit that a check is told."""
    return str(parameter.max_length or "")


def checked(parameter: Parameter, check: str, extra: str = "") -> str:
    """A call of one of the functions that check."""
    if not check:
        raise SystemExit(f"{parameter.name}: a {parameter.type} cannot be a {parameter.place}")
    more = f", {extra}" if extra else ""
    arguments = f'"{parameter.name}", {parameter.name}{more}'
    found = f"{'entry_arguments' if check in ENTRIES else 'arguments'}.{check}"
    if parameter.required:
        return f"{found}({arguments})"
    return f"arguments.optional({found}, {arguments})"
