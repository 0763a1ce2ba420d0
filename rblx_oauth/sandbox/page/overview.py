"""The first section: what this is, how to point a program at it, and what happened last."""

from __future__ import annotations

from itertools import islice

from flask import Blueprint

from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_LAST = 5


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's view in."""
    state = shell.state

    @views.get("/")
    def overview() -> str:
        with state.lock:
            return shell.show(
                "overview",
                title="Inside the sandbox",
                base=shell.base,
                program=_program(state, shell.base),
                counts=_counts(state),
                requests=list(islice(state.requests.newest(), _LAST)),
                messages=_last_messages(state),
                universe=next(iter(state.universes), "UNIVERSE"),
                universes={each.id: each.name for each in state.universes.values()},
            )


def _program(state: State, base: str) -> dict[str, str]:
    """What a program has to be told, as environment variables."""
    told = {"ROBLOX_ISSUER": f"{base}/oauth/", "ROBLOX_API_BASE": base}
    app = next((each for each in state.clients.values() if each.secret), None)
    if app is not None:
        told |= {"ROBLOX_CLIENT_ID": app.client_id, "ROBLOX_CLIENT_SECRET": app.secret}
    key = next(iter(state.api_keys), None)
    return told | ({"ROBLOX_API_KEY": key} if key else {})


def _last_messages(state: State) -> list[tuple[int, Message]]:
    count = len(state.messages)
    numbers = range(count, max(0, count - _LAST), -1)
    return [(number, state.messages[number - 1]) for number in numbers]


def _counts(state: State) -> list[tuple[str, str, int]]:
    """How much there is: the endpoint of its section, what it is, and the number."""
    live = sum(not grant.ended for grant in state.oauth.grants.values())
    stores = sum(len(state.data.of(universe)) for universe in state.universes)
    return [
        ("requests", "requests", state.requests.total),
        ("messages", "messages", len(state.messages)),
        ("data_stores", "data stores", stores),
        ("universes", "universes", len(state.universes)),
        ("people", "users", len(state.users)),
        ("grants", "live grants", live),
        ("faults", "faults", len(state.faults)),
    ]
