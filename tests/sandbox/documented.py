"""Roblox's OpenAPI document, and what the sandbox's answers have against it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import Client, catalog
from rblx_oauth.core.message import Request, Response
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.transport.requests_transport import RequestsTransport

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "opencloud.json"

KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "array": list,
    "object": dict,
}

APART = {
    # Roblox sends these; its document does not say so.
    "create_asset": {"$.operationId: not in the document", "$.metadata: not in the document"},
    "get_asset_operation": {
        "$.operationId: not in the document",
        "$.metadata: not in the document",
        # Speech that was generated is asked for there, too.
        "$.response.@type: not in the document",
        "$.response.remainingQuota: not in the document",
    },
    # Only a universe made from a template has one.
    "get_universe": {"$.templateRootPlace: missing"},
    "update_universe": {"$.templateRootPlace: missing"},
    # And only a place made from one.
    "get_place": {"$.templatePlace: missing"},
    "update_place": {"$.templatePlace: missing"},
    # The text that is documented is JSON.
    "create_place_version": {"$: dict for string"},
    # The schemas of the first version's answers contradict the examples beside them.
    "list_data_stores_v1": {"$.datastores: not in the document"},
    "list_entries_v1": {"$.keys[]: dict for string"},
    "list_entry_versions_v1": {
        "$.versions: not in the document",
        "$.nextPageCursor: not in the document",
    },
    # The value of an entry may be any JSON, not just an object.
    "get_entry_v1": {"$: int for object", "$: list for object", "$: str for object"},
    "get_entry_version_v1": {"$: int for object"},
    "increment_entry_v1": {"$: int for object"},
}
"""Objections that are none, by operation."""


class Schemas:
    """The schemas of the document, and what an answer has against them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._answers = {
            (method.upper(), _anonymous(path)): operation["responses"]
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if isinstance(operation, dict)
        }

    def objections(self, operation: catalog.Operation, response: Response) -> Iterator[str]:
        """Where an answer is not as the document says.

        Not every refusal is documented: those of the gateway are not.
        """
        documented = self._answers[operation.method, _anonymous(operation.path)]
        told = documented.get(str(response.status))
        if told is None:
            if response.status < 400:
                yield f"{response.status} is no status of {operation.name}"
            return
        for media in told.get("content", {}).values():
            yield from self._check(json.loads(response.body), media["schema"], "$")

    def _check(self, value: object, schema: dict[str, Any], path: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if value is None and schema.get("nullable"):
            return
        for part in schema.get("allOf", ()):
            yield from self._check(value, part, path)
        kind = schema.get("type")
        if schema.get("format") == "int64" and isinstance(value, str) and value.isdigit():
            return  # 64-bit integers travel as strings in Protocol Buffers' JSON
        if kind is not None and not isinstance(value, KINDS[kind]):
            yield f"{path}: {type(value).__name__} for {kind}"
        elif value not in schema.get("enum", [value]):
            yield f"{path}: none of its words"
        elif isinstance(value, list):
            for item in value:
                yield from self._check(item, schema.get("items", {}), f"{path}[]")
        elif isinstance(value, dict) and "properties" in schema:
            yield from (
                f"{path}.{name}: missing"
                for name in schema.get("required", [])
                if name not in value
            )
            for name, member in value.items():
                if name in schema["properties"]:
                    yield from self._check(member, schema["properties"][name], f"{path}.{name}")
                elif not schema.get("additionalProperties"):
                    yield f"{path}.{name}: not in the document"


def _anonymous(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


class Listening(RequestsTransport):
    """A transport that holds every answer against the document."""

    def __init__(self, schemas: Schemas) -> None:
        super().__init__()
        self._schemas = schemas
        self.asked: set[str] = set()
        self.objections: set[str] = set()

    def send(self, request: Request, *, timeout: float) -> Response:
        """As the base class."""
        response = super().send(request, timeout=timeout)
        operation = catalog.operations().get(request.operation or "")
        if operation is None:  # an address that an answer gave
            return response
        self.asked.add(operation.name)
        found = set(self._schemas.objections(operation, response))
        found -= APART.get(operation.name, set())
        self.objections |= {f"{operation.name} {each}" for each in found}
        return response


@pytest.fixture
def client(cloud: Sandbox) -> Iterator[Client]:
    """The key's client. Where the document is at hand, each good answer is held against it."""
    transport = RequestsTransport()
    if DOCUMENT.exists():
        transport = Listening(Schemas(json.loads(DOCUMENT.read_bytes())))
    with Client(api_key=cloud.api_key, api_base=cloud.api_base, transport=transport) as made:
        yield made
    transport.close()
    if isinstance(transport, Listening):
        assert not transport.objections
