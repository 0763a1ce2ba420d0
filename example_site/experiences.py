"""The experiences (universes) that the person picked on Roblox's consent page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_ext import current_user
from rblx_oauth import api, errors

PATIENCE: Final = 5.0
"""Seconds to wait for a name: a page is better late than never, and better soon than complete."""

_VISIBILITY = {"PUBLIC": "public", "PRIVATE": "private"}


@dataclass(frozen=True)
class Experience:
    """A universe, with as much as a page shows of it, and whether Roblox told."""

    id: int
    name: str
    visibility: str = ""
    answered: bool = True


def granted() -> list[Experience]:
    """What the person picked, by name."""
    found: list[Experience] = []
    answering = True
    for universe_id in sorted(current_user.resources().universe_ids):
        # Once Roblox does not answer, a page does not wait for the rest.
        experience = named(universe_id) if answering else _unnamed(universe_id)
        answering = experience.answered
        found.append(experience)
    return sorted(found, key=lambda each: each.name.casefold())


def named(universe_id: int) -> Experience:
    """One of them with its name; with its number instead where Roblox does not tell now."""
    call = api.universes.get_universe(universe_id=universe_id)
    try:
        universe = current_user.client.send(call, timeout=PATIENCE)
    except errors.ApiError:
        return _unnamed(universe_id, answered=True)
    except (errors.TransportError, errors.ProtocolError):
        return _unnamed(universe_id)
    name = universe.display_name or f"Universe {universe_id}"
    return Experience(universe_id, name, _VISIBILITY.get(universe.visibility, ""))


def _unnamed(universe_id: int, *, answered: bool = False) -> Experience:
    return Experience(universe_id, f"Universe {universe_id}", answered=answered)


def find(experiences: list[Experience], universe_id: int) -> Experience:
    """The one with that id, which `grant_required` has already shown to be among them."""
    return next(each for each in experiences if each.id == universe_id)
