"""The site is what people copy, so it stands on public names alone."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import example_site

MODULES = sorted(Path(example_site.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_imports_public_names_only(path: Path) -> None:
    """What it takes from the library and the extension is in their ``__all__``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not any(
                alias.name.startswith(("rblx_oauth", "flask_ext")) for alias in node.names
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [alias.name for alias in node.names]
            match node.module.split("."):
                case ["rblx_oauth"] | ["flask_ext"] | ["rblx_oauth", "sandbox"]:
                    assert set(names) <= set(import_module(node.module).__all__)
                case ["rblx_oauth", "errors"]:
                    assert not any(name.startswith("_") for name in names)
                case ["rblx_oauth" | "flask_ext", *_]:
                    pytest.fail(f"{node.module} is not a public module")
