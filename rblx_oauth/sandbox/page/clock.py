"""The sandbox's clock, to be moved."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox import summary
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_STEPS = (("1 minute", 60), ("15 minutes", 900), ("1 hour", 3600), ("1 day", 86_400))


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/clock")
    def clock() -> str:
        return shown()

    def shown(*, refused: str = "") -> str:
        with state.lock:
            coming = summary.coming(state)
        return shell.show(
            "clock",
            refused=refused,
            steps=_STEPS,
            ahead=_ahead(state.clock.offset),
            coming=coming,
            base=shell.base,
        )

    @views.post("/clock")
    def move_clock() -> AnyResponse | tuple[str, int]:
        try:
            _move(state, request.form.to_dict())
        except ValueError as error:
            return shown(refused=str(error)), 400
        now = rfc3339(state.clock.now())
        return shell.done(f"It is {now[:10]}, {now[11:19]} now.", "clock")


def _ahead(seconds: float) -> str:
    """How the sandbox's time lies to the machine's, in words."""
    if abs(seconds) < 1:
        return "the machine's own time"
    side = "ahead of" if seconds > 0 else "behind"
    return f"{summary.duration(seconds)} {side} the machine's"


def _move(state: State, form: dict[str, str]) -> None:
    """Do what the form asks for: `advance`, in seconds, `set`, in UTC, or `back`."""
    with state.lock:
        if "back" in form:
            state.clock.reset()
        elif form.get("set"):
            moment = datetime.fromisoformat(form["set"])
            state.clock.set((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        else:
            state.clock.advance(float(form.get("advance") or "nan"))
