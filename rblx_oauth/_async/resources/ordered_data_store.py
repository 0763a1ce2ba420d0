"""Ordered data stores: integers by key, listed by size."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypedDict

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.creation import create
from rblx_oauth._async.resources.universe_part import KEY_LENGTH, AsyncDataStorePart
from rblx_oauth.api import ordered_data_stores as api
from rblx_oauth.core.arguments import text
from rblx_oauth.core.call import Call
from rblx_oauth.core.filters import valued

ORDERED_PAGE = 100
"""Entries in one page of a listing: Roblox's limit."""


class OrderedAddress(TypedDict):
    """Where an entry is, as the operations call it."""

    universe_id: int
    ordered_data_store_id: str
    scope_id: str
    entry_id: str


class AsyncOrderedDataStore(AsyncDataStorePart):
    """An ordered data store of a universe, in one scope. Its values are 64-bit integers.

    Attributes:
        universe_id: The universe.
        name: Its name.
        scope: The scope.
    """

    async def get(self, key: str) -> models.OrderedDataStoreEntry:
        """An entry.

        Args:
            key: At most 50 characters of any Unicode.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(self._reading(key))

    def _reading(self, key: str) -> Call[models.OrderedDataStoreEntry]:
        return api.get_ordered_data_store_entry(**self._at(key))

    def _at(self, key: str) -> OrderedAddress:
        return {
            "universe_id": self.universe_id,
            "ordered_data_store_id": self.name,
            "scope_id": self.scope,
            "entry_id": text("key", key, KEY_LENGTH),
        }

    async def set(
        self, key: str, value: int, *, allow_missing: bool = True
    ) -> models.OrderedDataStoreEntry:
        """Write an entry.

        Args:
            key: At most 50 characters.
            value: An integer of at most 64 bits.
            allow_missing: Whether it is made where it is not there.

        Raises:
            NotFound: It is not there, and must not be made.
            AmbiguousOutcome: It may have been written.
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        return await self._sender.send(
            api.update_ordered_data_store_entry(
                **self._at(key), allow_missing=allow_missing, value=value
            )
        )

    async def create(self, key: str, value: int) -> models.OrderedDataStoreEntry:
        """Write an entry that is not there yet. Arguments as for `set`.

        Raises:
            Conflict: It is there already; nothing was changed.
            AmbiguousOutcome: It may have been written.
        """
        call = api.create_ordered_data_store_entry(**self._at(key), value=value)
        return await create(self._sender, call, self._reading(key))

    async def increment(self, key: str, amount: int = 1) -> models.OrderedDataStoreEntry:
        """Add to an entry, at Roblox, in one step; from 0 where there is none.

        Never sent twice.

        Raises:
            AmbiguousOutcome: It may have been added.
        """
        return await self._sender.send(
            api.increment_ordered_data_store_entry(**self._at(key), amount=amount)
        )

    async def delete(self, key: str) -> None:
        """Delete an entry.

        Raises:
            NotFound: There is none.
        """
        await self._sender.send(api.delete_ordered_data_store_entry(**self._at(key)))

    def top(self, limit: int = 10) -> AsyncIterator[models.OrderedDataStoreEntry]:
        """The entries of the highest values, the highest first.

        Args:
            limit: At most so many.
        """
        return self.entries(descending=True, limit=limit)

    def entries(
        self,
        *,
        descending: bool = False,
        minimum: int | None = None,
        maximum: int | None = None,
        limit: int | None = None,
        page_size: int = ORDERED_PAGE,
    ) -> AsyncIterator[models.OrderedDataStoreEntry]:
        """The entries in the order of their values, page by page.

        Args:
            descending: The highest first, rather than the lowest.
            minimum: Only values of at least this.
            maximum: Only values of at most this.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = api.list_ordered_data_store_entries(
            universe_id=self.universe_id,
            ordered_data_store_id=self.name,
            scope_id=self.scope,
            order_by="value desc" if descending else None,
            filter=valued(minimum, maximum),
        )
        listing = AsyncListing(self._sender, call, most=ORDERED_PAGE)
        return listing.walk(limit=limit, page_size=page_size)
