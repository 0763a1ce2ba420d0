"""Data stores: entries, their revisions, and indexes for listing them in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from hashlib import blake2b

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.clock import SandboxClock, whole_microseconds
from rblx_oauth.sandbox.ids import Ids
from rblx_oauth.sandbox.index import Index

__all__ = ["KEPT_AFTER_DELETION", "DataStore", "DataStores", "Entry", "Position", "Revision"]

_NO_ATTRIBUTES = msgspec.Raw(b"{}")

KEPT_AFTER_DELETION = 30 * 24 * 3600.0
"""Seconds until a deleted entry, or a deleted data store, is gone for good."""

ALL_SCOPES = "-"
"""Stands for every scope in a listing."""

Position = tuple[str, str]
"""Where a listing stands: the scope and the id of the last entry given."""


def _plain(text: bytes | msgspec.Raw) -> bytes:
    """A JSON text as a file has it."""
    return msgspec.json.encode(plain(text))


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry was from one moment on. `value` is the JSON text, as it was sent.

    `text` is for files alone, which keep what JSON says and not how it was written: it is the
    value's text, where a file would give another.
    """

    id: str
    at: float
    value: msgspec.Raw
    users: tuple[str, ...] = ()
    attributes: msgspec.Raw = _NO_ATTRIBUTES
    deleted: bool = False
    text: str | UnsetType = UNSET

    @property
    def etag(self) -> str:
        """The mark of this revision that guards an update."""
        return blake2b(self.id.encode(), digest_size=8).hexdigest()

    def saved(self) -> Revision:
        """This revision, for a file."""
        text = bytes(self.value)
        return self if _plain(text) == text else replace(self, text=text.decode())

    def restored(self) -> Revision:
        """The revision that a file keeps; its `text` counts for nothing once `value` is another."""
        if self.text is UNSET:
            return self
        text = self.text.encode()
        try:
            same = _plain(text) == _plain(self.value)
        except msgspec.DecodeError:
            same = False
        return replace(self, value=msgspec.Raw(text) if same else self.value, text=UNSET)


class Entry(msgspec.Struct, kw_only=True):
    """A key with its revisions, oldest first: by time and by id."""

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
        place = self._place(revision_id)
        found = self.revisions[place] if place < len(self.revisions) else None
        return found if found is not None and found.id == revision_id else None

    def walk(
        self, earliest: float, latest: float, after: str, *, descending: bool
    ) -> Iterator[Revision]:
        """Revisions of a span of time, both ends included, past the one whose id is `after`."""
        first = bisect_left(self.revisions, earliest, key=lambda revision: revision.at)
        end = bisect_right(self.revisions, latest, key=lambda revision: revision.at)
        if after and descending:
            end = min(end, self._place(after))
        elif after:
            first = max(first, self._place(after) + 1)
        places = range(end - 1, first - 1, -1) if descending else range(first, end)
        return (self.revisions[place] for place in places)

    def _place(self, revision_id: str) -> int:
        return bisect_left(self.revisions, revision_id, key=lambda revision: revision.id)


class _Scope:
    """The entries of one scope."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.order: Index[str] = Index()


class DataStore:
    """One data store of one universe.

    Attributes:
        created: When it was made.
        deleted: When it was marked deleted; ``None`` for one in use.
    """

    def __init__(self, created: float, deleted: float | None = None) -> None:
        self.created = created
        self.deleted = deleted
        self._scopes: dict[str, _Scope] = {}
        self._names: Index[str] = Index()

    def __len__(self) -> int:
        return sum(len(scope.entries) for scope in self._scopes.values())

    def get(self, scope: str, entry_id: str) -> Entry | None:
        """The entry of that id, deleted or not."""
        held = self._scopes.get(scope)
        return held.entries.get(entry_id) if held else None

    def add(self, entry: Entry) -> None:
        """Put in a new entry, or replace one that is gone for good."""
        held = self._scopes.get(entry.scope)
        if held is None:
            held = self._scopes[entry.scope] = _Scope()
            self._names.add(entry.scope)
        if entry.id not in held.entries:
            held.order.add(entry.id)
        held.entries[entry.id] = entry

    def walk(self, scope: str, prefix: str, after: Position | None) -> Iterator[Entry]:
        """Entries whose id begins with `prefix`, in order, past `after`; scope ``-`` is all."""
        everywhere = scope == ALL_SCOPES
        names = self._names.walk(at_least=after[0] if after else None) if everywhere else (scope,)
        for name in names:
            held = self._scopes.get(name)
            if held is None:
                continue
            last = after[1] if after and name == after[0] else None
            for entry_id in held.order.walk(at_least=prefix, after=last):
                if not entry_id.startswith(prefix):
                    break
                yield held.entries[entry_id]


class SavedStore(msgspec.Struct, kw_only=True):
    """A data store with all revisions of its entries, as a state file keeps it."""

    created: float
    deleted: float | None = None
    entries: list[Entry]


Saved = dict[str, dict[str, SavedStore]]
"""Data stores by universe and name."""


class _Universe:
    """The data stores of one universe."""

    def __init__(self) -> None:
        self.stores: dict[str, DataStore] = {}
        self.order: Index[str] = Index()


class DataStores:
    """The data stores of all universes."""

    def __init__(self, clock: SandboxClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._universes: dict[str, _Universe] = {}

    def dump(self) -> Saved:
        """Everything, to be restored later."""
        return {
            universe_id: {
                name: SavedStore(
                    created=store.created,
                    deleted=store.deleted,
                    entries=[
                        replace(entry, revisions=[each.saved() for each in entry.revisions])
                        for entry in store.walk(ALL_SCOPES, "", None)
                    ],
                )
                for name, store in universe.stores.items()
            }
            for universe_id, universe in self._universes.items()
        }

    def restore(self, content: Saved) -> None:
        """Hold what `dump` gave, in place of everything."""
        self._universes = {}
        for universe_id, stores in content.items():
            for name, saved in stores.items():
                store = self._add(universe_id, name, DataStore(saved.created, saved.deleted))
                for entry in saved.entries:
                    entry.revisions = [each.restored() for each in entry.revisions]
                    store.add(entry)

    def _add(self, universe_id: str, name: str, store: DataStore) -> DataStore:
        universe = self._universes.setdefault(universe_id, _Universe())
        if name not in universe.stores:
            universe.order.add(name)
        universe.stores[name] = store
        return store

    def of(self, universe_id: str) -> dict[str, DataStore]:
        """A universe's data stores by name, the deleted ones too."""
        universe = self._universes.get(universe_id)
        return universe.stores if universe else {}

    def walk(self, universe_id: str, prefix: str, after: str | None) -> Iterator[str]:
        """Names of a universe's data stores that begin with `prefix`, in order, past `after`."""
        universe = self._universes.get(universe_id)
        for name in universe.order.walk(at_least=prefix, after=after) if universe else ():
            if not name.startswith(prefix):
                break
            yield name

    def store(self, universe_id: str, name: str) -> DataStore | None:
        """A data store, unless it never was or its deletion lies too far back."""
        store = self.of(universe_id).get(name)
        return None if store is None or self._is_over(store.deleted) else store

    def find(self, universe_id: str, store: str, scope: str, entry_id: str) -> Entry | None:
        """An entry, unless it never was or its deletion lies too far back."""
        found = self.store(universe_id, store)
        entry = found.get(scope, entry_id) if found is not None else None
        return None if entry is None or self.is_gone(entry) else entry

    def is_gone(self, entry: Entry) -> bool:
        """Whether an entry was deleted so long ago that nothing of it is left."""
        latest = entry.latest
        return latest.deleted and self._is_over(latest.at)

    def _is_over(self, deleted: float | None) -> bool:
        return deleted is not None and self._clock.now() >= deleted + KEPT_AFTER_DELETION

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
        entry = self.find(universe_id, store, scope, entry_id)
        at = self._moment(entry)
        revision = Revision(
            id=self._ids.revision(at), at=at, value=value, users=users, attributes=attributes
        )
        if entry is not None:
            if entry.latest.deleted:
                entry.created = at
            entry.revisions.append(revision)
            return entry
        entry = Entry(scope=scope, id=entry_id, created=at, revisions=[revision])
        found = self.store(universe_id, store)
        if found is None:
            found = self._add(universe_id, store, DataStore(at))
        found.add(entry)
        return entry

    def delete(self, entry: Entry) -> None:
        """Mark an entry deleted; its revisions can be read for 30 days more."""
        at = self._moment(entry)
        value = entry.latest.value
        entry.revisions.append(
            Revision(id=self._ids.revision(at), at=at, value=value, deleted=True)
        )

    def _moment(self, entry: Entry | None) -> float:
        """Now, or the entry's last moment where the clock was set back: revisions stay in order."""
        now = whole_microseconds(self._clock.now())
        return max(now, entry.latest.at) if entry else now
