"""What is generated and committed is what the generators give."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from rblx_oauth import catalog
from tools import (
    build_api,
    build_catalogue,
    build_models,
    operations_table,
    sandbox_table,
    security_table,
    unasync,
)
from tools.emit import compare

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT.parent / "shared" / "opencloud.json"


def test_the_sync_colour_is_fresh() -> None:
    """`_sync` is `_async`, converted, byte for byte."""
    assert unasync.stale(unasync.generate()) == []


@pytest.mark.parametrize("tool", [build_catalogue, build_models])
def test_what_is_made_of_the_document_is_fresh(tool: ModuleType) -> None:
    """The catalogue and the models are what Roblox's document and the overlay give."""
    if not DOCUMENT.exists():
        pytest.skip("needs Roblox's OpenAPI document beside the checkout, at shared/opencloud.json")
    assert tool.main([str(DOCUMENT), "--check"]) == 0


def test_the_api_is_fresh() -> None:
    """`rblx_oauth.api` is what the catalogue gives, byte for byte."""
    assert compare(build_api.TARGET, build_api.generate(), check=True, remedy="build_api") == 0


def test_the_page_of_operations_is_fresh() -> None:
    """docs/operations.md is what the catalogue gives."""
    assert operations_table.PAGE.read_text() == operations_table.render()


def test_the_page_of_what_the_sandbox_does_is_fresh() -> None:
    """docs/sandbox-operations.md is what the catalogue and the behaviours give."""
    assert sandbox_table.PAGE.read_text() == sandbox_table.render()


def test_the_security_page_names_the_tests_there_are() -> None:
    """docs/security.md lists, for every promise, the tests that carry its number."""
    page = security_table.PAGE.read_text()
    assert security_table.render(page, security_table.tests_by_number()) == page


def test_routes_are_unique() -> None:
    """No two operations share a method and path."""
    operations = list(catalog.operations().values())
    assert len({(each.method, each.path) for each in operations}) == len(operations)
