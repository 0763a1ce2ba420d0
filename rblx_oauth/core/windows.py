"""A moving window of requests as a few bytes, for a store that many share.

Requests are counted by parts of the window. A part that reaches into the window
counts in full, so in no stretch of ``limit.seconds`` are more than ``limit.count``
slots taken; a slot may come free a part later than it could.
"""

from __future__ import annotations

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.catalog import RateLimit

PARTS = 60
"""In how many parts a window is counted: a second each in Roblox's limits per minute."""

_decode = decoder(list[tuple[int, int]])


def take(counted: bytes, limit: RateLimit, now: float) -> tuple[bytes, float]:
    """Take one slot.

    Args:
        counted: What was counted until now; empty at first.
        limit: How many slots there are, and in how many seconds.
        now: Epoch seconds.

    Returns:
        What is counted then, and 0.0; or the same as before, and the seconds
        until the next slot is free.
    """
    part = int(now * PARTS / limit.seconds)
    # One that is a whole window ahead was written by a clock that was wrong.
    counts = {each: n for each, n in _read(counted) if abs(each - part) <= PARTS}
    if sum(counts.values()) >= limit.count:
        free_at = (min(counts) + PARTS + 1) * limit.seconds / PARTS
        return counted, max(free_at - now, 0.0)
    counts[part] = counts.get(part, 0) + 1
    return msgspec.json.encode(sorted(counts.items())), 0.0


def _read(counted: bytes) -> list[tuple[int, int]]:
    try:
        return _decode(counted)
    except msgspec.MsgspecError:  # none yet, or none of ours
        return []
