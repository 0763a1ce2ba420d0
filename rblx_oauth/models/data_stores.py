"""Data stores and their entries."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, ResourceId, Timestamp


class State(OpenEnum):
    """Whether something is there, or marked to be gone after 30 days."""

    UNSPECIFIED = "STATE_UNSPECIFIED"
    ACTIVE = "ACTIVE"
    DELETED = "DELETED"


class DataStoreInfo(Model, frozen=True):
    """A data store as a listing gives it.

    Attributes:
        id: Its name.
        path: ``universes/ID/data-stores/NAME``.
        state: ``ACTIVE`` or ``DELETED``.
        created_at: When it was made.
        expires_at: When a deleted one is gone for good.
    """

    id: str
    path: str = ""
    state: State = State.ACTIVE
    created_at: Timestamp | None = msgspec.field(name="createTime", default=None)
    expires_at: Timestamp | None = msgspec.field(name="expireTime", default=None)


class Entry(Model, frozen=True):
    """An entry, or one revision of it. Listings of entries fill only `path` and `id`.

    Attributes:
        id: Its key as Roblox gives it; a revision's ends with ``@`` and the revision.
        path: The resource path.
        value: JSON: None, bool, int, float, str, list or dict.
        revision: Names this state of the entry.
        etag: Guards an update: give it back, and a change in between is a `Conflict`.
        users: Ids of the users that the entry is about.
        attributes: What was stored beside the value, 300 characters in all.
        state: ``ACTIVE`` or ``DELETED``.
        created_at: When the entry was made.
        revised_at: When this revision was made.
    """

    id: str
    path: str = ""
    value: object = None
    revision: str = msgspec.field(name="revisionId", default="")
    etag: str = ""
    users: list[ResourceId] = []
    attributes: Mapping[str, object] = {}
    state: State = State.ACTIVE
    created_at: Timestamp | None = msgspec.field(name="createTime", default=None)
    revised_at: Timestamp | None = msgspec.field(name="revisionCreateTime", default=None)


class OrderedDataStoreEntry(Model, frozen=True):
    """An entry of an ordered data store.

    Attributes:
        id: Its key.
        path: The resource path.
        number: Its value as it came.
    """

    id: str = ""
    path: str = ""
    number: int | float = msgspec.field(name="value", default=0)

    @property
    def value(self) -> int:
        """Its value, an integer of at most 64 bits."""
        # A large one may come as 9.2233720368547758E+18, which is one too many.
        return max(-(2**63), min(round(self.number), 2**63 - 1))


class EntryKey(Model, frozen=True):
    """A key, as listings of the first version give it.

    Attributes:
        key: The key.
        scope: Its scope, where the listing covers all of them.
    """

    key: str
    scope: str = ""
