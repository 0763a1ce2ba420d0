"""``flask roblox init-store``."""

from __future__ import annotations

import click

from flask_ext.cli.site import configured_site, told
from flask_ext.config import load


@click.command("init-store")
def command() -> None:
    """Make the store's tables, or bring them up to this version.

    Run it once before a new version of rblx-oauth goes to work. It changes
    nothing where everything is in order.
    """
    with told():
        load(configured_site()).open_store(create=True).close()
    click.echo("The store is ready.")
