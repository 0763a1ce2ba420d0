"""Memory store sorted maps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncMemoryStorePart
from rblx_oauth.api import memory_stores as api
from rblx_oauth.core.arguments import text
from rblx_oauth.core.memory_stores import (
    ITEM_KEY_LENGTH,
    item_filter,
    lifetime,
    something,
    sort_keys,
)

ITEMS_PAGE = 100
"""Items in one page of a listing: Roblox's limit."""


class AsyncMemoryStoreSortedMap(AsyncMemoryStorePart):
    """A sorted map in the memory store of a universe.

    Attributes:
        universe_id: The universe.
        name: Its name.
    """

    async def get(self, key: str) -> models.MemoryStoreSortedMapItem:
        """An item.

        Args:
            key: At most 127 characters of any Unicode.

        Raises:
            NotFound: There is none (any more).
        """
        return await self._sender.send(
            api.get_memory_store_sorted_map_item(
                universe_id=self.universe_id,
                sorted_map_id=self.name,
                item_id=text("key", key, ITEM_KEY_LENGTH),
            )
        )

    async def set(
        self,
        key: str,
        value: object,
        *,
        sort_key: str | float | None = None,
        ttl: timedelta | None = None,
        allow_missing: bool = True,
    ) -> models.MemoryStoreSortedMapItem:
        """Write an item.

        Args:
            key: At most 127 characters.
            value: JSON of at most 32 KB, not None.
            sort_key: What it is sorted by before its key: a string of at most 128
                characters, or a number. Numbers come before strings, and both
                before items without one.
            ttl: How long it stays, up to 45 days.
            allow_missing: Whether it is made where it is not there.

        Raises:
            NotFound: It is not there, and must not be made.
            AmbiguousOutcome: It may have been written.
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        string, number = sort_keys(sort_key)
        return await self._sender.send(
            api.update_memory_store_sorted_map_item(
                universe_id=self.universe_id,
                sorted_map_id=self.name,
                item_id=text("key", key, ITEM_KEY_LENGTH),
                allow_missing=allow_missing,
                value=something("value", value),
                ttl=lifetime(ttl),
                string_sort_key=string,
                numeric_sort_key=number,
            )
        )

    async def create(
        self,
        key: str,
        value: object,
        *,
        sort_key: str | float | None = None,
        ttl: timedelta | None = None,
    ) -> models.MemoryStoreSortedMapItem:
        """Write an item that is not there yet. Arguments as for `set`.

        Raises:
            Conflict: It is there already; nothing was changed.
            AmbiguousOutcome: It may have been written.
        """
        string, number = sort_keys(sort_key)
        return await self._sender.send(
            api.create_memory_store_sorted_map_item(
                universe_id=self.universe_id,
                sorted_map_id=self.name,
                item_id=text("key", key, ITEM_KEY_LENGTH),
                value=something("value", value),
                ttl=lifetime(ttl),
                string_sort_key=string,
                numeric_sort_key=number,
            )
        )

    async def delete(self, key: str) -> None:
        """Delete an item.

        Raises:
            NotFound: There is none.
        """
        await self._sender.send(
            api.delete_memory_store_sorted_map_item(
                universe_id=self.universe_id,
                sorted_map_id=self.name,
                item_id=text("key", key, ITEM_KEY_LENGTH),
            )
        )

    def items(
        self,
        *,
        descending: bool = False,
        prefix: str = "",
        after: str | None = None,
        before: str | None = None,
        sort_key_after: str | float | None = None,
        sort_key_before: str | float | None = None,
        limit: int | None = None,
        page_size: int = ITEMS_PAGE,
    ) -> AsyncIterator[models.MemoryStoreSortedMapItem]:
        """The items in their order, page by page.

        Args:
            descending: The last first.
            prefix: Only those whose key begins like this and goes on.
            after: Only those whose key is after this one.
            before: Only those whose key is before this one.
            sort_key_after: Only those whose sort key is above this.
            sort_key_before: Only those whose sort key is below this.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        call = api.list_memory_store_sorted_map_items(
            universe_id=self.universe_id,
            sorted_map_id=self.name,
            order_by="id desc" if descending else None,
            filter=item_filter(
                prefix=prefix,
                after=after,
                before=before,
                sort_key_after=sort_key_after,
                sort_key_before=sort_key_before,
            ),
        )
        listing = AsyncListing(self._sender, call, most=ITEMS_PAGE)
        return listing.walk(limit=limit, page_size=page_size)
