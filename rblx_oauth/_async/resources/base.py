"""Listings, for every resource that has one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import Page
from rblx_oauth.core.paging import Walk, check_page_size
from rblx_oauth.runtime.aio import Ahead

T = TypeVar("T")


class AsyncListing(Generic[T]):
    """A listing at Roblox, to be walked or to be turned page by page.

    Args:
        sender: Sends the calls.
        call: Makes the call for a page, from its size and token.
        largest: Items that a page may hold.
    """

    def __init__(
        self,
        sender: AsyncSender,
        call: Callable[[int, str | None], Call[Page[T]]],
        *,
        largest: int,
    ) -> None:
        self._sender = sender
        self._call = call
        self._largest = largest

    def walk(self, *, limit: int | None, page_size: int) -> AsyncIterator[T]:
        """Every item; the next page is fetched while this one is used.

        Raises:
            ValueError, TypeError: `limit` or `page_size` is wrong.
        """
        return self._walk(Walk(limit=limit, page_size=page_size, max_page_size=self._largest))

    async def page(self, *, page_size: int, page_token: str | None) -> Page[T]:
        """One page: the first, or that of the token."""
        size = check_page_size(page_size, self._largest)
        return await self._sender.send(self._call(size, page_token))

    async def _walk(self, walk: Walk) -> AsyncIterator[T]:
        if not walk.wants_more():
            return
        page = await self._sender.send(self._call(walk.page_size, walk.token))
        while True:
            wanted = walk.turn(len(page.items), page.next_token)
            following = self._ahead(walk) if walk.wants_more() else None
            try:
                for item in page.items[:wanted]:
                    yield item
                if following is None:
                    return
                page = await following.result()
            finally:
                if following is not None:
                    following.abandon()

    def _ahead(self, walk: Walk) -> Ahead[Page[T]]:
        call = self._call(walk.page_size, walk.token)
        return Ahead(lambda: self._sender.send(call))
