"""Build ``rblx_oauth/catalog/operations.json`` from Roblox's OpenAPI document.

    python -m tools.build_catalogue path/to/opencloud.json [--check]

The document gives methods, paths, parameters, scopes, credentials, limits and
stability; ``catalogue_overlay.toml`` names the operations and corrects what
the document has wrong. ``--check`` writes nothing and fails when the committed
catalogue differs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OVERLAY = Path(__file__).with_name("catalogue_overlay.toml")
TARGET = ROOT / "rblx_oauth" / "catalog" / "operations.json"
IDENTITY_SCOPES = ("openid", "profile")
SHARED = "parameter_facts"
CREDENTIALS = {"roblox-oauth2": "token", "roblox-api-key": "api_key"}
PERIODS = {"SECOND": 1, "MINUTE": 60}

Facts = dict[str, Any]  # JSON, and trusted: it comes from our own checkout


def main(arguments: list[str] | None = None) -> int:
    """Write the catalogue, or compare it. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("document", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    text = render(json.loads(options.document.read_bytes()), tomllib.loads(OVERLAY.read_text()))
    if options.check:
        if TARGET.read_text() != text:
            print("operations.json is stale: run python -m tools.build_catalogue")
            return 1
        return 0
    TARGET.write_text(text)
    return 0


def render(document: Facts, overlay: dict[str, Facts]) -> str:
    """The catalogue as JSON text, one operation a line."""
    found = index(document)
    shared = overlay.pop(SHARED)
    rows = [
        build(name, {SHARED: shared, **facts}, *locate(found, name, facts))
        for name, facts in overlay.items()
    ]
    lines = ",\n".join("    " + json.dumps(row, separators=(", ", ": ")) for row in rows)
    scopes = json.dumps(scopes_of(document))
    return f'{{\n  "scopes": {scopes},\n  "operations": [\n{lines}\n  ]\n}}\n'


def index(document: Facts) -> dict[str, list[tuple[str, str, Facts]]]:
    """Operations by operationId: (method, path, facts)."""
    found: dict[str, list[tuple[str, str, Facts]]] = {}
    for path, methods in document["paths"].items():
        for method, facts in methods.items():
            if isinstance(facts, dict) and "operationId" in facts:
                found.setdefault(facts["operationId"], []).append((method.upper(), path, facts))
    return found


def locate(
    found: dict[str, list[tuple[str, str, Facts]]], name: str, overlay: Facts
) -> tuple[str, str, Facts]:
    """The one operation that the overlay means."""
    matches = [
        match
        for match in found.get(str(overlay["id"]), [])
        if overlay.get("path", match[1]) == match[1]
    ]
    if len(matches) != 1:
        sys.exit(f"{name}: {len(matches)} operations match {overlay['id']}")
    return matches[0]


def build(name: str, overlay: Facts, method: str, path: str, facts: Facts) -> Facts:
    """One row of the catalogue."""
    row: Facts = {
        "name": name,
        "family": overlay["family"],
        "method": method,
        "path": re.sub(r"\{(\w+)\}", lambda match: "{" + snake(match[1]) + "}", path),
        "parameters": parameters(overlay, facts),
        "credentials": [
            CREDENTIALS[scheme] for alternative in facts["security"] for scheme in alternative
        ],
        "scopes": overlay.get(
            "scopes",
            [scope["name"] for scope in facts.get("x-roblox-scopes", ())],
        ),
        **limits(facts.get("x-roblox-rate-limits", {})),
        "stability": facts.get("x-roblox-stability", "STABLE"),
        "docs": facts.get("externalDocs", {}).get("url", ""),
        "original_id": facts.get("operationId", ""),
    }
    for key in ("paging", "result", "items", "items_field", "repeat"):
        if key in overlay:
            row[key] = overlay[key]
    return {key: value for key, value in row.items() if value not in ("", [], None)}


def parameters(overlay: Facts, facts: Facts) -> list[Facts]:
    """Path and query parameters of the document, body members of the overlay."""
    rename: dict[str, str] = overlay.get("rename", {})
    required: list[str] = overlay.get("required", [])
    rows: list[Facts] = [
        {
            "name": rename.get(each["name"], snake(each["name"])),
            "wire": each["name"],
            "place": each["in"],
            "type": each["schema"].get("type", "any"),
            "required": each.get("required", False) or each["name"] in required,
        }
        for each in facts.get("parameters", ())
    ]
    content = facts.get("requestBody", {}).get("content", {})
    place = "part" if "multipart/form-data" in content else "json"
    for name, (wire, kind, needed) in overlay.get("body", {}).items():
        rows.append({"name": name, "wire": wire, "place": place, "type": kind, "required": needed})
    shared: dict[str, Facts] = overlay[SHARED]
    own: dict[str, Facts] = overlay.get("parameters", {})
    for row in rows:
        row.update(own.get(str(row["name"]), shared.get(str(row["name"]), {})))
    return rows


def limits(facts: Facts) -> dict[str, Facts]:
    """Both rate limits, as counts and seconds."""
    named = {"token_limit": "perOauth2Authorization", "key_limit": "perApiKeyOwner"}
    return {
        ours: {"count": facts[theirs]["maxInPeriod"], "seconds": PERIODS[facts[theirs]["period"]]}
        for ours, theirs in named.items()
        if theirs in facts
    }


def scopes_of(document: Facts) -> list[str]:
    """Every scope the document names, and the two of OpenID Connect."""
    named = {
        scope["name"]
        for methods in document["paths"].values()
        for facts in methods.values()
        if isinstance(facts, dict)
        for scope in facts.get("x-roblox-scopes", ())
    }
    return [*IDENTITY_SCOPES, *sorted(named)]


def snake(name: str) -> str:
    """``universeId`` becomes ``universe_id``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


if __name__ == "__main__":
    sys.exit(main())
