"""Whether the sandbox answers as Roblox's OpenAPI document says: every answer that a test gets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

import pytest
from flask import Flask, Response, g, request_finished
from jsonschema import ValidationError, validators
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from rblx_oauth import Client, catalog
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.refusals import family_of
from tests.api.document import content, document, facts
from tests.sandbox.deviations import DEVIATIONS

_HERE = "document:"
_EMPTY = (204, 304)


# --- what there is to be held against


def _undocumented(*members: str, **schemas: object) -> dict[str, Any]:
    """The schema of an object with exactly these members."""
    properties = {name: {"type": "string"} for name in members} | schemas
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_GATEWAY = _undocumented(
    errors={"type": "array", "items": _undocumented("message", code={"type": "integer"})}
)
_V1 = _undocumented("error", "message", errorDetails={"type": "array"})
_BY_FAMILY = {
    "v1": (_V1,),
    "v2": (_undocumented("code", "message", details={"type": "array"}),),
    "data_stores_v1": (_V1,),
    "assets": (_V1, {"$ref": "#/components/schemas/OCV1.Assets.Status"}),
}
"""The bodies of errors of families that have some which the document does not describe."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    media: str
    body: bytes


def objections(operation: catalog.Operation, answer: Answer) -> Iterator[str]:
    """Where an answer is not as the document says."""
    told = facts(operation)["responses"].get(str(answer.status))
    if answer.status >= 400:
        yield from _objections_to_error(operation, answer, told)
    elif told is None:
        yield f"{answer.status} is no status of it"
    elif not told.get("content"):
        if answer.status in _EMPTY and answer.body:
            yield f"{answer.status} with a body"
    elif answer.media not in told["content"]:
        yield f"{answer.media or 'nothing'} is no media type of it"
    else:
        yield from _against(told["content"][answer.media]["schema"], answer.body)


def _objections_to_error(
    operation: catalog.Operation, answer: Answer, told: Mapping[str, Any] | None
) -> Iterator[str]:
    """As for good answers; where nothing is said of one, it must be of its family's shape.

    What Roblox's gateway refuses never reaches an API, whatever that has documented.
    """
    if not list(_against(_GATEWAY, answer.body)):
        return
    media = (told or {}).get("content", {}).get("application/json")
    schemas = [media["schema"]] if media else list(_errors(operation))
    found = [list(_against(each, answer.body)) for each in schemas]
    if [] not in found:
        yield from (f"{answer.status}: {each}" for each in min(found, key=len, default=["?"]))


def _errors(operation: catalog.Operation) -> Iterator[dict[str, Any]]:
    """The schemas of the errors that an operation has, be it for another status."""
    yield from _BY_FAMILY.get(family_of(operation.path), ())
    for status, told in facts(operation)["responses"].items():
        media = told.get("content", {}).get("application/json")
        if status >= "400" and media:
            yield media["schema"]


# --- holding one against the other


def _type(validator: Any, kind: str, value: object, schema: Mapping[str, Any]) -> Iterator[Any]:
    """64-bit integers travel as strings in Protocol Buffers' JSON."""
    if schema.get("format") == "int64" and isinstance(value, str) and value.isdigit():
        return
    yield from OAS30ReadValidator.VALIDATORS["type"](validator, kind, value, schema)


def _all_of(validator: Any, parts: Any, value: object, schema: Mapping[str, Any]) -> Iterator[Any]:
    """The document makes a reference nullable by wrapping it, which OpenAPI knows nothing of."""
    if value is not None or not schema.get("nullable"):
        yield from OAS30ReadValidator.VALIDATORS["allOf"](validator, parts, value, schema)


_Validator = validators.extend(
    OAS30ReadValidator,
    # Its alternatives do not exclude each other.
    {"type": _type, "allOf": _all_of, "oneOf": OAS30ReadValidator.VALIDATORS["anyOf"]},
)


@cache
def _registry() -> Any:
    """The document, in which objects have no members that it does not list."""
    read: dict[str, Any] = json.loads(json.dumps(content()))
    schemas = read["components"]["schemas"]
    for name, schema in schemas.items():
        if schema.get("allOf") and "properties" in schema:
            whole = document().resolve(schema)[1]
            schemas[name] = json.loads(json.dumps(whole))
    _close(read)
    return Registry().with_resource(_HERE, DRAFT4.create_resource(read))


def _close(value: object) -> None:
    if isinstance(value, dict):
        if value.get("type") == "object" and value.get("properties"):
            value.setdefault("additionalProperties", False)
        for each in value.values():
            _close(each)
    elif isinstance(value, list):
        for each in value:
            _close(each)


@cache
def _validator(schema: str) -> Any:
    read = json.loads(schema, object_hook=_elsewhere)
    _close(read)
    return _Validator(read, registry=_registry(), format_checker=oas30_format_checker)


def _elsewhere(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        schema["$ref"] = _HERE + reference
    return schema


def _against(schema: Mapping[str, Any], body: bytes) -> Iterator[str]:
    try:
        value = json.loads(body)
    except ValueError:
        yield "not JSON"
        return
    except RecursionError:  # a value of an entry, deeper than Python can go
        return
    seen = set()
    for error in _validator(json.dumps(schema)).iter_errors(value):
        for each in _told(error):
            if each not in seen:
                seen.add(each)
                yield each


def _told(error: ValidationError) -> Iterator[str]:
    """Where, and what."""
    where = _where(error)
    value: Any = error.instance
    if error.validator == "required":
        yield f"{where}.{error.message.split(chr(39))[1]}: missing"
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        yield from (f"{where}.{name}: not in the document" for name in value if name not in known)
    elif error.validator == "type":
        yield f"{where}: {type(value).__name__} for {error.validator_value}"
    elif error.validator == "enum":
        yield f"{where}: none of its words"
    else:
        yield f"{where}: not of {error.validator} {error.validator_value!r:.60}"


def _where(error: ValidationError) -> str:
    """The way through the schema, which does not depend on anybody's data."""
    path = "$"
    steps = iter(error.absolute_schema_path)
    for step in steps:
        if step == "properties":
            path += f".{next(steps)}"
        elif step == "items":
            path += "[]"
        elif step == "additionalProperties" and step != error.absolute_schema_path[-1]:
            path += "{}"
    return path


# --- listening


class Listener:
    """Holds every answer that a sandbox of this process gives against the document.

    Attributes:
        heard: The operations that answered.
        met: The deviations that occurred, as operation and objection.
    """

    def __init__(self) -> None:
        self.heard: set[str] = set()
        self.met: set[tuple[str, str]] = set()
        self._objections: set[str] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Listen from now on."""
        request_finished.connect(self._hear)

    def stop(self) -> None:
        """Listen no more."""
        request_finished.disconnect(self._hear)

    def take(self) -> list[str]:
        """The objections since the last time."""
        with self._lock:
            found, self._objections = sorted(self._objections), set()
        return found

    def _hear(self, sender: Flask, response: Response, **more: object) -> None:
        operation = catalog.operations().get(g.get("operation", ""))
        if sender.import_name != "rblx_oauth.sandbox.app" or operation is None or "fault" in g:
            return
        body = b"" if response.direct_passthrough else response.get_data()
        answer = Answer(response.status_code, response.mimetype or "", body)
        found = set(objections(operation, answer))
        apart = {
            each: known
            for each in found
            for known in DEVIATIONS.get(operation.name, {})
            if fnmatchcase(each, known)
        }
        with self._lock:
            self.heard.add(operation.name)
            self.met |= {(operation.name, known) for known in apart.values()}
            self._objections |= {f"{operation.name} {each}" for each in found - apart.keys()}


LISTENER = Listener()


def unmet(met: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The deviations on the list that did not occur among those that did."""
    return {(name, each) for name, known in DEVIATIONS.items() for each in known} - met


@pytest.fixture
def client(cloud: Sandbox) -> Iterator[Client]:
    """The key's client."""
    with Client(api_key=cloud.api_key, api_base=cloud.api_base) as made:
        yield made
