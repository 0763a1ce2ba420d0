"""Keep ``docs/security.md`` honest: fill in which tests hold each promise.

    python -m tools.security_table           rewrite the last column from the tests
    python -m tools.security_table --check   write nothing; fail if the page is stale

A test holds a promise when its name carries the promise's number, as in
``test_c09_unknown_state_makes_no_token_call``. A test that names a promise
missing from the page is an error.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from tools.emit import write_page

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| (?P<number>[cf]\d\d) \| (?P<promise>.*?) \| (?P<tests>.*?) \|$")
NAMED = re.compile(r"(?<![a-z0-9])([cf]\d\d)(?![a-z0-9])")
NONE_YET = "none yet"


def tests_by_number() -> dict[str, list[str]]:
    """Names of test functions by the promises they carry, each as ``file::name``."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test_"
            ):
                for number in NAMED.findall(node.name.replace("_", " ")):
                    where = f"{path.relative_to(ROOT / 'tests')}::{node.name}"
                    found.setdefault(number, []).append(where)
    return found


def render(page: str, found: dict[str, list[str]]) -> str:
    """The page with its last column filled in.

    Raises:
        SystemExit: A test names a promise that the page does not list.
    """
    rows = {match["number"] for match in map(ROW.match, page.splitlines()) if match}
    unknown = sorted(found.keys() - rows)
    if unknown:
        sys.exit(f"docs/security.md lacks {', '.join(unknown)}, which tests name")
    return "".join(_filled(line, found) + "\n" for line in page.splitlines())


def _filled(line: str, found: dict[str, list[str]]) -> str:
    match = ROW.match(line)
    if not match:
        return line
    names = [f"`{name}`" for name in sorted(found.get(match["number"], []))]
    return f"| {match['number']} | {match['promise']} | {'<br>'.join(names) or NONE_YET} |"


def main() -> int:
    """Rewrite or check the page. Returns the exit status."""
    text = render(PAGE.read_text(), tests_by_number())
    check = "--check" in sys.argv[1:]
    return write_page(PAGE, text, check=check, remedy="python -m tools.security_table")


if __name__ == "__main__":
    sys.exit(main())
