"""The forums of groups: categories, the posts in them, the comments on those."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from rblx_oauth.sandbox.behaviour.groups import group_of, its_creator
from rblx_oauth.sandbox.cel import read_filter
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import page
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "Category", "Comment", "ForumShelf", "Post"]

_CATEGORIES_PAGE = 10
_PAGE = 100


class Comment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment, or the text of a post. `reactions` counts by emote."""

    author: str
    text: str
    replies_to: str = ""
    reactions: dict[str, int] = {}
    created: float = BUILT
    updated: float = BUILT


class Post(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A post; the first of its comments, by id, is its text."""

    title: str
    author: str
    comments: dict[str, Comment]
    pinned: bool = False
    locked: bool = False
    created: float = BUILT
    updated: float = BUILT
    archived: float | None = None
    archiver: str = ""

    def first(self) -> tuple[str, Comment]:
        """Its text, with the id."""
        return next(iter(self.comments.items()))


class Category(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A category, with its posts by id, oldest first."""

    name: str
    creator: str
    posts: dict[str, Post] = {}
    created: float = BUILT
    updated: float = BUILT
    archived: float | None = None
    archiver: str = ""


class ForumShelf(Shelf):
    """The categories of each group's forum, by their ids."""

    section: ClassVar[str] = "forums"

    by_group: dict[str, dict[str, Category]] = {}


def _categories(exchange: Exchange) -> dict[str, Category]:
    forums = exchange.state.shelves.of(ForumShelf).by_group
    return forums.get(group_of(exchange).id, {})


def _category(exchange: Exchange) -> Category:
    found = _categories(exchange).get(exchange.arguments["forum_category_id"])
    if found is None:
        raise Refusal.not_found("there is no such category")
    return found


def _filter(exchange: Exchange, field: str, *values: str) -> str:
    """What the one field of the filter must be; "" if there is no filter."""
    wanted = read_filter(exchange.request.args.get("filter", ""), {field: "=="})
    value = wanted.get(field, ("",))[0]
    if wanted and values and value not in values:
        raise Refusal.invalid(f"{field} can be filtered for {' or '.join(values)} only", "filter")
    return value


def _times(thing: Category | Post | Comment) -> dict[str, object]:
    return {"createTime": rfc3339(thing.created), "updateTime": rfc3339(thing.updated)}


def _archive(thing: Category | Post) -> dict[str, object]:
    if thing.archived is None:
        return {}
    return {"archiveTime": rfc3339(thing.archived), "archiver": f"users/{thing.archiver}"}


def _list_categories(exchange: Exchange) -> object:
    archived = _filter(exchange, "archived", "true", "false") == "true"
    with exchange.state.lock:
        group = group_of(exchange)
        items = _categories(exchange).items()
        return page(
            exchange,
            "groupForumCategories",
            (each for each in items if (each[1].archived is not None) == archived),
            lambda each: {
                "path": f"groups/{group.id}/forum-categories/{each[0]}",
                "groupForumCategoryId": each[0],
                "displayName": each[1].name,
                "creator": f"users/{each[1].creator}",
                **_times(each[1]),
                **_archive(each[1]),
            },
            most=_CATEGORIES_PAGE,
        )


def _posts_path(exchange: Exchange) -> str:
    arguments = exchange.arguments
    category = arguments["forum_category_id"]
    return f"groups/{arguments['group_id']}/forum-categories/{category}/posts"


def _list_posts(exchange: Exchange) -> object:
    pinned = _filter(exchange, "pinned", "true")
    brief = exchange.request.args.get("view") == "FULL"
    path = _posts_path(exchange)

    def describe(found: tuple[str, Post]) -> object:
        post_id, post = found
        comment_id, comment = post.first()
        at = f"{path}/{post_id}"
        text = _comment_body(at, comment_id, comment)
        return {
            "path": at,
            "groupForumPostId": post_id,
            "title": post.title,
            "author": f"users/{post.author}",
            "pinned": post.pinned,
            "locked": post.locked,
            "commentCount": len(post.comments),
            "firstComment": {"path": text["path"]} if brief else text,
            **_times(post),
            **_archive(post),
        }

    with exchange.state.lock:
        newest_first = reversed(_category(exchange).posts.items())
        walk = (each for each in newest_first if each[1].pinned or not pinned)
        return page(exchange, "groupForumPosts", walk, describe, most=_PAGE)


def _comment_body(post: str, comment_id: str, comment: Comment) -> dict[str, object]:
    return {
        "path": f"{post}/comments/{comment_id}",
        "groupForumCommentId": comment_id,
        "message": {
            **_times(comment),
            "plainText": comment.text,
            "author": f"users/{comment.author}",
            "messageReaction": [
                {"emoteId": emote, "count": count} for emote, count in comment.reactions.items()
            ],
        },
    }


def _list_comments(exchange: Exchange) -> object:
    replies_to = _filter(exchange, "repliesToCommentId")
    with exchange.state.lock:
        post = _category(exchange).posts.get(exchange.arguments["post_id"])
        if post is None:
            raise Refusal.not_found("there is no such post")
        path = f"{_posts_path(exchange)}/{exchange.arguments['post_id']}"
        return page(
            exchange,
            "groupForumComments",
            _replies(post, replies_to),
            lambda each: _comment_body(path, *each),
            most=_PAGE,
        )


def _replies(post: Post, replies_to: str) -> Iterator[tuple[str, Comment]]:
    text = post.first()[0]
    for comment_id, comment in post.comments.items():
        if comment_id != text and comment.replies_to == replies_to:
            yield comment_id, comment


BEHAVIOURS = {
    "list_group_forum_categories": Behaviour(_list_categories, its_creator),
    "list_group_forum_comments": Behaviour(_list_comments, its_creator),
    "list_group_forum_posts": Behaviour(_list_posts, its_creator),
}
