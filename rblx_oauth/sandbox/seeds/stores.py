"""What a new sandbox's ordered data stores and memory stores hold."""

from __future__ import annotations

from rblx_oauth.sandbox.ordered import OrderedShelf
from rblx_oauth.sandbox.state import State

__all__ = ["seed_stores"]

_SCORES = {"player/1000001": 9000, "player/1000002": 12_500, "player/1000003": 450}


def seed_stores(state: State) -> None:
    """Scores of the first users, in every universe."""
    ordered = state.shelves.of(OrderedShelf)
    for universe_id in state.universes:
        scores = ordered.make(universe_id, "scores", "global")
        for key, value in _SCORES.items():
            scores.put(key, value)
