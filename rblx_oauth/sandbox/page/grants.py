"""Grants and their tokens, of which only a few characters are shown."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox import summary
from rblx_oauth.sandbox.page.shell import Shell, slice_of

__all__ = ["add"]

_SHOWN = 50


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/grants")
    def grants() -> str:
        with state.lock:
            return shell.show(
                "grants",
                part=slice_of(summary.grants(state), _SHOWN),
                keys=summary.api_keys(state),
                users=state.users,
                clients=state.clients,
                names=summary.names(state),
                base=shell.base,
            )

    @views.post("/grants")
    def revoke() -> AnyResponse:
        user, client = request.form.get("user", ""), request.form.get("client", "")
        with state.lock:
            ended = state.oauth.end_by_person(user, client) if user and client else 0
        grants = "1 grant was" if ended == 1 else f"{ended} grants were"
        return shell.done(f"{grants} ended. The person will be asked for consent again.", "grants")
