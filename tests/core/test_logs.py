"""Every log record of the library and the extension can be read by a program."""

from __future__ import annotations

import ast
import logging
import re
from pathlib import Path

import pytest

from rblx_oauth.core.logs import fields

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
FILES = sorted(
    path
    for package in ("rblx_oauth", "flask_ext")
    for path in (ROOT / package).rglob("*.py")
    if "sandbox" not in path.parts
)


def calls(path: Path) -> list[ast.Call]:
    """The log calls of a module."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("log", "_log", "logger", "logging")
    ]


def test_every_log_call_says_what_happened_in_a_field() -> None:
    """None was forgotten, in either colour."""
    found = {path: calls(path) for path in FILES}
    assert sum(map(len, found.values())) > 40
    bare = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, each in found.items()
        for call in each
        if "extra" not in {keyword.arg for keyword in call.keywords}
    ]
    assert not bare


def test_fields_do_not_collide_with_those_of_logging(caplog: pytest.LogCaptureFixture) -> None:
    """A fact may be called as a record's own attributes are."""
    logging.getLogger("any").warning("hello", extra=fields("an.event", name="x", msg=1, args=None))
    [record] = caplog.records
    assert (record.name, record.message) == ("any", "hello")
    assert {name: value for name, value in vars(record).items() if name.startswith("roblox_")} == {
        "roblox_event": "an.event",
        "roblox_name": "x",
        "roblox_msg": 1,
        "roblox_args": None,
    }


def test_the_page_on_monitoring_lists_every_event() -> None:
    """And none that is not logged."""
    logged = {
        node.args[0].value
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("fields", "_fields")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    page = (ROOT / "docs" / "monitoring.md").read_text()
    table = page.partition("| `roblox_event` |")[2].partition("\n\n")[0]
    listed = {name for line in table.splitlines() for name in re.findall(r"`([a-z_.]+)`", line)}
    assert logged == listed - {"on_event"}
