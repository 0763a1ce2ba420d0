"""Webhooks: who is told of events, what was sent, and a button to ask for erasure."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.page.shell import Shell, slice_of
from rblx_oauth.sandbox.webhook_records import EVENTS, SIGNATURES
from rblx_oauth.sandbox.webhook_views import take_form

__all__ = ["add"]

_SHOWN = 50


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/webhooks")
    def webhooks() -> str:
        return shown({})

    def shown(typed: dict[str, str], *, refused: str = "") -> str:
        with state.lock:
            hooks = state.webhooks.hooks
            return shell.show(
                "webhooks",
                refused=refused,
                typed=typed,
                hooks=hooks,
                urls={hook.id: hook.url for hook in hooks},
                part=slice_of(state.webhooks.deliveries[::-1], _SHOWN),
                users=list(state.users.values())[:_SHOWN],
                events=EVENTS,
                signatures=SIGNATURES,
                base=shell.base,
            )

    @views.post("/webhooks")
    def change_webhooks() -> AnyResponse | tuple[str, int]:
        form = request.form.to_dict()
        try:
            done = take_form(state.webhooks, form)
        except ValueError as error:
            return shown(form, refused=str(error)), 400
        return shell.done(done, "webhooks")
