"""Faults to inject, and those that stand."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.catalog import operations
from rblx_oauth.sandbox.faults.standing import ENDPOINTS
from rblx_oauth.sandbox.faults.table import kind_lines
from rblx_oauth.sandbox.faults.views import take_form
from rblx_oauth.sandbox.page.shell import Shell

__all__ = ["add"]


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/faults")
    def faults() -> str:
        return shown({})

    def shown(typed: dict[str, str], *, refused: str = "") -> str:
        return shell.show(
            "faults",
            refused=refused,
            typed=typed,
            faults=state.faults.lines(),
            kinds=kind_lines(),
            struck=[*operations(), *ENDPOINTS],
            base=shell.base,
        )

    @views.post("/faults")
    def change_faults() -> AnyResponse | tuple[str, int]:
        form = request.form.to_dict()
        try:
            take_form(state.faults, form)
        except ValueError as error:
            return shown(form, refused=str(error)), 400
        said = "It was cleared." if "clear" in form else f"{form['name']} waits for its requests."
        return shell.done(said, "faults")
