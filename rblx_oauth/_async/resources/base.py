"""Listings, for every resource that has one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import Page
from rblx_oauth.core.paging import Walk, check_page_size, completed, turned
from rblx_oauth.runtime.aio import Ahead

T = TypeVar("T")


async def only(items: AsyncIterator[T]) -> T | None:
    """The item of a walk that gives one at most; None where it gives none."""
    found = None
    async for item in items:  # to its end, which lets go of the walk
        found = item
    return found


class AsyncListing(Generic[T]):
    """A listing at Roblox, to be walked or to be turned page by page.

    Args:
        sender: Sends the calls.
        call: The call for its first page.
        most: Items that a page may hold; None where that is not known.
    """

    def __init__(
        self, sender: AsyncSender, call: Call[Page[T]], *, most: int | None = None
    ) -> None:
        self._sender = sender
        self._call = call
        self._most = most

    def walk(self, *, limit: int | None = None, page_size: int | None = None) -> AsyncIterator[T]:
        """Every item; the next page is fetched while this one is used.

        Args:
            limit: At most so many.
            page_size: Fetched at a time; by default as many as a page may hold.

        Raises:
            ValueError, TypeError: `limit` or `page_size` is wrong.
        """
        size = self._most if page_size is None else page_size
        walk = Walk(self._call.operation, limit=limit, page_size=size, most=self._most)
        return self._walk(walk)

    async def page(self, *, page_size: int | None = None, page_token: str | None = None) -> Page[T]:
        """One page: the first, or that of the token.

        Args:
            page_size: Items at most; by default as many as a page may hold.
            page_token: The `Page.next_token` of the page before.

        Raises:
            ValueError, TypeError: `page_size` is wrong.
        """
        size = check_page_size(self._most if page_size is None else page_size, self._most)
        return await self._fetch(size, page_token)

    async def _fetch(self, size: int | None, token: str | None) -> Page[T]:
        page = await self._sender.send(turned(self._call, size, token))
        return completed(page, self._call.operation, token)

    async def _walk(self, walk: Walk) -> AsyncIterator[T]:
        if not walk.wants_more():
            return
        page = await self._fetch(walk.page_size, walk.token)
        while True:
            wanted = walk.turn(len(page.items), page.next_token)
            following = self._ahead(walk) if walk.wants_more() else None
            try:
                if following is not None:
                    await following.begun()
                for item in page.items[:wanted]:
                    yield item
                if following is None:
                    return
                page = await following.result()
            finally:
                if following is not None:
                    following.abandon()

    def _ahead(self, walk: Walk) -> Ahead[Page[T]]:
        size, token = walk.page_size, walk.token
        return Ahead(lambda: self._fetch(size, token))
