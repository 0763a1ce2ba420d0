"""Write ``docs/sandbox-operations.md``: what the sandbox does for every operation.

    python -m tools.sandbox_table           write the page
    python -m tools.sandbox_table --check   write nothing; fail if the page is stale

All that it says is in the catalogue and in `rblx_oauth.sandbox.behaviour`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from rblx_oauth.catalog import Operation, operations
from rblx_oauth.sandbox.behaviour import source_of
from tools.emit import write_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sandbox-operations.md"
INTRODUCTION = """\
# What the sandbox does for each operation

All {count} operations of Open Cloud are served by the [sandbox](sandbox.md), each with Roblox's
credentials, scopes, grants, limits and checks of what is sent. What answers then:

| | | operations |
|---|---|---|
| **state** | the sandbox keeps what is sent, and tells what it keeps | {state} |
| **made up** | an answer made for the request, the same one every time | {made_up} |
| **example** | an answer made of the types alone | {example} |

What is not kept says so: `x-sandbox-example: true` is among the headers of the last two. No
operation is answered with 501 Not Implemented, but for those that need a library which is not
installed: the answer names it. Made by `python -m tools.sandbox_table`; edit it there.
"""
HEAD = "| operation | request | answered from |\n|---|---|---|"


def render() -> str:
    """The page."""
    ordered = sorted(operations().values(), key=lambda each: each.family)
    counts = Counter(source_of(each.name) for each in ordered)
    introduction = INTRODUCTION.format(
        count=len(ordered),
        state=counts["state"],
        made_up=counts["made up"],
        example=counts["example"],
    )
    families = groupby(ordered, lambda each: each.family)
    return "\n".join([introduction, *(_section(name, members) for name, members in families)])


def _section(family: str, members: Iterable[Operation]) -> str:
    rows = (
        f"| `{each.name}` | {each.method} `{each.path}` | {_emphasised(source_of(each.name))} |"
        for each in members
    )
    return "\n".join([f"## {family.replace('_', ' ').capitalize()}", "", HEAD, *rows, ""])


def _emphasised(word: str) -> str:
    return word if word == "state" else f"*{word}*"


def main() -> int:
    """Write or check. Returns the exit status."""
    check = "--check" in sys.argv[1:]
    return write_page(PAGE, render(), check=check, remedy="python -m tools.sandbox_table")


if __name__ == "__main__":
    sys.exit(main())
