"""The forum of a group: categories, posts in them, comments on those."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import groups as api
from rblx_oauth.core.arguments import flag, identifier, text

CATEGORIES = 10
"""Categories in one page: Roblox's limit."""
PAGE = 100
"""Posts in one page, and comments."""

_ID = re.compile(r"[A-Za-z0-9_-]+")


class AsyncForumCategory:
    """A category of a group's forum.

    Attributes:
        group_id: The group.
        id: The category's id, a UUID.
    """

    def __init__(self, sender: AsyncSender, group_id: int, category_id: str) -> None:
        identifier("group_id", group_id)
        self._sender = sender
        self.group_id = group_id
        self.id: str = text("category_id", category_id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.group_id}, {self.id!r})"

    def posts(
        self,
        *,
        pinned: bool = False,
        first_comment: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.GroupForumPost]:
        """The posts in the category.

        Args:
            pinned: Only those that are pinned.
            first_comment: Whether each comes with its first comment, which is what
                was posted; else `GroupForumPost.first_comment` has a path only.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        whole = flag("first_comment", first_comment)
        call = api.list_group_forum_posts(
            group_id=self.group_id,
            forum_category_id=self.id,
            filter="pinned==true" if flag("pinned", pinned) else None,
            view="FULL_WITH_FIRST_COMMENT" if whole else "FULL",
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    def post(self, post_id: str) -> AsyncForumPost:
        """A post in the category, by its id. Nothing is sent."""
        return AsyncForumPost(self._sender, self, post_id)


class AsyncForumPost:
    """A post in a group's forum.

    Attributes:
        group_id: The group.
        category_id: The category it is in.
        id: The post's id, a UUID.
    """

    def __init__(self, sender: AsyncSender, category: AsyncForumCategory, post_id: str) -> None:
        self._sender = sender
        self.group_id: int = category.group_id
        self.category_id: str = category.id
        self.id: str = text("post_id", post_id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.group_id}, {self.category_id!r}, {self.id!r})"

    def comments(
        self,
        *,
        replies_to: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.GroupForumComment]:
        """The comments on the post.

        Args:
            replies_to: Those that reply to the comment of this id, in place of
                those on the post itself.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.

        Raises:
            ValueError: `replies_to` is no id; nothing was sent.
        """
        only = None
        if replies_to is not None:
            if not _ID.fullmatch(text("replies_to", replies_to)):
                raise ValueError("replies_to must be a comment's id")
            only = f"repliesToCommentId=={replies_to}"
        call = api.list_group_forum_comments(
            group_id=self.group_id,
            forum_category_id=self.category_id,
            post_id=self.id,
            filter=only,
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)


def forum_categories(
    sender: AsyncSender, group_id: int, *, archived: bool
) -> AsyncListing[models.GroupForumCategory]:
    """The categories of a group's forum."""
    only = "archived==true" if flag("archived", archived) else None
    call = api.list_group_forum_categories(group_id=group_id, filter=only)
    return AsyncListing(sender, call, most=CATEGORIES)
