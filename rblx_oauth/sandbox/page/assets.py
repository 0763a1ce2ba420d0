"""What was uploaded, with its pictures."""

from __future__ import annotations

from flask import Blueprint

from rblx_oauth.sandbox import summary
from rblx_oauth.sandbox.page.shell import Shell, slice_of

__all__ = ["add"]

_SHOWN = 48


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's view in."""
    state = shell.state

    @views.get("/assets")
    def assets() -> str:
        with state.lock:
            found = list(summary.assets(state))
            names = summary.names(state)
        return shell.show("assets", part=slice_of(found, _SHOWN), names=names)
