"""Restarting game servers: what is checked before they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from rblx_oauth.core.arguments import identifier, several


def whole_minutes(name: str, span: timedelta, most: int) -> int:
    """A span of time in minutes, as Roblox takes it.

    Raises:
        TypeError: It is no timedelta.
        ValueError: It is out of range, or not a whole number of minutes.
    """
    if not isinstance(span, timedelta):
        raise TypeError(f"{name} must be a timedelta, not {type(span).__name__}")
    count, rest = divmod(span, timedelta(minutes=1))
    if rest or not 1 <= count <= most:
        raise ValueError(f"{name} must be whole minutes, from 1 to {most}")
    return count


def some_places(name: str, place_ids: Iterable[int]) -> tuple[str, ...]:
    """Ids of places; at least one, since Roblox takes none for all.

    Raises:
        TypeError: They are no ids.
        ValueError: There is none, or one is out of range.
    """
    found = several(name, place_ids, identifier)
    if not found:
        raise ValueError(
            f"{name} is empty, which Roblox takes for every place; leave it out for that"
        )
    return found
