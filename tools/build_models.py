"""Generate ``rblx_oauth/models/generated`` from Roblox's OpenAPI document.

    python -m tools.build_models path/to/opencloud.json [--check]

One msgspec struct a schema, one module a family of operations; what several
families share is in ``shared``. Names follow ``overlay/models.toml``, which also
says which models are written by hand instead. ``--check`` writes nothing and
fails when a module is stale, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from rblx_oauth.models import MODULES
from tools.build_catalogue import Builder, names
from tools.document import (
    ID,
    Document,
    Facts,
    Needed,
    Types,
    camel,
    models_in,
    overlay,
    pascal,
    snake,
)
from tools.emit import NOTICE, compare

TARGET = Path(__file__).resolve().parent.parent / "rblx_oauth" / "models" / "generated"

# A moment has one name whatever Roblox calls it where.
MOMENTS = {
    "create_time": "created_at",
    "created_time": "created_at",
    "created_timestamp": "created_at",
    "created": "created_at",
    "update_time": "updated_at",
    "updated_time": "updated_at",
    "updated_timestamp": "updated_at",
    "updated": "updated_at",
    "expire_time": "expires_at",
}
ANNOTATIONS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "timestamp": "Timestamp",
    "duration": "Duration",
    "bytes": "bytes",
    "json": "object",
    "id": "ResourceId",
    "reference": "ResourceId",
}
DEFAULTS = {"str": '""', "bytes": 'b""', "bool": "False", "object": "None"}
IDS = {"int": "0", "str": '""'}
"""What an id is that Roblox leaves out; it has no None, so that it can be given back."""
REFERENCE = re.compile(r"(users|groups|places|universes|groups/\d+/roles)/\d+")


def main(arguments: list[str] | None = None) -> int:
    """Write or check. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("document", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    models = Models(Document(json.loads(options.document.read_bytes())))
    models.check_all_used()
    return compare(
        TARGET, models.files(), check=options.check, remedy="python -m tools.build_models"
    )


class Models:
    """Finds which models the operations need, and writes them."""

    def __init__(self, document: Document) -> None:
        facts = overlay("models")
        self._members: dict[str, dict[str, str]] = facts.get("members", {})
        self._kinds: dict[str, dict[str, str]] = facts.get("types", {})
        builder = Builder(document)
        self._types: Types = builder.types
        self._hand = set(self._types.naming.hand.values())
        self._families: dict[str, set[str]] = defaultdict(set)
        self._sent: set[str] = set()
        for path, (family, name) in names().items():
            row = builder.row(path, family, name)
            for each in row.get("parameters", ()):
                self._follow(each.get("type", ""), family, sent=True)
            self._follow(row.get("result", "") + " " + row.get("items", ""), family, sent=False)

    def check_all_used(self) -> None:
        """Everything that the overlay says of models is of one that is needed.

        Raises:
            SystemExit: Something is not; it is named.
        """
        naming, schemas = self._types.naming, self._types.document.schemas
        met = self._families.keys()
        unused = [f"names.{schema}" for schema, model in naming.names.items() if model not in met]
        unused += [
            f"hand.{key}" for key in naming.hand if not {key, naming.hand[key]} & {*schemas, *met}
        ]
        for part, said in (("members", self._members), ("types", self._kinds)):
            for model, members in said.items():
                needed = self._types.needed.get(model)
                known = needed.members if needed else {}
                unused += [f"{part}.{model}.{wire}" for wire in members if wire not in known]
        if unused:
            sys.exit(f"overlay/models.toml: no model needs {', '.join(unused)}")

    def _follow(self, expression: str, family: str, *, sent: bool) -> None:
        """Note what uses the models of an expression, and those inside them."""
        for model in models_in(expression):
            known = family in self._families[model] and (not sent or model in self._sent)
            if known or model in self._hand:
                continue
            self._families[model].add(family)
            if sent:
                self._sent.add(model)
            needed = self._types.by_name(model)
            for wire, schema in list(needed.members.items()):
                self._follow(self._kind(model, wire, schema), family, sent=sent)

    def _kind(self, model: str, wire: str, schema: Facts) -> str:
        special = self._kinds.get(model, {}).get(wire)
        if special:
            return special
        kind = self._types.expression(schema, model + pascal(wire))
        if kind not in ("string", "list[string]") or wire == "path":
            return kind
        example = str(self._types.document.resolve(schema)[1].get("example", ""))
        if REFERENCE.fullmatch(example):
            return kind.replace("string", "reference")
        is_id = ID.fullmatch(wire) or (wire.lower().endswith("id") and example.isdigit())
        return "id" if is_id and kind == "string" else kind

    def files(self) -> dict[str, str]:
        """Every module by file name."""
        homes: dict[str, str] = {}
        for model, families in sorted(self._families.items()):
            if model not in self._hand:
                homes[model] = next(iter(families)) if len(families) == 1 else "shared"
        modules: dict[str, list[str]] = defaultdict(list)
        for model, home in homes.items():
            modules[home].append(model)
        files = {
            f"{home}.py": self._module(home, members, homes) for home, members in modules.items()
        }
        files["__init__.py"] = package(modules)
        return files

    def _module(self, home: str, members: list[str], homes: dict[str, str]) -> str:
        body = "\n\n\n".join(
            self._enum(model, self._types.needed[model])
            if self._types.needed[model].words
            else self._struct(model, self._types.needed[model])
            for model in members
        )
        what = "several families" if home == "shared" else home.replace("_", " ")
        # Every import that may be needed; those that are not are taken out again.
        elsewhere = {**HAND, **{model: f"generated.{at}" for model, at in homes.items()}}
        lines = [
            NOTICE.format("build_models") + f'"""Models of {what}."""',
            "from __future__ import annotations",
            "import msgspec",
            "from collections.abc import Mapping",
            "from rblx_oauth.models.base import Duration, Model, OpenEnum, ResourceId, Timestamp",
            *(
                f"from rblx_oauth.models.{module} import {model}"
                for model, module in sorted(elsewhere.items())
                if model not in members
            ),
        ]
        return "\n".join([*lines, "", "", body, ""])

    def _enum(self, model: str, needed: Needed) -> str:
        head = [f"class {model}(OpenEnum):", f'    """Words of {schema_words(needed)}."""', ""]
        prefix = common_prefix(needed.words)
        return "\n".join(head + [f'    {member(word, prefix)} = "{word}"' for word in needed.words])

    def _struct(self, model: str, needed: Needed) -> str:
        lines = [
            f"class {model}(Model, frozen=True, kw_only=True):",
            f'    """What Roblox calls {schema_words(needed)}."""',
            "",
        ]
        fields = [
            self._field(model, wire, each, needed)
            for wire, each in needed.members.items()
            if wire != "@type"
        ]
        lines += [f"    {each}" for each in fields]
        return "\n".join(lines + self._identity(needed))

    def _identity(self, needed: Needed) -> list[str]:
        """The id of a resource that has none but in its path."""
        path = self._types.document.resolve(needed.members.get("path", {}))[1]
        if "id" in needed.members or not re.search(r"/\d+$", str(path.get("example", ""))):
            return []
        return [
            "",
            "    @property",
            "    def id(self) -> int:",
            '        """The id that the path ends with."""',
            "        return ResourceId.from_wire(self.path)",
        ]

    def _field(self, model: str, wire: str, schema: Facts, needed: Needed) -> str:
        kind = self._kind(model, wire, schema)
        name = self._name(model, wire, kind)
        annotation = annotated(kind)
        nullable = self._types.document.resolve(schema)[1].get("nullable")
        if model in self._sent:
            if "ResourceId" in annotation:
                raise SystemExit(f"overlay/models.toml: {model}.{wire} is sent, what as?")
            optional = wire not in needed.required
            default = "None" if optional else ""
            annotation += " | None" if (optional or nullable) and annotation != "object" else ""
        else:
            default = IDS.get(annotation, "") if name == "id" else ""
            default = default or default_of(annotation, bool(nullable))
            annotation += " | None" if default == "None" and annotation != "object" else ""
        if camel(name) == wire:
            return f"{name}: {annotation}" + (f" = {default}" if default else "")
        more = {"[]": ", default_factory=list", "{}": ", default_factory=dict", "": ""}
        tail = more.get(default, f", default={default}")
        return f'{name}: {annotation} = msgspec.field(name="{wire}"{tail})'

    def _name(self, model: str, wire: str, kind: str) -> str:
        own = self._members.get(model, {}).get(wire)
        if own:
            return own
        name = snake(wire)
        if kind == "timestamp":
            return MOMENTS.get(name, name)
        if kind == "reference":
            return f"{name}_id"
        if kind == "list[reference]":
            return f"{name.removesuffix('s')}_ids"
        return name


HAND = {model: at for model, at in MODULES.items() if not at.startswith("generated.")}
"""Where the models written by hand are."""


def schema_words(needed: Needed) -> str:
    """The schema's name, to look it up by."""
    return f"``{needed.schema}``"


def annotated(kind: str) -> str:
    """A type expression as a Python annotation."""
    inside = re.fullmatch(r"(list|map)\[(.*)\]", kind)
    if inside is None:
        return ANNOTATIONS.get(kind, kind)
    if inside[1] == "list":
        return f"list[{annotated(inside[2])}]"
    return f"Mapping[str, {annotated(inside[2])}]"


def default_of(annotation: str, nullable: bool) -> str:
    """What a member is when an answer leaves it out."""
    if nullable:
        return "None"
    if annotation.startswith("list["):
        return "[]"
    if annotation.startswith("Mapping["):
        return "{}"
    return DEFAULTS.get(annotation, "None")


def common_prefix(words: list[str]) -> str:
    """``STATE_`` of ``STATE_UNSPECIFIED``: what the words repeat of their enum's name."""
    first = words[0]
    if first.endswith("_UNSPECIFIED"):
        return first.removesuffix("UNSPECIFIED")
    shared = first.rpartition("_")[0] + "_"
    while len(shared) > 1 and not all(word.startswith(shared) for word in words):
        shared = shared[:-1].rpartition("_")[0] + "_"
    return shared if len(words) > 1 and len(shared) > 1 else ""


def member(word: str, prefix: str) -> str:
    """The name of an enum's member."""
    short = word.removeprefix(prefix) or word
    return snake(short if short[0].isalpha() else word).upper()


def package(modules: dict[str, list[str]]) -> str:
    """The package: where each model is, and all of them for type checkers."""
    lines = [
        NOTICE.format("build_models")
        + '"""Models made from Roblox\'s OpenAPI document, by family."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING",
        "",
        "if TYPE_CHECKING:",
    ]
    for home, members in sorted(modules.items()):
        lines.append(f"    from rblx_oauth.models.generated.{home} import (")
        lines += [f"        {each} as {each}," for each in sorted(members)]
        lines.append("    )")
    lines += ["", "HOMES = {"]
    found = {each: home for home, members in modules.items() for each in members}
    lines += [f'    "{each}": "{found[each]}",' for each in sorted(found)]
    return "\n".join([*lines, "}", '"""The module of each model."""', ""])


if __name__ == "__main__":
    sys.exit(main())
