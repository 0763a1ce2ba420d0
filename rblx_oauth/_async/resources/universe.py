"""Universes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.data_store import AsyncDataStore
from rblx_oauth._async.resources.data_store_lists import KEY_LENGTH
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import data_stores, universes
from rblx_oauth.core.arguments import identifier
from rblx_oauth.core.codec import Page
from rblx_oauth.core.filters import starts_with

STORES_PAGE = 100
"""Data stores in one page of a listing: Roblox's limit."""


class AsyncUniverse:
    """A universe, by its id.

    Attributes:
        id: Its id.
    """

    def __init__(self, sender: AsyncSender, universe_id: int) -> None:
        identifier("universe_id", universe_id)
        self._sender = sender
        self.id = universe_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self) -> models.Universe:
        """What Roblox knows of it.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(universes.get_universe(universe_id=self.id))

    async def publish_message(self, topic: str, message: str) -> None:
        """Send a message to every live server of the universe that subscribed to a topic.

        Never sent twice: a message that may have gone out is `AmbiguousOutcome`.

        Args:
            topic: At most 80 characters.
            message: At most 1,024 characters.

        Raises:
            ValueError: One is empty or too long.
            InsufficientScope: The token lacks ``universe-messaging-service:publish``.
            AmbiguousOutcome: It may have been published.
        """
        await self._sender.send(
            universes.publish_universe_message(universe_id=self.id, topic=topic, message=message)
        )

    def data_store(self, name: str, *, scope: str = "global") -> AsyncDataStore:
        """A data store of the universe. Nothing is sent.

        Raises:
            ValueError: The name or the scope is empty or over 50 characters.
        """
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
