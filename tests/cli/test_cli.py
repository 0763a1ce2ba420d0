"""The ``rblx-oauth`` command."""

from __future__ import annotations

from click.testing import CliRunner

from rblx_oauth.cli import main
from rblx_oauth.vault import Vault


def test_new_key_prints_a_key_that_seals() -> None:
    """What ``new-key`` prints opens a vault, and is new each time."""
    first, second = (CliRunner().invoke(main, ["new-key"]).output.strip() for _ in range(2))
    assert first != second
    vault = Vault([first])
    assert vault.unseal(vault.seal(b"text", "place"), "place") == b"text"


def test_sandbox_passes_its_options_on() -> None:
    """``sandbox --port`` is judged by the sandbox's own parser, in words of its own."""
    for port in ("70000", "-1", "http", "8\u00b2", ""):
        result = CliRunner().invoke(main, ["sandbox", f"--port={port}"])
        assert result.exit_code == 2
        assert "a port is a number from 0 to 65535" in result.stderr


def test_sandbox_help_is_the_sandbox_own() -> None:
    """``sandbox --help`` lists the sandbox's options."""
    result = CliRunner().invoke(main, ["sandbox", "--help"])
    assert result.exit_code == 0
    assert "--json" in result.output
