"""Walking listings, for every resource that has one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import Page
from rblx_oauth.core.paging import Walk
from rblx_oauth.runtime.aio import Ahead

T = TypeVar("T")


async def walk_pages(
    sender: AsyncSender, call: Callable[[int, str | None], Call[Page[T]]], walk: Walk
) -> AsyncIterator[T]:
    """Every item of a listing; the next page is fetched while this one is used.

    Args:
        sender: Sends the calls.
        call: Makes the call for a page, from its size and token.
        walk: What is wanted.
    """
    if not walk.wants_more():
        return
    page = await sender.send(call(walk.page_size, walk.token))
    while True:
        wanted = walk.turn(len(page.items), page.next_token)
        following = _ahead(sender, call(walk.page_size, walk.token)) if walk.wants_more() else None
        try:
            for item in page.items[:wanted]:
                yield item
            if following is None:
                return
            page = await following.result()
        finally:
            if following is not None:
                following.abandon()


def _ahead(sender: AsyncSender, call: Call[Page[T]]) -> Ahead[Page[T]]:
    return Ahead(lambda: sender.send(call))
