"""Server-side sessions: the browser has an id, the store has its hash and the rest, sealed."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

import msgspec

from flask_ext.config import MOST_SESSIONS, Settings
from flask_ext.cookies import digest
from flask_ext.device import device
from flask_ext.signals import emit, session_begun, session_ended
from rblx_oauth import Token
from rblx_oauth._decoding import decoder
from rblx_oauth.core.clock import Clock, aware
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import StoreUnavailable, UnsealError
from rblx_oauth.oauth.record_rows import opened_payload, resealed_record, sealed_record
from rblx_oauth.stores import Store

log = logging.getLogger(__name__)

KIND = "session"
TOUCH_SECONDS = 60.0
"""How old `seen_at` may grow before a request writes it anew."""
USER_AGENT_CHARS = 200
HANDLE = re.compile("[0-9a-f]{64}")


class Person(msgspec.Struct, frozen=True):
    """What a session remembers of a login. Sealed in the store: claims are personal."""

    grant_id: str
    subject: str
    claims: Mapping[str, object]
    user_agent: str


@dataclass(frozen=True, slots=True)
class Session:
    """One logged-in browser, as this request found it."""

    session_id: str = field(repr=False)
    record: Record = field(repr=False)
    person: Person = field(repr=False)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: whoever reads the session id is that person."""
        raise TypeError("a session cannot be pickled: pass the user's id instead")


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A line for a page "where you are logged in".

    Attributes:
        device: The browser and its system in a few words, as it said.
        created_at: When it logged in.
        seen_at: When it was last here, within a minute.
        expires_at: When it ends if it does not come back.
        current: Whether it is the one asking.
        handle: What to give to `RobloxOAuth.end_session`. Opaque; good for its owner only.
    """

    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool
    handle: str


class Sessions:
    """Begins, finds and ends sessions. Nothing here knows about requests.

    Every method raises `StoreUnavailable` when the store cannot be reached.
    """

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._idle = settings.session_idle
        self._lifetime = settings.session_lifetime
        self._most = settings.max_sessions
        self._clock = clock

    def prepare(self, session_id: str, token: Token, *, grant_id: str, user_agent: str) -> Session:
        """A new session under an id that has just been made; nothing is written yet."""
        now = self._clock.now()
        key = digest(session_id)
        person = Person(grant_id, token.subject, dict(token.claims), user_agent[:USER_AGENT_CHARS])
        record = Record(
            kind=KIND,
            id=key,
            owner=grant_id,
            payload=msgspec.json.encode(person),
            created_at=now,
            seen_at=now,
            expires_at=self._end(created_at=now, seen_at=now),
        )
        record = sealed_record(self._store.vault, record)
        return Session(session_id, record, person)

    def begin(self, session: Session, *, instead_of: Session | None) -> None:
        """Write what `prepare` made, and end the old one and those that are too many.

        While the old one cannot be ended, there is no new one.
        """
        ended = False
        try:
            self._store.add_record(session.record)
            if instead_of is not None:
                ended = self._store.delete_record(KIND, instead_of.record.id)
        except StoreUnavailable:
            with suppress(StoreUnavailable):  # or it stays until it runs out, and nobody has it
                self._store.delete_record(KIND, session.record.id)
            raise
        emit(session_begun, user_id=int(session.person.subject))
        _signal_end(int(ended))
        if self._most:
            self._keep_to_most(session.record.owner)

    def find(self, session_id: str) -> Session | None:
        """The live session of that id: one read, and at most one write a minute."""
        record = self._store.get_record(KIND, digest(session_id), now=self._clock.now())
        if record is None:
            return None
        person = self._open(record)
        if person is None:
            return None
        touched = self._touch(record)
        return Session(session_id, touched, person) if touched else None

    def end(self, record_id: str) -> bool:
        """Delete a session by its record's id; False when there was none."""
        ended = self._store.delete_record(KIND, record_id)
        _signal_end(int(ended))
        return ended

    def end_all(self, grant_id: str) -> int:
        """Delete every session of a user; how many there were."""
        ended = self._store.delete_owned(KIND, grant_id)
        _signal_end(ended)
        return ended

    def any_left(self, grant_id: str) -> bool:
        """Whether the user is logged in anywhere."""
        return bool(self._records(grant_id, limit=1))

    def owned(self, handle: object, *, grant_id: str) -> bool:
        """Whether `handle` names a live session of that user; what is no handle names none."""
        # It comes from outside, and a database fails on text that it cannot hold.
        if not isinstance(handle, str) or not HANDLE.fullmatch(handle):
            return False
        record = self._store.get_record(KIND, handle, now=self._clock.now())
        return record is not None and record.owner == grant_id

    def listed(self, session: Session) -> list[SessionInfo]:
        """Every live session of the same user, newest first."""
        found = ((record, self._open(record)) for record in self._records(session.record.owner))
        return [
            SessionInfo(
                device=device(person.user_agent),
                created_at=aware(record.created_at),
                seen_at=aware(record.seen_at),
                expires_at=aware(record.expires_at),
                current=record.id == session.record.id,
                handle=record.id,
            )
            for record, person in found
            if person is not None
        ]

    def _keep_to_most(self, grant_id: str) -> None:
        """`_end_too_many`; or leave it to the next login where the store fails."""
        try:
            self._end_too_many(grant_id)
        except StoreUnavailable as error:
            log.warning(
                "a person may have more than %d sessions until their next login: %s",
                self._most,
                error,
                extra=fields("session.too_many", grant=self._store.vault.pseudonym(grant_id)),
            )

    def _end_too_many(self, grant_id: str) -> None:
        """End the sessions that were seen longest ago, until there are no more than may be.

        Of several logins at the same moment each looks only after it has written, so the last
        one to look sees them all; and all put them in one order, so none ends one too many.
        """
        records = sorted(
            self._records(grant_id), key=lambda each: (each.seen_at, each.created_at, each.id)
        )
        for record in records[: max(0, len(records) - self._most)]:
            log.info(
                "a login ends a session of the same person: there may be %d",
                self._most,
                extra=self._fields("session.one_too_many", record),
            )
            self.end(record.id)

    def _records(self, grant_id: str, *, limit: int = MOST_SESSIONS * 2) -> Sequence[Record]:
        now = self._clock.now()
        return self._store.list_records(KIND, now=now, owner=grant_id, limit=limit)

    def _end(self, *, created_at: float, seen_at: float) -> float:
        return min(seen_at + self._idle, created_at + self._lifetime)

    def _touch(self, record: Record) -> Record | None:
        """`record`, with `seen_at` renewed if it is due; None when it was ended meanwhile."""
        now = self._clock.now()
        end = self._end(created_at=record.created_at, seen_at=record.seen_at)
        if now >= end:  # the timeouts were shortened since it was written
            return None
        if now - record.seen_at < min(TOUCH_SECONDS, self._idle / 4):
            return record
        touched = msgspec.structs.replace(
            record, seen_at=now, expires_at=self._end(created_at=record.created_at, seen_at=now)
        )
        # Sealed anew, so that it cannot be mixed up with what was there: of this write and one
        # that rotates keys at the same time, the later one sees that it is late.
        touched = resealed_record(self._store.vault, touched)
        try:
            if self._store.swap_record(touched, before=record.payload):
                return touched
            return self._store.get_record(KIND, record.id, now=now)
        except StoreUnavailable as error:
            log.warning(
                "a session could not be touched, and is used as it is: %s",
                error,
                extra=self._fields("session.not_touched", record),
            )
            return record

    def _open(self, record: Record) -> Person | None:
        try:
            return decoder(Person)(opened_payload(self._store.vault, record))
        except UnsealError:
            log.error(
                "a session cannot be unsealed: was a key taken out of ROBLOX_TOKEN_KEYS?",
                extra=self._fields("session.unreadable", record),
            )
        except msgspec.DecodeError:
            log.error(
                "a session is in a form that this version does not know",
                extra=self._fields("session.unreadable", record),
            )
        return None

    def _fields(self, event: str, record: Record) -> dict[str, object]:
        return fields(event, grant=self._store.vault.pseudonym(record.owner))


def _signal_end(count: int) -> None:
    if count:
        emit(session_ended, count=count)
