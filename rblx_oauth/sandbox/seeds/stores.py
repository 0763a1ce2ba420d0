"""What a new sandbox's ordered data stores and memory stores hold."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.memory import LONGEST, Memory, MemoryShelf
from rblx_oauth.sandbox.memory_map import MapItem, SortedMap
from rblx_oauth.sandbox.memory_queue import Queue, QueueItem
from rblx_oauth.sandbox.ordered import OrderedShelf
from rblx_oauth.sandbox.state import State

__all__ = ["seed_stores"]

_SCORES = {"player/1000001": 9000, "player/1000002": 12_500, "player/1000003": 450}
_WAITING = ("player/1000002", "player/1000003")


def seed_stores(state: State) -> None:
    """In every universe: scores of the first users, and two of them who wait for a match."""
    memory, expires = state.shelves.of(MemoryShelf), state.clock.now() + LONGEST
    for universe_id in state.universes:
        scores = state.shelves.of(OrderedShelf).make(universe_id, "scores", "global")
        for key, value in _SCORES.items():
            scores.put(key, value)
        memory.universes[universe_id] = Memory(
            queues={"matchmaking": _queue(state, expires)},
            sorted_maps={"leaderboard": _leaderboard(state, expires)},
        )


def _queue(state: State, expires: float) -> Queue:
    queue = Queue()
    for player in _WAITING:
        number = state.ids.number("memory_queue_item")
        data = msgspec.Raw(msgspec.json.encode({"player": player}))
        queue.add(QueueItem(id=f"{number:016x}", number=number, data=data, expires=expires))
    return queue


def _leaderboard(state: State, expires: float) -> SortedMap:
    board = SortedMap()
    for player, score in _SCORES.items():
        board.put(
            MapItem(
                id=player,
                value=msgspec.Raw(msgspec.json.encode({"score": score})),
                etag=f"{state.ids.number('memory_map_etag'):x}",
                expires=expires,
                numeric_sort_key=score,
            )
        )
    return board
