"""What a sandbox knows of webhooks: who is told of what, and what was sent."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from rblx_oauth.core.url import is_loopback
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.webhooks import ERASURE

__all__ = [
    "ERASURE",
    "EVENTS",
    "MOST_HOOKS",
    "SIGNATURES",
    "Attempt",
    "Delivery",
    "Hook",
    "Signature",
    "WebhookShelf",
    "signed",
]

SAMPLE = "SampleNotification"
EVENTS = (
    SAMPLE,
    ERASURE,
    "SubscriptionPurchased",
    "SubscriptionRenewed",
    "SubscriptionResubscribed",
    "SubscriptionCancelled",
    "SubscriptionRefunded",
    "CommerceProductOrderPaid",
    "CommerceProductOrderRefunded",
)
"""The events that Roblox names. Others may be sent too: new ones come without notice."""

Signature = Literal["good", "bad", "unsigned", "missing", "stale", "future"]
SIGNATURES: tuple[Signature, ...] = get_args(Signature)

MOST_HOOKS = 5
_WINDOW = 660.0  # how far stale and future timestamps are off: beyond the ten minutes advised


class Hook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A URL that is told of events.

    Attributes:
        url: Where to: http on this machine.
        secret: What notifications are signed with; empty: they carry a timestamp only.
        events: Which ones it is told of; all where empty.
        name: What its owner calls it.
        id: Its number, from 1.
        active: False once a notification could not be delivered at all.
    """

    url: str
    secret: str = ""
    events: tuple[str, ...] = ()
    name: str = ""
    id: int = 0
    active: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "http" or "@" in parts.netloc or not is_loopback(parts.hostname or ""):
            raise ValueError("a webhook's URL is http on this machine, such as http://127.0.0.1/")
        parts.port  # noqa: B018 (raises where it is none)

    def __repr__(self) -> str:
        return f"<Hook {self.id} {self.url}>"


class Attempt(msgspec.Struct, frozen=True):
    """One try to deliver: when it ended, the status (0: no answer), and what was wrong."""

    at: float
    status: int
    reason: str


class Delivery(msgspec.Struct, kw_only=True):
    """A notification on its way to one URL.

    Attributes:
        id: Its number, from 1.
        hook: The webhook's id.
        notification_id: Two deliveries with the same one are duplicates.
        event: The event's type.
        body: What is sent, as text.
        signature: How it is signed.
        status: ``waiting``, ``delivered`` or ``failed``.
        attempts: What has been tried.
        due: When the next try is, in seconds since the epoch.
    """

    id: int
    hook: int
    notification_id: str
    event: str
    body: str
    signature: Signature = "good"
    status: Literal["waiting", "delivered", "failed"] = "waiting"
    attempts: list[Attempt] = []
    due: float = 0.0


class WebhookShelf(Shelf):
    """The webhooks and their deliveries."""

    section: ClassVar[str] = "webhooks"

    hooks: list[Hook] = []
    deliveries: list[Delivery] = []

    def __post_init__(self) -> None:
        if len(self.hooks) > MOST_HOOKS:
            raise ValueError(f"there are at most {MOST_HOOKS} webhooks")
        for hook in self.hooks:
            hook.id = hook.id or self.next_id()

    def next_id(self) -> int:
        """The id of the next webhook."""
        return max((each.id for each in self.hooks), default=0) + 1

    def hook(self, hook_id: int) -> Hook | None:
        """The webhook of that id."""
        return next((each for each in self.hooks if each.id == hook_id), None)

    def waiting(self) -> list[Delivery]:
        """What has not been delivered, nor given up."""
        return [each for each in self.deliveries if each.status == "waiting"]


def signed(hook: Hook, delivery: Delivery, now: float) -> dict[str, str]:
    """The header that a notification carries: the time and, with a secret, an HMAC-SHA256.

    Args:
        hook: Whose secret it is.
        delivery: What is signed; its `signature` says whether well.
        now: The time, in seconds since the epoch.
    """
    how = delivery.signature
    # Here, because it brings asyncio, which a start of the sandbox does not need.
    from rblx_oauth.webhooks import SIGNATURE_HEADER, sign

    at = now + {"stale": -_WINDOW, "future": _WINDOW}.get(how, 0.0)
    if how == "missing":
        return {}
    if not hook.secret or how == "unsigned":
        return {SIGNATURE_HEADER: f"t={int(at)}"}
    secret = hook.secret if how != "bad" else f"not {hook.secret}"
    return {SIGNATURE_HEADER: sign(delivery.body.encode(), secret, at=at)}
