"""Where the sandbox's identifiers come from."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from itertools import count
from uuid import UUID

__all__ = ["Ids"]

_FIRST_ASSET = 7_000_001


class Ids:
    """Makes identifiers. Assets count up; everything secret is random.

    Args:
        random_bytes: The source of randomness.
    """

    def __init__(self, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._random_bytes = random_bytes
        self._assets = count(_FIRST_ASSET)
        self._revisions = count(1)

    def token(self, size: int) -> str:
        """`size` random bytes as URL-safe base64 without padding."""
        return base64.urlsafe_b64encode(self._random_bytes(size)).rstrip(b"=").decode()

    def uuid(self) -> str:
        """A random UUID, version 4."""
        return str(UUID(bytes=self._random_bytes(16), version=4))

    def asset(self) -> str:
        """The next asset id."""
        return str(next(self._assets))

    def revision(self, now: float) -> str:
        """The next revision id of a data store entry, in Roblox's form and in order of time."""
        stamp = f"{int(now * 10_000_000):016X}"
        return f"{stamp}.{next(self._revisions):010X}.{stamp}.01"
