"""Arguments for every operation, made of the types that the catalogue gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from rblx_oauth import api, models
from rblx_oauth.catalog import Operation, Parameter
from rblx_oauth.core.call import Call
from rblx_oauth.core.message import FilePart
from rblx_oauth.models.base import OpenEnum

TEXT = "0f8fad5b-d9cd-469f-a165-70867728950e"
"""A UUID: it will do wherever a string is wanted."""
MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
SPAN = timedelta(minutes=1, milliseconds=500)

FILE = FilePart(lambda: BytesIO(b"content"), 7, "file.png", "image/png")

SPECIAL: dict[tuple[str, str], Any] = {
    ("create_asset", "request"): {
        "assetType": "Decal",
        "displayName": "Hat",
        "description": "A hat",
        "creationContext": {"creator": {"userId": 7}, "expectedPrice": 0},
    },
    ("update_asset", "request"): {"displayName": "Hat"},
    ("search_creator_store_assets_by_query", "creator"): "user/7",
}
"""What a type does not tell, by operation and parameter."""

SCALARS: dict[str, Any] = {
    "string": TEXT,
    "id": 7,
    "any_id": "-",
    "id_number": 7,
    "integer": 3,
    "number": 1.5,
    "boolean": True,
    "timestamp": MOMENT,
    "duration": SPAN,
    "bytes": b"\xff content",
    "json": {"a": [1, None]},
    "mask": "displayName",
    "entry_value": {"a": [1, None]},
    "users": [7, 8],
    "attributes": {"a": 1},
    "file": FILE,
}
PLAIN: dict[Any, Any] = {
    str: TEXT,
    int: 3,
    float: 1.5,
    bool: True,
    bytes: b"\xff content",
    datetime: MOMENT,
    object: {"a": [1, None]},
}
INSIDE = re.compile(r"(list|map)\[(.*)\]")


def function(operation: Operation) -> Callable[..., Call[Any]]:
    """The function of an operation."""
    found: Callable[..., Call[Any]] = getattr(getattr(api, operation.family), operation.name)
    return found


def arguments(operation: Operation, *, everything: bool) -> dict[str, Any]:
    """Arguments for an operation, by name.

    Args:
        operation: It.
        everything: Whether to give what may be left out, too.
    """
    return {
        each.name: argument(operation, each, everything=everything)
        for each in operation.parameters
        if each.required or everything
    }


def argument(operation: Operation, parameter: Parameter, *, everything: bool) -> Any:
    """A value for one parameter of an operation."""
    if (operation.name, parameter.name) in SPECIAL:
        return SPECIAL[operation.name, parameter.name]
    if parameter.values:
        return parameter.values[0]
    return _example(parameter.type, everything=everything)


def _example(kind: str, *, everything: bool) -> Any:
    if kind in SCALARS:
        return SCALARS[kind]
    inside = INSIDE.fullmatch(kind)
    if inside is None:
        return of_type(getattr(models, kind), everything=everything)
    one = _example(inside[2], everything=everything)
    return [one] if inside[1] == "list" else {"name": one}


def of_type(kind: Any, *, everything: bool = True, outer: tuple[type, ...] = ()) -> Any:
    """A value of a Python type: a model with its members, an enum's first real word.

    Args:
        kind: The type.
        everything: Whether to give members that may be left out, too.
        outer: The models that this is to be a member of; one of them again is left out.
    """
    inner = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        kind = next(each for each in inner if each is not type(None))
        return of_type(kind, everything=everything, outer=outer)
    if get_origin(kind) is list:
        return [of_type(inner[0], everything=everything, outer=outer)]
    if get_origin(kind) in (dict, Mapping):
        return {"name": of_type(inner[1], everything=everything, outer=outer)}
    if hasattr(kind, "__metadata__"):
        return of_type(kind.__origin__, everything=everything, outer=outer)
    if kind in PLAIN:
        return PLAIN[kind]
    if issubclass(kind, models.ResourceId):
        return kind(7)
    if issubclass(kind, timedelta):
        return SPAN
    if issubclass(kind, OpenEnum):
        return list(kind)[-1]
    members = {
        each.name: of_type(each.type, everything=everything, outer=(*outer, kind))
        for each in msgspec.structs.fields(kind)
        if (each.required or everything) and kind not in outer
    }
    return kind(**members)
