"""What people picked at Roblox (universes, users, groups), remembered for a minute."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable

from rblx_oauth import Resources
from rblx_oauth.core.clock import Clock
from rblx_oauth.runtime.threads import SingleFlight

SECONDS = 60.0
MOST = 1024


def resource_id(value: object) -> int | None:
    """The id that is written so; None for what cannot be one: they are positive, of 64 bits."""
    text = str(value)
    if not re.fullmatch("[0-9]{1,19}", text) or not 0 < int(text) < 2**63:
        return None
    return int(text)


class PickCache:
    """Answers of ``token/resources`` by grant and generation, for one process.

    A new consent gives the grant a new generation, in whichever process it
    happens, so an answer from before it is never found again. A renewed token
    does so too, which costs one question more in a quarter of an hour.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, int], tuple[float, Resources]] = OrderedDict()
        self._flights: SingleFlight[Resources] = SingleFlight()

    def get(self, grant_id: str, generation: int, ask: Callable[[], Resources]) -> Resources:
        """The answer if it is less than a minute old; else what `ask` gives, asked once for all."""
        key = (grant_id, generation)
        return self._recent(key) or self._flights.run(
            f"{grant_id}:{generation}", lambda: self._asked(key, ask)
        )

    def _asked(self, key: tuple[str, int], ask: Callable[[], Resources]) -> Resources:
        # Somebody may have asked between this caller's look and its flight.
        resources = self._recent(key) or ask()
        with self._lock:
            self._found.pop(key, None)
            self._found[key] = self._clock.monotonic() + SECONDS, resources
            while len(self._found) > MOST:
                self._found.popitem(last=False)
        return resources

    def _recent(self, key: tuple[str, int]) -> Resources | None:
        with self._lock:
            until, resources = self._found.get(key, (0.0, None))
        return resources if self._clock.monotonic() < until else None
