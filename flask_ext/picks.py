"""What people picked at Roblox (universes, users, groups), remembered for a minute."""

from __future__ import annotations

import threading
from collections import OrderedDict

from rblx_oauth import Resources
from rblx_oauth.core.clock import Clock

SECONDS = 60.0
MOST = 1024


class PickCache:
    """Answers of ``token/resources`` by grant and generation.

    A new consent gives the grant a new generation, in whichever process it
    happens, so an answer from before it is never found again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, int], tuple[float, Resources]] = OrderedDict()

    def get(self, grant_id: str, generation: int) -> Resources | None:
        """The answer, if it is less than a minute old."""
        with self._lock:
            until, resources = self._found.get((grant_id, generation), (0.0, None))
        return resources if self._clock.monotonic() < until else None

    def put(self, grant_id: str, generation: int, resources: Resources) -> None:
        """Remember an answer, and forget the oldest when there are many."""
        with self._lock:
            self._found[grant_id, generation] = self._clock.monotonic() + SECONDS, resources
            while len(self._found) > MOST:
                self._found.popitem(last=False)
