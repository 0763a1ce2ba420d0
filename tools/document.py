"""Reading Roblox's OpenAPI document: operations, and schemas as type expressions.

A type expression is a word of the catalogue's small language: ``string``,
``integer``, ``number``, ``boolean``, ``timestamp``, ``duration``, ``bytes`` (in
base64), ``file``, ``json`` (any JSON value), ``list[...]``, ``map[...]``, or the name of a model.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OVERLAY = Path(__file__).with_name("overlay")

Facts = dict[str, Any]  # JSON, and trusted: it comes from our own checkout

STRINGS = {"date-time": "timestamp", "duration": "duration", "binary": "file", "byte": "bytes"}
ANYTHING = "GoogleProtobufValue"
ID = re.compile(
    r"(?:.*(?:Asset|Universe|Place|Badge|GamePass|User|Group|Image)"
    r"|asset|universe|place|user|group|image)Id"
)
"""Names of members that are ids in digits, though the document calls them strings."""


def overlay(name: str) -> Facts:
    """One file of the hand-kept overlay."""
    return tomllib.loads((OVERLAY / f"{name}.toml").read_text())


def snake(name: str) -> str:
    """``universeId`` becomes ``universe_id``; ``content-md5`` becomes ``content_md5``."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", name)
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", words).lower()


def camel(name: str) -> str:
    """``universe_id`` becomes ``universeId``."""
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)


def pascal(name: str) -> str:
    """``game_join`` or ``gameJoin`` becomes ``GameJoin``."""
    return "".join(each[:1].upper() + each[1:] for each in re.split(r"[^A-Za-z0-9]+", name))


class Document:
    """The document.

    Args:
        content: As decoded.

    Attributes:
        schemas: By name.
        operations: Facts by ``METHOD /path``.
    """

    def __init__(self, content: Facts) -> None:
        self._content = content
        self.schemas: dict[str, Facts] = content["components"]["schemas"]
        self.operations: dict[str, Facts] = {
            f"{method.upper()} {path}": facts
            for path, methods in content["paths"].items()
            for method, facts in methods.items()
            if isinstance(facts, dict)
        }

    def resolve(self, schema: Facts) -> tuple[str, Facts]:
        """The schema behind references, and the last name it went by (perhaps none).

        What stands beside a reference (nullable, read-only) is kept.
        """
        name = ""
        while True:
            inner = schema.get("allOf") or []
            if len(inner) == 1:
                schema = {**{k: v for k, v in schema.items() if k != "allOf"}, **inner[0]}
            if "$ref" not in schema:
                return name, schema
            found: Any = self._content
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            name = schema["$ref"].rpartition("/")[2]
            own = schema.get("properties", {})
            schema = {**{k: v for k, v in schema.items() if k != "$ref"}, **found}
            if own:
                schema["properties"] = found.get("properties", {}) | own

    def body(self, facts: Facts) -> tuple[str, Facts]:
        """Media type and schema of what an operation takes; both empty if nothing."""
        request = self.resolve(facts.get("requestBody", {}))[1]
        content = request.get("content", {})
        if not content:
            return "", {}
        media = "application/json" if "application/json" in content else next(iter(content))
        return media, content[media].get("schema", {})

    def status(self, facts: Facts) -> int:
        """The status of a good answer."""
        return min(int(status) for status in facts["responses"] if status.startswith("2"))

    def answer(self, facts: Facts) -> Facts:
        """The schema of a good answer; empty if it says nothing."""
        for status, response in facts["responses"].items():
            content = response.get("content", {})
            if status.startswith("2") and content:
                schema: Facts = next(iter(content.values())).get("schema", {})
                return schema
        return {}

    def properties(self, schema: Facts) -> dict[str, Facts]:
        """The members of an object, those of its alternatives too."""
        schema = self.resolve(schema)[1]
        members: dict[str, Facts] = dict(schema.get("properties", {}))
        for each in schema.get("oneOf", ()):
            members |= self.properties(each)
        return members


@dataclass
class Naming:
    """Names of models: the overlay's word, else the last part of the document's.

    Attributes:
        names: Document's name to ours.
        hand: Models written by hand, by the document's name.
    """

    names: dict[str, str]
    hand: dict[str, str]

    @classmethod
    def from_overlay(cls) -> Naming:
        """As ``overlay/models.toml`` says."""
        facts = overlay("models")
        return cls(facts["names"], facts["hand"])

    def of(self, schema: str) -> str:
        """The Python name of a schema."""
        if schema in self.hand:
            return self.hand[schema]
        return self.names.get(schema) or pascal(schema.rpartition(".")[2])


@dataclass
class Needed:
    """A model that something mentions: its schema's name, members, or words of an enum."""

    schema: str
    members: dict[str, Facts]
    words: list[str]
    required: set[str] = field(default_factory=set)


@dataclass
class Types:
    """Turns schemas into type expressions, and remembers which models they need.

    Attributes:
        needed: Every model and enum met, by its Python name.
    """

    document: Document
    naming: Naming
    needed: dict[str, Needed] = field(default_factory=dict)

    def expression(self, schema: Facts, context: str) -> str:
        """The type of a schema.

        Args:
            schema: The schema.
            context: What an unnamed object or enum here is called; without one,
                an unnamed enum is a string.
        """
        name, found = self.document.resolve(schema)
        if name in self.naming.hand:
            return self.naming.hand[name]
        kind = found.get("type")
        if name == ANYTHING or not (kind or found.get("oneOf")):
            return "json"
        if kind == "array":
            return f"list[{self.expression(found['items'], context)}]"
        if kind == "string":
            return self._string(name, found, context)
        if kind in ("integer", "number", "boolean"):
            return str(kind)
        if self.document.properties(found) and "@type" not in found.get("properties", {}):
            return self._need(name, found, context)
        more = found.get("additionalProperties")
        inside = self.expression(more, context) if isinstance(more, dict) and more else "json"
        return f"map[{inside}]"

    def by_name(self, model: str) -> Needed:
        """A model by its Python name, found in the document if nothing mentioned it yet.

        Raises:
            SystemExit: There is no such schema.
        """
        for name, schema in self.document.schemas.items():
            if model not in self.needed and self.naming.of(name) == model:
                self._need(name, schema, "")
        if model not in self.needed:
            raise SystemExit(f"the overlay names {model}, which is no model")
        return self.needed[model]

    def _string(self, name: str, schema: Facts, context: str) -> str:
        if "enum" in schema and (name or context):
            return self._need(name, schema, context)
        return STRINGS.get(schema.get("format", ""), "string")

    def _need(self, name: str, schema: Facts, context: str) -> str:
        """The model of a schema; schemas that the overlay gives one name are one model."""
        ours = self.naming.of(name) if name else self.naming.names.get(context, context)
        known = self.needed.setdefault(ours, Needed(name or context, {}, schema.get("enum", [])))
        theirs = name or context
        if theirs not in self.naming.names and known.schema != theirs:
            raise SystemExit(f"overlay/models.toml: {known.schema} and {theirs} are both {ours}")
        known.members.update(self.document.properties(schema))
        known.required.update(schema.get("required", ()))
        return ours


def models_in(expression: str) -> Iterator[str]:
    """The names of models that a type expression mentions."""
    return (word for word in re.findall(r"\w+", expression) if word[0].isupper())
