"""The sandbox's answers, held against Roblox's OpenAPI document."""

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
from rblx_oauth.sandbox.behaviour import BEHAVIOURS
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
    "$.operationId: not in the document",
    "$.metadata: not in the document",
    # Only a universe made from a template has one.
    "$.templateRootPlace: missing",
}


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
        """Where an answer is not as the document says."""
        documented = self._answers[operation.method, _anonymous(operation.path)]
        for media in documented[str(response.status)].get("content", {}).values():
            yield from self._check(json.loads(response.body), media["schema"], "$")

    def _check(self, value: object, schema: dict[str, Any], path: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
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
                else:
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
        operation = catalog.operation(request.operation or "")
        self.asked.add(operation.name)
        self.objections |= set(self._schemas.objections(operation, response))
        return response


def test_answers_are_as_roblox_documents_them(cloud: Sandbox) -> None:
    """Every operation that the sandbox serves, read with a key."""
    if not DOCUMENT.exists():
        pytest.skip("needs Roblox's OpenAPI document beside the checkout, at shared/opencloud.json")
    transport = Listening(Schemas(json.loads(DOCUMENT.read_bytes())))
    client = Client(api_key=cloud.api_key, api_base=cloud.api_base, transport=transport)
    user = client.user(cloud.users[0]["id"])
    user.get()
    for made in cloud.universes[:3]:
        client.universe(made["id"]).get()
    universe = client.universe(cloud.universes[0]["id"])
    universe.publish_message("topic", "message")
    store = universe.data_store("coins")
    store.create("key", {"a": [1]}, users=[1], attributes={"b": 2})
    store.get("key")
    store.set("key", 1)
    store.increment("key")
    store.delete("key")
    list(store.revisions("key"))
    list(store.entries(show_deleted=True))
    list(universe.data_stores())
    for name in ("Hat", "A rejected hat"):
        operation = user.assets.create(b"\x89PNG\r\n\x1a\n", type="Decal", name=name)
        operation.status()
        cloud.clock.advance(2)
        asset = operation.status().response
        if asset is not None:
            client.asset(asset.id).get()
    transport.close()
    assert transport.asked == set(BEHAVIOURS)
    assert transport.objections <= APART
