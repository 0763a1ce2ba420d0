"""Roblox's OpenAPI document, as the tests of this folder read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from rblx_oauth.catalog import Operation
from tools.build_catalogue import names
from tools.document import Document

FILE = Path(__file__).resolve().parents[3] / "shared" / "opencloud.json"

needs_document = pytest.mark.skipif(
    not FILE.exists(),
    reason="needs Roblox's OpenAPI document beside the checkout, at shared/opencloud.json",
)


@cache
def content() -> dict[str, Any]:
    """The document, put right in two ways.

    An object whose members it does not list may have any; and members that it
    calls required by themselves, as no version of OpenAPI does, need not be there.
    """
    read: dict[str, Any] = json.loads(FILE.read_bytes())
    for schema in _schemas(read["components"]):
        if schema.get("type") == "object" and not schema.get("properties"):
            schema.setdefault("additionalProperties", True)
        if isinstance(schema.get("required"), bool):
            del schema["required"]
    return read


@cache
def document() -> Document:
    """The same, with its references resolved."""
    return Document(content())


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _schemas(each)
    elif isinstance(value, list):
        for each in value:
            yield from _schemas(each)


def route(operation: Operation) -> tuple[str, str]:
    """An operation's method and path in the document."""
    method, path = _routes()[operation.name].split(" ")
    return method, path


def facts(operation: Operation) -> dict[str, Any]:
    """What the document says about an operation."""
    found: dict[str, Any] = document().operations[_routes()[operation.name]]
    return found


@cache
def _routes() -> dict[str, str]:
    return {name: where for where, (_, name) in names().items()}


def alone(operation: Operation) -> dict[str, Any]:
    """A document of that operation only."""
    method, path = route(operation)
    return {**content(), "paths": {path: {method.lower(): facts(operation)}}}


def told(error: BaseException) -> Iterator[str]:
    """What a validator's error comes to: where, and what."""
    cause = error.__cause__
    if cause is not None:
        yield from told(cause)
    elif isinstance(error, InvalidSchemaValue):
        for each in error.schema_errors:
            where: Any = each
            yield f"{where.json_path}: {where.message}".partition(" property with ")[0]
    else:
        yield str(error)
