"""Several ``on_event`` hooks as one: the site's own, and those of its metrics."""

from __future__ import annotations

from collections.abc import Sequence

from rblx_oauth import EventHook, RefreshEvent, RequestEvent, ResponseEvent
from rblx_oauth.core.events import Guarded, refresh_listener


class Hooks:
    """Tells each of several hooks; one that raises keeps nothing from the others."""

    def __init__(self, hooks: Sequence[EventHook]) -> None:
        self._requests = [Guarded("on_event", each) for each in hooks]
        self._refreshes = [each for each in map(refresh_listener, hooks) if each is not None]

    def __call__(self, event: RequestEvent | ResponseEvent) -> None:
        """A request or its answer."""
        for tell in self._requests:
            tell(event)

    def on_refresh(self, event: RefreshEvent) -> None:
        """A refresh."""
        for tell in self._refreshes:
            tell(event)
