"""Answers made from the types of the catalogue, for what the sandbox keeps no state of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from rblx_oauth import models
from rblx_oauth.catalog import Operation
from rblx_oauth.models.base import Duration, OpenEnum, ResourceId, Timestamp
from rblx_oauth.models.servers import TimeSpan

__all__ = ["EXAMPLE_HEADER", "example", "type_of"]

EXAMPLE_HEADER = "x-sandbox-example"
"""Marks an answer that was made up."""

_MOMENT = "2026-01-01T00:00:00Z"
_DEPTH = 6
_PLAIN: dict[str, Any] = {
    "string": str,
    "integer": int,
    "id_number": int,
    "number": float,
    "boolean": bool,
    "timestamp": Timestamp,
    "duration": Duration,
    "bytes": bytes,
    "json": object,
}


def example(operation: Operation, arguments: Mapping[str, str]) -> object:
    """A well-formed answer of an operation, as JSON; the same one every time.

    Args:
        operation: What was asked for.
        arguments: Those of its path: ids among them are given back.
    """
    if operation.items:
        return {operation.items_field: [_of(type_of(operation.items), arguments, "", _DEPTH)]}
    if not operation.result:
        return {}
    return _of(type_of(operation.result), arguments, "", _DEPTH)


def type_of(expression: str) -> Any:
    """The Python type that a type expression of the catalogue stands for."""
    outer, bracket, inner = expression.partition("[")
    if bracket:
        inside = type_of(inner.removesuffix("]"))  # the models are imported when first named
        return list[inside] if outer == "list" else dict[str, inside]  # type: ignore[valid-type]
    return _PLAIN.get(expression) or getattr(models, expression)


def _of(kind: Any, arguments: Mapping[str, str], name: str, depth: int) -> object:
    """A value of a type."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _of(next(each for each in inside if each is not NoneType), arguments, name, depth)
    if origin is not None and hasattr(kind, "__metadata__"):
        return _of(inside[0], arguments, name, depth)
    if origin is list:
        return [_of(inside[0], arguments, name, depth - 1)] if depth > 0 else []
    if origin is not None:
        return {"example": _of(inside[1], arguments, name, depth - 1)} if depth > 0 else {}
    if issubclass(kind, msgspec.Struct):
        return _struct(kind, arguments, depth - 1) if depth > 0 else {}
    return _scalar(kind, arguments, name)


def _struct(kind: type[msgspec.Struct], arguments: Mapping[str, str], depth: int) -> object:
    hints = get_type_hints(kind, include_extras=True)
    # What is waited for is over, and well: otherwise whoever waits would do so for ever.
    left_out = {"error"} if "done" in hints else set()
    return {
        each.encode_name: _of(hints[each.name], arguments, each.name, depth)
        for each in msgspec.structs.fields(kind)
        if each.name not in left_out
    }


def _scalar(kind: Any, arguments: Mapping[str, str], name: str) -> object:
    if issubclass(kind, ResourceId):
        return arguments.get(name, "1")
    if issubclass(kind, OpenEnum):
        return _word(kind)
    if issubclass(kind, datetime):
        return _MOMENT
    if issubclass(kind, TimeSpan):
        return "00:00:05"
    if issubclass(kind, Duration):
        return "5s"
    if issubclass(kind, bool):
        return name == "done"
    if issubclass(kind, int):
        return int(arguments[name]) if arguments.get(name, "").isdigit() else 1
    if issubclass(kind, float):
        return 1.0
    if issubclass(kind, bytes):
        return ""
    if issubclass(kind, str):
        return arguments.get(name, f"example {name}".strip())
    return {}


def _word(kind: type[OpenEnum]) -> str:
    """The first word that says something."""
    dull = ("UNSPECIFIED", "INVALID", "NONE")
    said = [each for each in kind if each.name not in dull] or list(kind)
    return said[0].value
