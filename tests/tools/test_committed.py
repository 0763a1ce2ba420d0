"""What is generated and committed is what the generators give."""

from __future__ import annotations

from pathlib import Path

import pytest

from rblx_oauth import catalog
from tools import build_catalogue, security_table, unasync

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT.parent / "shared" / "opencloud.json"


def test_the_sync_colour_is_fresh() -> None:
    """`_sync` is `_async`, converted, byte for byte."""
    assert unasync.stale(unasync.generate()) == []


def test_the_catalogue_is_fresh() -> None:
    """operations.json is what Roblox's document and the overlay give."""
    if not DOCUMENT.exists():
        pytest.skip("needs Roblox's OpenAPI document beside the checkout, at shared/opencloud.json")
    assert build_catalogue.main([str(DOCUMENT), "--check"]) == 0


def test_the_security_page_names_the_tests_there_are() -> None:
    """docs/security.md lists, for every promise, the tests that carry its number."""
    page = security_table.PAGE.read_text()
    assert security_table.render(page, security_table.tests_by_number()) == page


def test_operation_names_and_routes_are_unique() -> None:
    """No two operations share a name, nor a method and path."""
    operations = list(catalog.operations().values())
    routes = {(each.method, each.path) for each in operations}
    assert len(routes) == len(operations) == len({each.name for each in operations})
