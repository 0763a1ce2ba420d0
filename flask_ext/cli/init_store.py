"""``flask roblox init-store``."""

from __future__ import annotations

import click

from flask_ext.cli.site import configured_site, told
from flask_ext.config import load
from rblx_oauth import stores
from rblx_oauth.core.rows import SchemaChange


@click.command("init-store")
def command() -> None:
    """Make the store's tables, or bring them up to this version.

    Run it before a new version of rblx-oauth goes to work. Every row stays,
    and nothing is done where everything is in order.
    """
    with told():
        settings = load(configured_site())
        change = stores.init(settings.store_url)
        settings.open_store(create=False).close()
    click.echo(_said(change))


def _said(change: SchemaChange) -> str:
    if change.after == 0:
        return "The store can be reached. It has no tables to make."
    if change.before == 0:
        return f"The tables were made, in version {change.after}."
    if change.before < change.after:
        return f"The tables went from version {change.before} to {change.after}. Every row stays."
    return f"The tables are in version {change.after} already."
