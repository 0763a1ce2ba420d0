"""Data stores: entries, their revisions, and an index for listing them in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from rblx_oauth.sandbox.clock import SandboxClock, whole_microseconds
from rblx_oauth.sandbox.ids import Ids

__all__ = ["DataStore", "DataStores", "Entry", "Position", "Revision"]

_NO_ATTRIBUTES = msgspec.Raw(b"{}")

KEPT_AFTER_DELETION = 30 * 24 * 3600.0
"""Seconds until a deleted entry is gone for good."""

Position = tuple[str, str]
"""Where a listing stands: the scope and the id of the last entry given."""


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry was from one moment on. `value` is the JSON text, as it was sent."""

    id: str
    at: float
    value: msgspec.Raw
    users: tuple[str, ...] = ()
    attributes: msgspec.Raw = _NO_ATTRIBUTES
    deleted: bool = False

    @property
    def etag(self) -> str:
        """The mark of this revision that guards an update."""
        return blake2b(self.id.encode(), digest_size=8).hexdigest()


class Entry(msgspec.Struct, kw_only=True):
    """A key with its revisions, oldest first."""

    scope: str
    id: str
    created: float
    revisions: list[Revision]

    @property
    def latest(self) -> Revision:
        """What the entry is now."""
        return self.revisions[-1]

    def at(self, moment: float) -> Revision | None:
        """What the entry was at `moment`, or ``None`` before it existed."""
        index = bisect_right(self.revisions, moment, key=lambda revision: revision.at)
        return self.revisions[index - 1] if index else None

    def revision(self, revision_id: str) -> Revision | None:
        """The revision of that id."""
        matches = (each for each in reversed(self.revisions) if each.id == revision_id)
        return next(matches, None)


class DataStore:
    """One data store of one universe."""

    def __init__(self, created: float) -> None:
        self.created = created
        self._scopes: dict[str, dict[str, Entry]] = {}
        self._order: dict[str, list[str]] = {}  # the ids of each scope, sorted, for listing

    def __len__(self) -> int:
        return sum(len(entries) for entries in self._scopes.values())

    @property
    def scopes(self) -> list[str]:
        """The names of the scopes that hold something, sorted."""
        return sorted(self._scopes)

    def get(self, scope: str, entry_id: str) -> Entry | None:
        """The entry of that id, deleted or not."""
        return self._scopes.get(scope, {}).get(entry_id)

    def add(self, entry: Entry) -> None:
        """Put in a new entry, or replace one that is gone for good."""
        entries = self._scopes.setdefault(entry.scope, {})
        if entry.id not in entries:
            insort(self._order.setdefault(entry.scope, []), entry.id)
        entries[entry.id] = entry

    def walk(self, scope: str, prefix: str, after: Position | None) -> Iterator[Entry]:
        """Entries whose id begins with `prefix`, in order, past `after`; scope ``-`` is all."""
        for name in self.scopes if scope == "-" else [scope]:
            if after and name < after[0]:
                continue
            order = self._order.get(name, [])
            start = bisect_left(order, prefix)
            if after and name == after[0]:
                start = max(start, bisect_right(order, after[1]))
            entries = self._scopes.get(name, {})
            for index in range(start, len(order)):
                if not order[index].startswith(prefix):
                    break
                yield entries[order[index]]


Dumped = dict[str, dict[str, list[Entry]]]
"""Entries with all their revisions, by universe and store."""


class DataStores:
    """The data stores of all universes."""

    def __init__(self, clock: SandboxClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._stores: dict[str, dict[str, DataStore]] = {}

    def dump(self) -> Dumped:
        """Everything, to be restored later."""
        return {
            universe_id: {name: list(store.walk("-", "", None)) for name, store in stores.items()}
            for universe_id, stores in self._stores.items()
        }

    def restore(self, content: Dumped) -> None:
        """Hold what `dump` gave, in place of everything."""
        self._stores = {}
        for universe_id, stores in content.items():
            for name, entries in stores.items():
                first = min((entry.created for entry in entries), default=self._clock.now())
                store = self._stores.setdefault(universe_id, {}).setdefault(name, DataStore(first))
                for entry in entries:
                    store.add(entry)

    def of(self, universe_id: str) -> dict[str, DataStore]:
        """A universe's data stores by name."""
        return self._stores.get(universe_id, {})

    def find(self, universe_id: str, store: str, scope: str, entry_id: str) -> Entry | None:
        """An entry, unless it never was or its deletion lies too far back."""
        found = self.of(universe_id).get(store)
        entry = found.get(scope, entry_id) if found else None
        return None if entry is None or self.is_gone(entry) else entry

    def is_gone(self, entry: Entry) -> bool:
        """Whether an entry was deleted so long ago that nothing of it is left."""
        latest = entry.latest
        return latest.deleted and self._clock.now() >= latest.at + KEPT_AFTER_DELETION

    def write(
        self,
        universe_id: str,
        store: str,
        scope: str,
        entry_id: str,
        value: msgspec.Raw,
        *,
        users: tuple[str, ...] = (),
        attributes: msgspec.Raw = _NO_ATTRIBUTES,
    ) -> Entry:
        """Commit a new revision; users and attributes become exactly what is given."""
        now = whole_microseconds(self._clock.now())
        revision = Revision(
            id=self._ids.revision(now), at=now, value=value, users=users, attributes=attributes
        )
        entry = self.find(universe_id, store, scope, entry_id)
        if entry is not None:
            if entry.latest.deleted:
                entry.created = now
            entry.revisions.append(revision)
            return entry
        entry = Entry(scope=scope, id=entry_id, created=now, revisions=[revision])
        stores = self._stores.setdefault(universe_id, {})
        stores.setdefault(store, DataStore(now)).add(entry)
        return entry

    def delete(self, entry: Entry) -> None:
        """Mark an entry deleted; its revisions can be read for 30 days more."""
        now = whole_microseconds(self._clock.now())
        last = entry.latest
        entry.revisions.append(
            Revision(id=self._ids.revision(now), at=now, value=last.value, deleted=True)
        )
