"""The experiences (universes) that the person picked on Roblox's consent page."""

from __future__ import annotations

from dataclasses import dataclass

from flask_ext import current_user
from rblx_oauth import errors

_VISIBILITY = {"PUBLIC": "public", "PRIVATE": "private"}


@dataclass(frozen=True)
class Experience:
    """A universe, with as much as a page shows of it."""

    id: int
    name: str
    visibility: str = ""


def granted() -> list[Experience]:
    """What the person picked, by name."""
    picked = current_user.resources().universe_ids
    return sorted((named(each) for each in picked), key=lambda each: each.name.casefold())


def named(universe_id: int) -> Experience:
    """One of them with its name; with its number instead where Roblox does not tell now."""
    try:
        universe = current_user.client.universe(universe_id).get()
    except (errors.ApiError, errors.TransportError, errors.ProtocolError):
        return Experience(universe_id, f"Universe {universe_id}")
    return Experience(
        universe_id,
        universe.display_name or f"Universe {universe_id}",
        _VISIBILITY.get(universe.visibility, ""),
    )


def find(experiences: list[Experience], universe_id: int) -> Experience:
    """The one with that id, which `grant_required` has already shown to be among them."""
    return next(each for each in experiences if each.id == universe_id)
