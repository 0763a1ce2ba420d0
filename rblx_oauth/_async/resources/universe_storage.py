"""What a universe stores: data stores, ordered ones, and its memory store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_base import AsyncUniverseBase
from rblx_oauth._async.resources.universe_part import KEY_LENGTH
from rblx_oauth.api import data_stores
from rblx_oauth.core import polling
from rblx_oauth.core.codec import Page
from rblx_oauth.core.filters import starts_with
from rblx_oauth.core.people import one_of

if TYPE_CHECKING:
    from rblx_oauth._async.resources.data_store import AsyncDataStore
    from rblx_oauth._async.resources.memory_flush import AsyncMemoryStoreFlush
    from rblx_oauth._async.resources.memory_queue import AsyncMemoryStoreQueue
    from rblx_oauth._async.resources.memory_sorted_map import AsyncMemoryStoreSortedMap
    from rblx_oauth._async.resources.ordered_data_store import AsyncOrderedDataStore

STORES_PAGE = 100
"""Data stores in one page of a listing: Roblox's limit."""


class AsyncUniverseStorage(AsyncUniverseBase):
    """A universe and what it stores.

    Attributes:
        id: Its id.
    """

    def data_store(self, name: str, *, scope: str = "global") -> AsyncDataStore:
        """A data store of the universe. Nothing is sent.

        Raises:
            ValueError: The name or the scope is empty or over 50 characters.
        """
        from rblx_oauth._async.resources.data_store import AsyncDataStore

        return AsyncDataStore(self._sender, self.id, name, scope=scope)

    def data_stores(
        self,
        *,
        prefix: str = "",
        show_deleted: bool = False,
        limit: int | None = None,
        page_size: int = STORES_PAGE,
    ) -> AsyncIterator[models.DataStoreInfo]:
        """The data stores of the universe.

        Args:
            prefix: Only those whose name begins like this.
            show_deleted: Those marked deleted, too.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        return self._listing(prefix, show_deleted).walk(limit=limit, page_size=page_size)

    async def data_store_page(
        self,
        *,
        prefix: str = "",
        show_deleted: bool = False,
        page_size: int = STORES_PAGE,
        page_token: str | None = None,
    ) -> Page[models.DataStoreInfo]:
        """One page of `data_stores`; arguments and errors as `AsyncDataStore.page`."""
        listing = self._listing(prefix, show_deleted)
        return await listing.page(page_size=page_size, page_token=page_token)

    def _listing(self, prefix: str, show_deleted: bool) -> AsyncListing[models.DataStoreInfo]:
        call = data_stores.list_data_stores(
            universe_id=self.id,
            filter=starts_with(prefix, KEY_LENGTH),
            show_deleted=show_deleted or None,
        )
        return AsyncListing(self._sender, call, most=STORES_PAGE)

    async def snapshot_data_stores(self) -> models.DataStoreSnapshot:
        """Have what all data stores hold now kept as revisions, for 30 days at least.

        Roblox takes one snapshot a UTC day; another changes nothing, and is told
        when the first was.
        """
        return await self._sender.send(data_stores.snapshot_data_stores(universe_id=self.id))

    def ordered_data_store(self, name: str, *, scope: str = "global") -> AsyncOrderedDataStore:
        """An ordered data store of the universe. Nothing is sent.

        Raises:
            ValueError: The name or the scope is empty or over 50 characters.
        """
        from rblx_oauth._async.resources.ordered_data_store import AsyncOrderedDataStore

        return AsyncOrderedDataStore(self._sender, self.id, name, scope=scope)

    def queue(self, name: str) -> AsyncMemoryStoreQueue:
        """A queue in the universe's memory store. Nothing is sent."""
        from rblx_oauth._async.resources.memory_queue import AsyncMemoryStoreQueue

        return AsyncMemoryStoreQueue(self._sender, self.id, name)

    def sorted_map(self, name: str) -> AsyncMemoryStoreSortedMap:
        """A sorted map in the universe's memory store. Nothing is sent."""
        from rblx_oauth._async.resources.memory_sorted_map import AsyncMemoryStoreSortedMap

        return AsyncMemoryStoreSortedMap(self._sender, self.id, name)

    async def flush_memory_store(
        self, *, scope: Literal["LIVE", "TEST"] = "LIVE"
    ) -> AsyncMemoryStoreFlush:
        """Begin to empty every queue and map of the universe's memory store. Never sent twice.

        Args:
            scope: ``LIVE``, or ``TEST``.

        Returns:
            The operation to wait for.

        Raises:
            AmbiguousOutcome: It may have begun.
        """
        from rblx_oauth._async.resources.memory_flush import SCOPES, AsyncMemoryStoreFlush
        from rblx_oauth.api import memory_stores

        begun = await self._sender.send(
            memory_stores.flush_memory_store(
                universe_id=self.id, scope=one_of("scope", scope, SCOPES)
            )
        )
        return AsyncMemoryStoreFlush(
            self._sender,
            self.id,
            polling.name_of(begun, "flush_memory_store"),
            scope=scope,
            ended=begun if begun.done else None,
        )

    def memory_store_flush(
        self, operation_id: str, *, scope: Literal["LIVE", "TEST"] = "LIVE"
    ) -> AsyncMemoryStoreFlush:
        """A flush under way, by its id (`AsyncMemoryStoreFlush.id`). Nothing is sent."""
        from rblx_oauth._async.resources.memory_flush import AsyncMemoryStoreFlush

        return AsyncMemoryStoreFlush(self._sender, self.id, operation_id, scope=scope)
