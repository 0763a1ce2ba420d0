"""Where the sandbox's identifiers come from."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from hashlib import blake2b
from typing import Annotated
from uuid import UUID

import msgspec

__all__ = ["Id", "Ids"]

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$")]
"""An id as Roblox writes it in JSON: digits."""

_FIRST = {"asset": 7_000_001, "revision": 1, "delivery": 1}
_FIRST_OF_OTHERS = 8_000_001


class Ids:
    """Makes identifiers: those of resources count up, what is secret is random.

    Args:
        random_bytes: The source of randomness.
    """

    def __init__(self, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._random_bytes = random_bytes
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def token(self, size: int) -> str:
        """`size` random bytes as URL-safe base64 without padding."""
        return base64.urlsafe_b64encode(self._random_bytes(size)).rstrip(b"=").decode()

    def number(self, kind: str) -> int:
        """The next id of a kind of resource, e.g. ``game_pass``."""
        with self._lock:
            number = self._counts.get(kind, _FIRST.get(kind, _FIRST_OF_OTHERS))
            self._counts[kind] = number + 1
            return number

    def uuid(self, kind: str = "operation") -> str:
        """The next UUID of a kind of resource, in the form of version 4."""
        digest = blake2b(f"{kind} {self.number(kind)}".encode(), digest_size=16).digest()
        return str(UUID(bytes=digest, version=4))

    def asset(self) -> str:
        """The next asset id."""
        return str(self.number("asset"))

    def counts(self) -> dict[str, int]:
        """How far each kind has come, to go on from later."""
        with self._lock:
            return dict(self._counts)

    def go_on_from(self, counts: dict[str, int]) -> None:
        """Count on from what `counts` gave."""
        self._counts = dict(counts)

    def revision(self, now: float) -> str:
        """The next revision id of a data store entry, in Roblox's form and in order of time."""
        stamp = f"{int(now * 10_000_000):016X}"
        return f"{stamp}.{self.number('revision'):010X}.{stamp}.01"
