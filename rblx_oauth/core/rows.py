"""The two kinds of row that every token store keeps, and the version of their tables."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

GrantStatus = Literal["live", "lost", "ended"]


class GrantRow(msgspec.Struct, frozen=True):
    """A grant as a store holds it: one row per (issuer, client, subject).

    Attributes:
        grant_id: Opaque, derived from issuer, client and subject.
        issuer: The provider.
        client_id: The application.
        subject: The person.
        generation: Goes up with every change of `sealed` or `status`; never down.
        sealed: The encrypted token; empty once the grant is not live.
        status: ``live``; ``lost`` (Roblox no longer knows it: log in again);
            ``ended`` (logged out here: a tombstone).
        reason: One word why it is not live.
        intent: Who is about to spend, or may have spent, this generation's
            refresh token; empty when nobody.
        updated_at: When it was written.
    """

    grant_id: str
    issuer: str
    client_id: str
    subject: str
    generation: int
    sealed: bytes
    updated_at: float
    status: GrantStatus = "live"
    reason: str = ""
    intent: str = ""


class Record(msgspec.Struct, frozen=True):
    """Something small with an end: a session, a login under way, a queued revocation.

    Attributes:
        kind: What it is, e.g. ``session``.
        id: Unique within its kind. Secrets are hashed before they become ids.
        owner: What it is listed by, e.g. a grant id; may be empty.
        payload: Bytes; sealed by whoever wrote them if they are secret.
        created_at: Epoch seconds.
        seen_at: Epoch seconds of the last use.
        expires_at: Epoch seconds after which it counts as gone.
    """

    kind: str
    id: str
    owner: str
    payload: bytes
    created_at: float
    seen_at: float
    expires_at: float


class SchemaChange(NamedTuple):
    """From which version to which a store's tables were brought.

    Attributes:
        before: What was there; 0 where there were no tables.
        after: What is there now.
    """

    before: int
    after: int
