"""``flask roblox``: what whoever runs a site needs. A command is imported when it is used."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "doctor": "flask_ext.cli.doctor",
    "init-store": "flask_ext.cli.init_store",
    "rotate-keys": "flask_ext.cli.rotate_keys",
    "sweep": "flask_ext.cli.sweep",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command


# Found by Flask through an entry point too (pyproject.toml), so that it is there for a site
# that does not start.
roblox = _Commands("roblox", help="Look after Log in with Roblox: its store, keys and settings.")
