"""What a data store lists: its keys, its entries, and the revisions of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TypedDict

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import KEY_LENGTH, AsyncDataStorePart
from rblx_oauth.api import data_stores as api
from rblx_oauth.core.arguments import text
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import Page
from rblx_oauth.core.entries import key_page
from rblx_oauth.core.filters import revised, starts_with

PAGE = 256
"""Entries in one page of a listing: Roblox's limit."""

REVISIONS_PAGE = 100
"""Revisions in one page of a listing: Roblox's limit."""

EVERY_SCOPE = "-"


class EntryAddress(TypedDict):
    """Where an entry is, as the operations call it."""

    universe_id: int
    data_store_id: str
    scope_id: str
    entry_id: str


class AsyncDataStoreLists(AsyncDataStorePart):
    """A data store of a universe, in one scope, as far as it can be listed.

    Attributes:
        universe_id: The universe.
        name: Its name.
        scope: The scope; ``-`` stands for all of them, which can be listed only.
    """

    def _at(self, key: str) -> EntryAddress:
        """The address of an entry.

        Raises:
            TypeError, ValueError: `key` is none, or this stands for every scope.
        """
        if self.scope == EVERY_SCOPE:
            raise ValueError('the scope "-" stands for all scopes, which can be listed only')
        return {
            "universe_id": self.universe_id,
            "data_store_id": self.name,
            "scope_id": self.scope,
            "entry_id": text("key", key, KEY_LENGTH),
        }

    def keys(
        self, *, prefix: str = "", limit: int | None = None, page_size: int = PAGE
    ) -> AsyncIterator[str]:
        """Every key, page by page, the next page fetched ahead.

        Args:
            prefix: Only those that begin like this.
            limit: At most so many.
            page_size: Fetched at a time, up to 256.
        """
        call = self._entries(prefix).read_with(key_page)
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    def entries(
        self,
        *,
        prefix: str = "",
        show_deleted: bool = False,
        limit: int | None = None,
        page_size: int = PAGE,
    ) -> AsyncIterator[models.Entry]:
        """Every entry's `path` and `id`; Roblox fills nothing else in a listing.

        In the scope ``-``, the path tells the scope of each.

        Args:
            prefix: Only those whose key begins like this.
            show_deleted: Those marked deleted, too.
            limit: At most so many.
            page_size: Fetched at a time, up to 256.
        """
        return self._listing(prefix, show_deleted).walk(limit=limit, page_size=page_size)

    async def page(
        self,
        *,
        prefix: str = "",
        show_deleted: bool = False,
        page_size: int = PAGE,
        page_token: str | None = None,
    ) -> Page[models.Entry]:
        """One page of `entries`, for who turns pages by hand, such as a web page.

        Args:
            prefix: Only those whose key begins like this.
            show_deleted: Those marked deleted, too.
            page_size: Items at most, up to 256.
            page_token: The `Page.next_token` of the page before, with the same prefix.

        Raises:
            BadRequest: The token is not one, or belongs to another prefix.
        """
        listing = self._listing(prefix, show_deleted)
        return await listing.page(page_size=page_size, page_token=page_token)

    def _listing(self, prefix: str, show_deleted: bool) -> AsyncListing[models.Entry]:
        return AsyncListing(self._sender, self._entries(prefix, show_deleted), most=PAGE)

    def _entries(self, prefix: str, show_deleted: bool = False) -> Call[Page[models.Entry]]:
        return api.list_data_store_entries(
            universe_id=self.universe_id,
            data_store_id=self.name,
            scope_id=self.scope,
            filter=starts_with(prefix, KEY_LENGTH),
            show_deleted=show_deleted or None,
        )

    def revisions(
        self,
        key: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        page_size: int = REVISIONS_PAGE,
    ) -> AsyncIterator[models.Entry]:
        """The revisions of an entry, newest first, without their values.

        Args:
            key: The key.
            since: Only those made then or later; with a time zone.
            until: Only those made then or earlier.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = api.list_data_store_entry_revisions(**self._at(key), filter=revised(since, until))
        listing = AsyncListing(self._sender, call, most=REVISIONS_PAGE)
        return listing.walk(limit=limit, page_size=page_size)
