"""Write ``docs/operations.md``: every operation of the catalogue, by family.

    python -m tools.operations_table           write the page
    python -m tools.operations_table --check   write nothing; fail if the page is stale

All that it says is in the catalogue, which is where to put it right.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rblx_oauth.catalog import Operation, operations
from tools.emit import write_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
INTRODUCTION = """\
# Operations

Every operation of Open Cloud that takes an OAuth token or an API key: {count}, in {families}
families. Each is a function that gives a `Call`, which any client sends:

```python
from rblx_oauth import Client, api

client = Client(api_key="...")
client.send(api.users.get_user(user_id=1))
```

Limits are requests a minute or a second, for one token and for all keys of one owner. A name in
*italics* is one that Roblox advises against. The same facts as data, and more of them:
`rblx_oauth.catalog.operations()`. Made by `python -m tools.operations_table`; edit it there.
"""
HEAD = "| function | request | takes | scopes | limits |\n|---|---|---|---|---|"
CREDENTIALS = {"token": "token", "api_key": "key"}
PERIODS = {1: "s", 60: "min"}


def render() -> str:
    """The page."""
    ordered = sorted(operations().values(), key=lambda each: each.family)
    families = [
        (family, list(members)) for family, members in groupby(ordered, lambda each: each.family)
    ]
    introduction = INTRODUCTION.format(count=len(ordered), families=len(families))
    return "\n".join([introduction, *(_section(*each) for each in families)])


def _section(family: str, members: list[Operation]) -> str:
    return "\n".join([f"## `api.{family}`", "", HEAD, *map(_row, members), ""])


def _row(operation: Operation) -> str:
    name = f"[`{operation.name}`]({operation.docs})"
    return " | ".join(
        [
            f"| {f'*{name}*' if operation.deprecated else name}",
            f"{operation.method} `{operation.path}`",
            ", ".join(CREDENTIALS[each] for each in CREDENTIALS if each in operation.credentials),
            ", ".join(f"`{scope}`" for scope in operation.scopes),
            ", ".join(_limits(operation)) + " |",
        ]
    )


def _limits(operation: Operation) -> Iterator[str]:
    for who, limit in (("token", operation.token_limit), ("key", operation.key_limit)):
        if limit is not None:
            yield f"{limit.count}/{PERIODS[limit.seconds]} {who}"


def main() -> int:
    """Write or check. Returns the exit status."""
    check = "--check" in sys.argv[1:]
    return write_page(PAGE, render(), check=check, remedy="python -m tools.operations_table")


if __name__ == "__main__":
    sys.exit(main())
