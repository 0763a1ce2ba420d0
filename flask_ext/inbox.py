"""Which notifications were taken: each has its effect once, whichever worker gets it how often.

A notification is claimed before it is handled, for a minute. When it has been
handled, the claim becomes a note that is kept for longer than Roblox sends the
same one again. When handling failed the claim is given back, and when a worker
died it runs out: so the next try of Roblox finds it free.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal

from msgspec import structs

from rblx_oauth.core.clock import Clock
from rblx_oauth.core.rows import Record
from rblx_oauth.stores import Store

KIND = "webhook"
CLAIM_SECONDS = 60.0
"""How long one worker may take; then the notification is anybody's again."""
KEPT_SECONDS = 7 * 86400.0
"""Longer than Roblox tries again, and than a signature is good for."""

_DONE = b"done"


class Inbox:
    """Claims on notifications, in a store that all workers share.

    Every method raises `StoreUnavailable` when the store cannot be reached.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def claim(self, notification_id: str) -> Record | Literal["duplicate", "busy"]:
        """Take a notification; or hear that it has been handled, or is being handled."""
        now = self._clock.now()
        claim = Record(
            kind=KIND,
            id=hashlib.sha256(notification_id.encode()).hexdigest(),
            owner="",
            payload=secrets.token_hex(16).encode(),
            created_at=now,
            seen_at=now,
            expires_at=now + CLAIM_SECONDS,
        )
        if self._store.add_record(claim):
            return claim
        found = self._store.get_record(KIND, claim.id, now=now)
        return "duplicate" if found is not None and found.payload == _DONE else "busy"

    def settle(self, claim: Record) -> bool:
        """Note that it was handled; False if the claim had run out and is another's."""
        return self._close(claim, payload=_DONE, keep=KEPT_SECONDS)

    def give_back(self, claim: Record) -> bool:
        """Let it be tried again; False if the claim had run out and is another's."""
        return self._close(claim, payload=claim.payload, keep=0.0)

    def _close(self, claim: Record, *, payload: bytes, keep: float) -> bool:
        now = self._clock.now()
        closed = structs.replace(claim, payload=payload, seen_at=now, expires_at=now + keep)
        return self._store.swap_record(closed, before=claim.payload)
