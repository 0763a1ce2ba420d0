"""Webhooks: notifications that Roblox would send to a site, sent to sites on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.courier import Courier
from rblx_oauth.sandbox.webhook_records import (
    ERASURE,
    MOST_HOOKS,
    SIGNATURES,
    Delivery,
    Hook,
    Signature,
    WebhookShelf,
)

if TYPE_CHECKING:
    from rblx_oauth.sandbox.state import State

__all__ = ["Webhooks"]

_MOST_COPIES = 100


class Webhooks:
    """Registers URLs and sends them events.

    A notification that is not answered with a 2xx within five seconds is sent again five times,
    `Settings.webhook_retry_seconds` apart. After that its webhook is told of nothing, until it is
    added again.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._courier = Courier(state)

    @property
    def hooks(self) -> list[Hook]:
        """The registered webhooks."""
        with self._state.lock:
            return list(self._shelf.hooks)

    @property
    def deliveries(self) -> list[Delivery]:
        """What was sent, or is to be, oldest first; of those done, the last thousand."""
        with self._state.lock:
            return list(self._shelf.deliveries)

    def add(
        self, url: str, *, secret: str = "", events: Iterable[str] = (), name: str = ""
    ) -> Hook:
        """Register a URL; one that is known is changed, and told of events again.

        Args:
            url: http on this machine.
            secret: What to sign with; empty: not at all.
            events: The types to tell it of; all unless given.
            name: For people.

        Raises:
            ValueError: The URL is elsewhere, or there are five webhooks already.
        """
        hook = Hook(url=url, secret=secret, events=tuple(events), name=name)
        with self._state.lock:
            hooks = self._shelf.hooks
            known = next((each for each in hooks if each.url == url), None)
            if known is not None:
                hooks.remove(known)
            elif len(hooks) == MOST_HOOKS:
                raise ValueError(f"there are {MOST_HOOKS} webhooks already, which is the most")
            hook.id = known.id if known else self._shelf.next_id()
            hooks.append(hook)
        return hook

    def remove(self, hook_id: int) -> None:
        """Forget a webhook; what waits for it is not sent.

        Raises:
            ValueError: There is no such webhook.
        """
        with self._state.lock:
            hook = self._shelf.hook(hook_id)
            if hook is None:
                raise ValueError(f"there is no webhook {hook_id}")
            self._shelf.hooks.remove(hook)
            for delivery in self._shelf.waiting():
                if delivery.hook == hook_id:
                    delivery.status = "failed"

    def send(
        self,
        event: str,
        payload: Mapping[str, object] | None = None,
        *,
        user: int | str | None = None,
        games: Iterable[int | str] | None = None,
        notification_id: str = "",
        copies: int = 1,
        signature: Signature = "good",
    ) -> list[Delivery]:
        """Tell every webhook that listens to it of an event. It does not wait for them.

        Args:
            event: The event's type: one of `EVENTS`, or any other.
            payload: Its ``EventPayload``; made up unless given.
            user: Whom a made-up payload is about, by id; the first user unless given.
            games: The ``GameIds`` of a made-up ``RightToErasureRequest``, which are start places;
                those of the first user's experiences unless given.
            notification_id: A new one unless given; one that was sent before makes duplicates.
            copies: How often to send it, with the same id.
            signature: ``good``; or ``bad`` (of another secret), ``unsigned`` (a timestamp only),
                ``missing`` (no header), ``stale`` or ``future`` (by 11 minutes, well signed).

        Returns:
            The deliveries, which go on changing; see `settle`.

        Raises:
            ValueError: An argument is wrong.
        """
        if not event or signature not in SIGNATURES or not 1 <= copies <= _MOST_COPIES:
            raise ValueError(
                f"a notification has an event, a signature of {', '.join(SIGNATURES)}, "
                f"and 1 to {_MOST_COPIES} copies"
            )
        with self._state.lock:
            now = self._state.clock.now()
            notification = {
                "NotificationId": notification_id or self._state.ids.uuid("notification"),
                "EventType": event,
                "EventTime": rfc3339(now).replace("Z", "0Z"),  # Roblox writes seven digits
                "EventPayload": self._payload(event, user, games) if payload is None else payload,
            }
            sent = [
                Delivery(
                    id=self._state.ids.number("delivery"),
                    hook=hook.id,
                    notification_id=str(notification["NotificationId"]),
                    event=event,
                    body=msgspec.json.encode(notification).decode(),
                    signature=signature,
                    due=now,
                )
                for hook in self._shelf.hooks
                for _ in range(copies)
                if hook.active and (not hook.events or event in hook.events)
            ]
            self._shelf.deliveries += sent
        self.wake()
        return sent

    def erase(self, user: int | str, games: Iterable[int | str] | None = None) -> list[Delivery]:
        """A person wants everything about them to be deleted: send ``RightToErasureRequest``.

        Roblox only tells of it, and so does the sandbox: it deletes nothing by itself. See `send`.
        """
        return self.send(ERASURE, user=user, games=games)

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until everything that is due by the sandbox's clock has been tried.

        Raises:
            TimeoutError: It took longer than `timeout` seconds.
        """
        if not self._courier.settle(timeout):
            raise TimeoutError("webhooks are still being delivered")

    def wake(self) -> None:
        """See to what waits, if anything does."""
        self._courier.wake()

    def stop(self) -> None:
        """Send nothing more until `wake`; what waits goes on waiting."""
        self._courier.stop()

    @property
    def _shelf(self) -> WebhookShelf:
        return self._state.shelves.of(WebhookShelf)

    def _payload(
        self, event: str, user: int | str | None, games: Iterable[int | str] | None
    ) -> dict[str, object]:
        developer = next(iter(self._state.users), "1")
        payload: dict[str, object] = {"UserId": int(developer if user is None else user)}
        if event == ERASURE:
            if games is None:
                places = (each.root_place for each in self._state.universes_of(developer))
                games = [place for place in places if place]
            payload["GameIds"] = [int(each) for each in games]
        return payload
