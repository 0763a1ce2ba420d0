"""Logins under way: kept in the store, bound to the browser that began them, taken once."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from flask_ext.cookies import digest
from rblx_oauth import AuthorizationRequest
from rblx_oauth._decoding import decoder
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import UnsealError
from rblx_oauth.oauth.record_rows import opened_payload, sealed_record
from rblx_oauth.stores import Store

KIND, USED = "login", "login-used"
SECONDS = 600.0
"""How long a person may take at Roblox."""

Purpose = Literal["login", "step-up"]


@dataclass(frozen=True, slots=True)
class Transaction:
    """One login, from the redirect to Roblox until the callback.

    Attributes:
        request: What was asked; its state is the transaction's name.
        next: The path to go to when it is done.
        purpose: ``login``, or ``step-up`` to ask a logged-in person for more.
        browser: The hash of the secret that the browser's cookie holds.
        subject: For a step-up, whose it is; else empty.
        prompt: The prompt that was asked for, to begin anew in the same way.
    """

    request: AuthorizationRequest = field(repr=False)
    next: str
    purpose: Purpose
    browser: str
    subject: str = ""
    prompt: str | None = None

    @property
    def is_login(self) -> bool:
        """Whether the person logs in by it: for the first time here, or anew because asked to."""
        return self.purpose == "login" or "login" in (self.prompt or "").split()

    def begun_by(self, browser_secret: str | None) -> bool:
        """Whether the browser that holds this secret began the login (ASVS 10.1.2)."""
        return browser_secret is not None and hmac.compare_digest(
            digest(browser_secret), self.browser
        )


def new_browser_secret() -> str:
    """256 random bits for the cookie that binds a login to a browser."""
    return secrets.token_urlsafe(32)


class Transactions:
    """Keeps logins under way. Every method raises `StoreUnavailable` when it cannot."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def add(self, transaction: Transaction, *, owner: str = "") -> None:
        """Keep one for ten minutes; for a step-up with the grant of whose it is."""
        key = digest(transaction.request.state)
        self._store.add_record(self._record(KIND, key, owner, msgspec.json.encode(transaction)))

    def take(self, state: str) -> Transaction | None:
        """The transaction of that state, for the first who asks; None for everybody else."""
        key = digest(state)
        record = self._store.take_record(KIND, key, now=self._clock.now())
        if record is None:
            return None
        try:
            return decoder(Transaction)(opened_payload(self._store.vault, record))
        except (UnsealError, msgspec.DecodeError):
            return None

    def remember(self, transaction: Transaction, *, grant_id: str) -> None:
        """Note for ten minutes that it was completed, by whom, and where it led."""
        key = digest(transaction.request.state)
        self._store.add_record(self._record(USED, key, grant_id, transaction.next.encode()))

    def led_to(self, state: str, *, grant_id: str) -> str | None:
        """Where the completed login of that state led, if it was the same user's."""
        record = self._store.get_record(USED, digest(state), now=self._clock.now())
        if record is None or record.owner != grant_id:
            return None
        return opened_payload(self._store.vault, record).decode()

    def _record(self, kind: str, key: str, owner: str, payload: bytes) -> Record:
        now = self._clock.now()
        record = Record(
            kind=kind,
            id=key,
            owner=owner,
            payload=payload,
            created_at=now,
            seen_at=now,
            expires_at=now + SECONDS,
        )
        return sealed_record(self._store.vault, record)
