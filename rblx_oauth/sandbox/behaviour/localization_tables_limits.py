"""How long what is written into a localization table may be.

Roblox does not document the numbers, only that there are such limits and where they are asked for.
"""

from __future__ import annotations

import msgspec

__all__ = ["LIMITS", "Limits"]


class Limits(msgspec.Struct, frozen=True):
    """In characters; and in entries for one request."""

    context: int = 1000
    key: int = 1000
    source: int = 5000
    example: int = 5000
    location: int = 1000
    entries: int = 100


LIMITS = Limits()
