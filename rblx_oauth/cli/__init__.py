"""The ``rblx-oauth`` command."""

from __future__ import annotations

import sys

try:
    import click
except ImportError as missing:
    raise ImportError(
        'the rblx-oauth command needs click, which is not installed: pip install "rblx-oauth[cli]"'
    ) from missing

from rblx_oauth.vault import Vault


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rblx-oauth")
def main() -> None:
    """Log in with Roblox, and act on Roblox for your users."""


@main.command("sandbox", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Run a local Open Cloud, as python -m rblx_oauth.sandbox does."""
    try:
        from rblx_oauth.sandbox.__main__ import main as run
    except ImportError as missing:
        raise click.ClickException(str(missing)) from missing
    sys.exit(run(list(arguments)))


@main.command("new-key")
def new_key() -> None:
    """Print a new random key for a token store (ROBLOX_TOKEN_KEYS)."""
    click.echo(Vault.generate_key())
