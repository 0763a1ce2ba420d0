"""Generate ``rblx_oauth/api`` from the catalogue.

    python -m tools.build_api            write the modules
    python -m tools.build_api --check    write nothing; fail if one is stale, byte for byte

One module a family, one typed, keyword-only function an operation. A function
checks its arguments and gives a ``Call[T]``; it sends nothing.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from rblx_oauth.catalog import Operation, Parameter, RateLimit, operations
from rblx_oauth.models import MODULES
from tools.api_types import annotation, expression, in_body, in_form, in_text
from tools.document import models_in
from tools.emit import NOTICE, compare

TARGET = Path(__file__).resolve().parent.parent / "rblx_oauth" / "api"
WIDTH = 95
CREDENTIALS = {"token": "an OAuth token", "api_key": "an API key"}
BUILTINS = ("filter", "type", "format")


def main() -> int:
    """Write or check. Returns the exit status."""
    check = "--check" in sys.argv[1:]
    return compare(TARGET, generate(), check=check, remedy="python -m tools.build_api")


def generate() -> dict[str, str]:
    """Every module by file name."""
    ordered = sorted(operations().values(), key=lambda each: each.family)
    families = {
        family: list(members) for family, members in groupby(ordered, lambda each: each.family)
    }
    files = {f"{family}.py": module(family, members) for family, members in families.items()}
    files["__init__.py"] = package(families)
    return files


def package(families: Iterable[str]) -> str:
    """The package: its families as names, each imported when it is first used."""
    names = sorted(families)
    return "\n".join(
        [
            NOTICE.format("build_api")
            + '"""Every operation of Open Cloud as a function that gives a `Call`, by family."""',
            "from importlib import import_module",
            "from types import ModuleType",
            "from typing import TYPE_CHECKING",
            "",
            "if TYPE_CHECKING:",
            f"    from rblx_oauth.api import {', '.join(names)}",
            "",
            f"__all__ = [{', '.join(repr(name) for name in names)}]",
            "",
            "def __getattr__(name: str) -> ModuleType:",
            '    """Import a family at its first use (PEP 562)."""',
            "    if name in __all__:",
            '        return import_module(f"{__name__}.{name}")',
            '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
            "",
            "def __dir__() -> list[str]:",
            "    return __all__",
            "",
        ]
    )


def module(family: str, members: list[Operation]) -> str:
    """The module of one family."""
    # Every import that may be needed; those that are not are taken out again.
    mentioned = {
        name
        for each in members
        for said in (each.result, each.items, *(one.type for one in each.parameters))
        for name in models_in(said)
    }
    head = [
        NOTICE.format("build_api") + f'"""Operations of Open Cloud: {family.replace("_", " ")}."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Iterable, Mapping, Sequence",
        "from datetime import datetime, timedelta",
        "from typing import Literal",
        "from rblx_oauth.catalog import operation",
        "from rblx_oauth.core import arguments, entry_arguments",
        "from rblx_oauth.core.call import Call",
        "from rblx_oauth.core.codec import Page, decoder, nothing, page_decoder",
        "from rblx_oauth.core.message import FilePart, Multipart",
        *(f"from rblx_oauth.models.{MODULES[name]} import {name}" for name in sorted(mentioned)),
        "",
        "",
        "",
    ]
    return "\n".join(head) + "\n\n\n".join(function(each) for each in members) + "\n"


def function(operation: Operation) -> str:
    """The function of one operation."""
    ordered = sorted(operation.parameters, key=lambda each: not each.required)
    star = ["    *,"] if ordered else []
    lines = [f"def {operation.name}(", *star]
    lines += [f"    {signature(each)}" for each in ordered]
    lines += [f") -> Call[{returns(operation)}]:", *docstring(operation), "    return Call("]
    lines += [f"        {line}" for line in call(operation)]
    return "\n".join([*lines, "    )"])


def signature(parameter: Parameter) -> str:
    """One parameter with its annotation."""
    shadows = "  # noqa: A002" if parameter.name in BUILTINS else ""
    optional = "" if parameter.required else " | None = None"
    said = annotation(parameter.type)
    if said == "object":
        optional = optional.replace(" | None", "")
    return f"{parameter.name}: {said}{optional},{shadows}"


def returns(operation: Operation) -> str:
    """What the answer is read as."""
    if operation.items:
        return f"Page[{expression(operation.items)}]"
    return expression(operation.result) if operation.result else "None"


def docstring(operation: Operation) -> list[str]:
    """The facts of an operation, in words."""
    words = operation.name.replace("_", " ")
    takes = " or ".join(
        CREDENTIALS[each] for each in ("token", "api_key") if each in operation.credentials
    )
    facts = [f"Takes {takes}."]
    if operation.scopes:
        facts.append(f"Scopes: {', '.join(f'``{scope}``' for scope in operation.scopes)}.")
    limits = [
        limit_words(limit, who)
        for limit, who in ((operation.token_limit, "token"), (operation.key_limit, "key owner"))
        if limit
    ]
    if limits:
        facts.append(f"At most {', '.join(limits)}.")
    if operation.stability:
        facts.append(f"Stability: {operation.stability.lower()}.")
    if operation.deprecated:
        facts.append("Roblox advises against it.")
    if operation.polled_by:
        facts.append(f"It ends later: ask `{operation.polled_by}`.")
    return [
        f'    """{words[0].upper()}{words[1:]}.',
        "",
        f"    {operation.method}",
        f"    ``{operation.path}``",
        "",
        *wrapped(" ".join(facts)),
        "",
        *details(operation),
        *raises_section(operation),
        f"    See {operation.docs}",
        '    """',
    ]


def details(operation: Operation) -> list[str]:
    """What is known of single parameters, as a list."""
    lines = []
    for each in sorted(operation.parameters, key=lambda one: not one.required):
        facts = []
        if each.max_length:
            unit = "bytes of JSON" if each.type == "json" else "characters"
            facts.append(f"at most {each.max_length:,} {unit}")
        if each.values:
            facts.append(f"one of {', '.join(f'``{value}``' for value in each.values)}")
        if each.type == "mask":
            facts.append("the members to change, comma-separated; by default those given")
        if facts:
            lines += wrapped(f"- `{each.name}`: {'; '.join(facts)}", "    ", "      ")
    return [*lines, ""] if lines else []


def raises_section(operation: Operation) -> list[str]:
    """What the function itself raises."""
    if not operation.parameters:
        return []
    return ["    Raises:", "        ValueError, TypeError: An argument is wrong.", ""]


def limit_words(limit: RateLimit, who: str) -> str:
    """A rate limit in words."""
    period = {1: "second", 60: "minute"}[limit.seconds]
    return f"{limit.count:,} a {period} for one {who}"


def wrapped(text: str, first: str = "    ", others: str = "    ") -> list[str]:
    """Text in lines of the body of a docstring."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def call(operation: Operation) -> list[str]:
    """The arguments of ``Call``."""
    by_place: dict[str, list[Parameter]] = {}
    for each in operation.parameters:
        by_place.setdefault(each.place, []).append(each)
    lines = [f'operation("{operation.name}"),', f"decode={decode(operation)},"]
    if "path" in by_place:
        named = {each.name: each for each in by_place["path"]}
        placeholders = [part.split("}")[0] for part in operation.path.split("{")[1:]]
        lines += ["path=(", *(f"    {in_text(named[name])}," for name in placeholders), "),"]
    members = {each.wire: each.name for each in by_place.get("json", ())}
    for place, argument in (("query", "query"), ("header", "headers")):
        if place in by_place:
            pairs = [f'    ("{each.wire}", {in_text(each, members)}),' for each in by_place[place]]
            lines += [f"{argument}=arguments.given(", *pairs, "),"]
    lines += body(by_place, operation.media)
    guards = [each.name for each in operation.parameters if each.name in GUARDS]
    if guards:
        lines.append(f"guarded={guards[0]} is not None,")
    return lines


GUARDS = ("etag", "idempotency_key")
"""Parameters that make a second try harmless."""


def body(by_place: dict[str, list[Parameter]], media: str) -> list[str]:
    """The body, whatever it is made of."""
    if "body" in by_place:
        (only,) = by_place["body"]
        written = in_body(only)
        return [
            f"body={written}," if only.type == "file" else f"body=arguments.encoded({written}),"
        ]
    if "json" in by_place:
        pairs = [f'        "{each.wire}": {in_body(each)},' for each in by_place["json"]]
        return ["body=arguments.json_body(", "    {", *pairs, "    }", "),"]
    if "part" in by_place:
        pairs = [f'        "{each.wire}": {in_form(each)},' for each in by_place["part"]]
        return ["body=Multipart(", "    {", *pairs, "    }", "),"]
    return ['body=b"{}",'] if media else []


def decode(operation: Operation) -> str:
    """What reads the answer."""
    if operation.items:
        following = operation.paging.next if operation.paging else "nextPageToken"
        more = "" if following == "nextPageToken" else f', "{following}"'
        return f'page_decoder({expression(operation.items)}, "{operation.items_field}"{more})'
    return f"decoder({expression(operation.result)})" if operation.result else "nothing"


if __name__ == "__main__":
    sys.exit(main())
