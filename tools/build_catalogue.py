"""Build ``rblx_oauth/catalog/operations.json`` from Roblox's OpenAPI document.

    python -m tools.build_catalogue path/to/opencloud.json [--check]

The document gives methods, paths, parameters, scopes, credentials, limits and
stability; ``overlay/operations.toml`` names the operations, and
``overlay/corrections.toml`` says what the document does not, or says wrongly.
``--check`` writes nothing, and fails when the committed catalogue differs: it
then says which operations the document adds, drops or changes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.document import ID, Document, Facts, Naming, Types, overlay, pascal, snake

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "rblx_oauth" / "catalog" / "operations.json"
IDENTITY_SCOPES = ("openid", "profile")
CREDENTIALS = {"roblox-oauth2": "token", "roblox-api-key": "api_key"}
PERIODS = {"SECOND": 1, "MINUTE": 60}
TOKENS = ("page_token", "cursor", "next_cursor")
SIZES = ("max_page_size", "page_size", "limit")
PLAIN = (
    "scopes",
    "answer",
    "result",
    "items",
    "items_field",
    "paging",
    "polled_by",
    "repeat",
    "deprecated",
)
"""Corrections that take the place of a fact by that name."""
KEYS = ("next", "rename", "required", "drop", "add", "parameters")
"""The other corrections."""
NUMBERS = ("integer", "id")
"""The document's type and ours, of an id that is a number in a body."""
NEXT = ("nextPageToken", "nextPageCursor", "nextCursor")


def main(arguments: list[str] | None = None) -> int:
    """Write the catalogue, or compare it. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("document", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    document = Document(json.loads(options.document.read_bytes()))
    named = names()
    unknown = sorted(named.keys() - document.operations.keys())
    missing = sorted(document.operations.keys() - named.keys())
    for problem, paths in (("no longer in the document", unknown), ("without a name", missing)):
        for path in paths:
            print(f"{problem}: {path}")
    if unknown or missing:
        print("put overlay/operations.toml right")
        return 1
    text = render(document, named)
    if options.check:
        changed = list(differences(TARGET.read_text(), text))
        if changed:
            print("operations.json is stale, run python -m tools.build_catalogue:")
            print("\n".join(changed))
        return bool(changed)
    TARGET.write_text(text)
    return 0


def names() -> dict[str, tuple[str, str]]:
    """Family and name by ``METHOD /path``, in the overlay's order."""
    return {
        path: (family, name)
        for family, members in overlay("operations").items()
        for name, path in members.items()
    }


def differences(old: str, new: str) -> Iterator[str]:
    """What changed from one catalogue to another, an operation a line."""
    before, after = (
        {row["name"]: row for row in json.loads(text)["operations"]} for text in (old, new)
    )
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"dropped: {name}"
        elif name not in before:
            yield f"added: {name}"
        elif before[name] != after[name]:
            facts = sorted(
                key
                for key in before[name].keys() | after[name].keys()
                if before[name].get(key) != after[name].get(key)
            )
            yield f"changed: {name} ({', '.join(facts)})"
    if old != new and json.loads(old)["scopes"] != json.loads(new)["scopes"]:
        yield "changed: the scopes"


def render(document: Document, named: dict[str, tuple[str, str]]) -> str:
    """The catalogue as JSON text, one operation a line."""
    build = Builder(document)
    rows = [build.row(path, family, name) for path, (family, name) in named.items()]
    build.check_all_used()
    lines = ",\n".join("    " + json.dumps(row, separators=(", ", ": ")) for row in rows)
    scopes = json.dumps(scopes_of(document))
    return f'{{\n  "scopes": {scopes},\n  "operations": [\n{lines}\n  ]\n}}\n'


class Builder:
    """Makes the rows of the catalogue.

    Attributes:
        types: The models that the rows mention.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._corrections = overlay("corrections")
        self._shared: Facts = self._corrections.pop("parameter_facts")
        self._used: set[str] = set()
        self.types = Types(document, Naming.from_overlay())

    def check_all_used(self) -> None:
        """Every correction is of something that the document has.

        Raises:
            SystemExit: Some are not; it names them.
        """
        said = {f"{name}.{key}" for name, own in self._corrections.items() for key in own}
        for name, own in self._corrections.items():
            for key in ("rename", "required", "drop", "parameters"):
                said |= {f"{name}.{key}.{each}" for each in own.get(key, ())}
        said |= {f"parameter_facts.{name}" for name in self._shared}
        if unused := sorted(said - self._used):
            sys.exit(f"overlay/corrections.toml: nothing is corrected by {', '.join(unused)}")

    def row(self, path: str, family: str, name: str) -> Facts:
        """One row, without what is empty."""
        facts = self._document.operations[path]
        own: Facts = self._corrections.get(name, {})
        method, template = path.split(" ")
        parameters = self._parameters(name, method, own, facts)
        renamed = {each["wire"]: each["name"] for each in parameters if each["place"] == "path"}
        row: Facts = {
            "name": name,
            "family": family,
            "method": method,
            "path": re.sub(r"\{([^}]+)\}", lambda each: f"{{{renamed[each[1]]}}}", template),
            "server": facts.get("servers", [{"url": ""}])[0]["url"],
            "parameters": parameters,
            "credentials": sorted({CREDENTIALS[key] for each in facts["security"] for key in each}),
            "scopes": [scope["name"] for scope in facts.get("x-roblox-scopes", ())],
            **limits(facts.get("x-roblox-rate-limits", {})),
            "status": self._document.status(facts),
            "media": self._document.body(facts)[0],
            **self._answer(name, facts, parameters, own),
            "repeat": repeat(method, parameters),
            "stability": facts.get("x-roblox-stability", ""),
            "deprecated": bool(facts.get("deprecated") or facts.get("x-roblox-deprecated")),
            "docs": facts.get("externalDocs", {}).get("url", ""),
            "original_id": facts.get("operationId", ""),
        }
        row |= {key: own[key] for key in PLAIN if key in own}
        self._used |= {f"{name}.{key}" for key in own.keys() & {*PLAIN, *KEYS}}
        return {key: value for key, value in row.items() if value not in ("", [], None, False, 200)}

    def _answer(
        self, name: str, facts: Facts, parameters: list[Facts], own: Facts
    ) -> dict[str, object]:
        """What the answer is, and how a listing is turned."""
        if "result" in own or "items" in own:
            return {"paging": self._paging(parameters, {own.get("next", NEXT[0]): {}})}
        schema = self._document.answer(facts)
        if not schema:
            return {}
        members = self._document.properties(schema)
        lists = {key: each for key, each in members.items() if each.get("type") == "array"}
        paging = self._paging(parameters, members)
        context = pascal(name) + "Item"
        if lists and (paging or len(members) == 1):
            field, first = next(iter(lists.items()))
            return {
                "items": self.types.expression(first["items"], context),
                "items_field": field,
                "paging": paging,
            }
        result = self.types.expression(schema, pascal(name) + "Result")
        # An object that is never anything but empty says nothing.
        return {"result": "" if result == "map[json]" else result}

    def _paging(self, parameters: list[Facts], members: Facts) -> Facts | None:
        present = [each["name"] for each in parameters]
        token = next((each for each in TOKENS if each in present), None)
        following = next((each for each in NEXT if each in members), None)
        if token is None or following is None:
            return None
        size = next((each for each in SIZES if each in present), "")
        paging = {"token": token, "size": size, "next": following}
        return {key: value for key, value in paging.items() if value not in ("", "nextPageToken")}

    def _parameters(self, name: str, method: str, own: Facts, facts: Facts) -> list[Facts]:
        rename: dict[str, str] = own.get("rename", {})
        dropped: list[str] = own.get("drop", [])
        rows = [
            self._parameter(
                each["name"], each["in"], each["schema"], bool(each.get("required")), name
            )
            for each in facts.get("parameters", ())
        ]
        taken = {row["wire"] for row in rows}
        rows += [row for row in self._body(name, method, facts) if row["wire"] not in taken]
        self._used |= {f"{name}.drop.{row['wire']}" for row in rows}
        rows = [row for row in rows if row["wire"] not in dropped] + own.get("add", [])
        for row in rows:
            self._used.add(f"{name}.rename.{row['wire']}")
            row["name"] = rename.get(row["wire"], row["name"])
            row["required"] = row["required"] or row["name"] in own.get("required", ())
            self._used |= {f"{name}.{key}.{row['name']}" for key in ("required", "parameters")}
            self._used.add(f"parameter_facts.{row['name']}")
            known: Facts = {**self._shared, **own.get("parameters", {})}.get(row["name"]) or {}
            is_number = row["place"] == "json" and (row["type"], known.get("type")) == NUMBERS
            row.update(known)
            if is_number:
                row["type"] = "id_number"
        return [
            {
                key: value
                for key, value in row.items()
                if value not in (False, []) and (key, value) != ("type", "string")
            }
            for row in rows
        ]

    def _body(self, name: str, method: str, facts: Facts) -> Iterator[Facts]:
        media, body = self._document.body(facts)
        if not media:
            return
        schema = self._document.resolve(body)[1]
        required = schema.get("required", ())
        place = "part" if media == "multipart/form-data" else "json"
        members = self._document.properties(body)
        if not members and schema.get("type") != "object":
            yield self._parameter("content", "body", body, True, name)
        for wire, each in members.items():
            found = self._document.resolve(each)[1]
            fixed = found.get("x-immutable") and method == "PATCH"
            if wire == "path" or fixed or found.get("readOnly"):
                continue
            yield self._parameter(wire, place, each, wire in required, name)

    def _parameter(
        self, wire: str, place: str, schema: Facts, required: bool, operation: str
    ) -> Facts:
        kind = self.types.expression(
            schema, "" if place != "json" else pascal(operation) + pascal(wire)
        )
        found = self._document.resolve(schema)[1]
        if (place == "path" and kind == "integer") or (kind == "string" and ID.fullmatch(wire)):
            kind = "id"
        return {
            "name": snake(wire),
            "wire": wire,
            "place": place,
            "type": kind,
            "required": required,
            "values": found.get("enum", []) if kind in ("string", "integer") else [],
        }


def repeat(method: str, parameters: list[Facts]) -> str:
    """Whether it may be sent again, as far as the method tells (RFC 9110 9.2.2)."""
    if method in ("GET", "PUT"):
        return "always"
    if method == "DELETE":
        return "delete"
    names = {each["name"] for each in parameters}
    if "idempotency_key" in names:
        return "key"
    return "etag" if method == "PATCH" and "etag" in names else ""


def limits(facts: Facts) -> dict[str, Facts]:
    """Both rate limits, as counts and seconds."""
    named = {"token_limit": "perOauth2Authorization", "key_limit": "perApiKeyOwner"}
    return {
        ours: {"count": facts[theirs]["maxInPeriod"], "seconds": PERIODS[facts[theirs]["period"]]}
        for ours, theirs in named.items()
        if theirs in facts
    }


def scopes_of(document: Document) -> list[str]:
    """Every scope the document names, and the two of OpenID Connect."""
    named = {
        scope["name"]
        for facts in document.operations.values()
        for scope in facts.get("x-roblox-scopes", ())
    }
    return [*IDENTITY_SCOPES, *sorted(named)]


if __name__ == "__main__":
    sys.exit(main())
