"""Carries notifications to webhooks, in threads of its own, and tries again where it must."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rblx_oauth.sandbox.posting import Outcome, post
from rblx_oauth.sandbox.webhook_records import Attempt, Delivery, Hook, WebhookShelf, signed

if TYPE_CHECKING:
    from rblx_oauth.sandbox.state import State

__all__ = ["Courier"]

_RETRIES = 5
_KEPT = 1000
_AT_ONCE = 8
_TICK = 0.05  # seconds between two looks at the clock, which a test may move


class Courier:
    """Sends what is due by the sandbox's clock.

    Roblox wants a 2xx within 5 seconds, and else tries again five times in fixed steps. After that
    it takes the URL for gone.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._changed = threading.Condition(state.lock)
        # By identity: after a reset their numbers begin anew, while old ones are still on the way.
        self._under_way: dict[int, Delivery] = {}
        self._thread: threading.Thread | None = None
        self._stopping = False

    def wake(self) -> None:
        """See to what waits, if anything does."""
        with self._changed:
            if self._thread is None and self._shelf.waiting():
                self._stopping = False
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self) -> None:
        """Send nothing more until `wake`; what waits goes on waiting."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def settle(self, timeout: float) -> bool:
        """Wait until everything that is due has been tried; whether that was within `timeout`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy(), timeout)

    def _run(self) -> None:
        with self._changed:
            while self._shelf.waiting() and not self._stopping:
                due = next(iter(self._due()), None)
                if due is None or len(self._under_way) >= _AT_ONCE:
                    self._changed.wait(_TICK)
                    continue
                self._begin(due)
            self._thread = None

    def _begin(self, delivery: Delivery) -> None:
        hook = self._shelf.hook(delivery.hook)
        if hook is None:
            delivery.status = "failed"
            return
        headers = signed(hook, delivery, self._state.clock.now())
        self._under_way[id(delivery)] = delivery
        threading.Thread(target=self._try, args=(hook, delivery, headers), daemon=True).start()

    def _try(self, hook: Hook, delivery: Delivery, headers: dict[str, str]) -> None:
        timeout = self._state.settings.webhook_timeout
        try:
            outcome = post(hook.url, delivery.body.encode(), headers, timeout)
            with self._changed:
                self._note(hook, delivery, outcome)
        finally:
            with self._changed:
                del self._under_way[id(delivery)]
                self._changed.notify_all()

    def _note(self, hook: Hook, delivery: Delivery, outcome: Outcome) -> None:
        now = self._state.clock.now()
        delivery.attempts.append(Attempt(now, outcome.status, outcome.reason))
        if not outcome.reason:
            delivery.status = "delivered"
        elif len(delivery.attempts) > _RETRIES:
            delivery.status, hook.active = "failed", False
        else:
            delivery.due = now + self._state.settings.webhook_retry_seconds
        finished = [each for each in self._shelf.deliveries if each.status != "waiting"]
        for old in finished[:-_KEPT]:
            self._shelf.deliveries.remove(old)

    @property
    def _shelf(self) -> WebhookShelf:
        return self._state.shelves.of(WebhookShelf)

    def _due(self) -> list[Delivery]:
        now = self._state.clock.now()
        return [
            each
            for each in self._shelf.waiting()
            if each.due <= now and id(each) not in self._under_way
        ]

    def _busy(self) -> bool:
        if self._thread and self._due():
            return True
        return any(id(each) in self._under_way for each in self._shelf.waiting())
