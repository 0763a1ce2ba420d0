"""Messages published to a universe's servers."""

from __future__ import annotations

import msgspec

__all__ = ["Message"]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its universe's servers would get it. `at` is in seconds since the epoch."""

    universe_id: str
    topic: str
    message: str
    at: float
