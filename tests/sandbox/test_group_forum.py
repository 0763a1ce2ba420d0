"""Forums of groups: categories, posts and comments, as they were seeded."""

from __future__ import annotations

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.group_forum import Comment, ForumShelf, Post
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

STUDIO, PALS = 2000001, 2000002
ADA, ZOE = 1000001, 1000002
PATH = f"/cloud/v2/groups/{STUDIO}/forum-categories"


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def test_categories(client: Client) -> None:
    """Those in use, or those that were archived."""
    group = client.group(STUDIO)
    (racing,) = group.forum_categories()
    assert (racing.display_name, racing.creator_id, racing.archived_at) == ("Racing", ADA, None)
    (old,) = group.forum_categories(archived=True)
    assert (old.display_name, old.archiver_id) == ("Old news", ADA)
    assert old.archived_at is not None


def test_posts_with_their_text(client: Client) -> None:
    """Newest first; the text is told unless it is not wanted; those pinned alone."""
    (racing,) = client.group(STUDIO).forum_categories()
    category = client.group(STUDIO).forum_category(racing.id)
    best, welcome = category.posts()
    assert (best.title, best.author_id, best.comment_count, best.pinned) == (
        "Best line on the crater rim?",
        ZOE,
        3,
        False,
    )
    assert best.first_comment is not None
    assert best.first_comment.message is not None
    assert best.first_comment.message.plain_text.startswith("I go through")
    assert list(category.posts(pinned=True)) == [welcome]
    brief = next(category.posts(first_comment=False))
    assert brief.first_comment is not None
    assert brief.first_comment.message is None
    assert brief.first_comment.path == best.first_comment.path


def test_comments_and_replies_to_them(client: Client) -> None:
    """Those on the post itself, without its own text; or those on one comment."""
    (racing,) = client.group(STUDIO).forum_categories()
    category = client.group(STUDIO).forum_category(racing.id)
    best = next(category.posts())
    post = category.post(best.id)
    (comment,) = post.comments()
    assert comment.message is not None
    assert (comment.message.author_id, comment.message.plain_text) == (ADA, "Only on the inside!")
    assert [(each.emote_id, each.count) for each in comment.message.reactions] == [("heart", 2)]
    (reply,) = post.comments(replies_to=comment.id)
    assert reply.message is not None
    assert reply.message.author_id == ZOE
    assert list(post.comments(replies_to=reply.id)) == []


def test_pages_of_posts_and_comments(cloud: Sandbox, client: Client) -> None:
    """Each once, in order, over several pages."""
    (racing,) = client.group(STUDIO).forum_categories()
    kept = cloud.state.shelves.of(ForumShelf).by_group[str(STUDIO)][racing.id]
    comments = {f"c-{at}": Comment(author=str(ADA), text=f"{at}") for at in range(126)}
    for number in range(120):
        kept.posts[f"p-{number}"] = Post(title=f"{number}", author=str(ADA), comments=comments)
    category = client.group(STUDIO).forum_category(racing.id)
    titles = [each.title for each in category.posts()]
    assert titles[:120] == [f"{number}" for number in reversed(range(120))]
    assert len(titles) == 122
    found = list(category.post("p-7").comments(page_size=50))
    assert [each.id for each in found] == [f"c-{at}" for at in range(1, 126)]


def test_a_forum_that_is_not_there_or_not_for_you(app: App, client: Client) -> None:
    """404 for what is missing, 403 for a group that the caller was not let into."""
    with pytest.raises(errors.NotFound):
        list(client.group(1).forum_categories())
    with pytest.raises(errors.NotFound):
        list(client.group(STUDIO).forum_category("none").posts())
    (racing,) = client.group(STUDIO).forum_categories()
    with pytest.raises(errors.NotFound):
        list(client.group(STUDIO).forum_category(racing.id).post("none").comments())
    with pytest.raises(errors.PermissionDenied):
        list(client.group(PALS).forum_categories())
    token = app.login(scope="openid group-forum:read", groups=[str(STUDIO)])
    assert app.call("GET", PATH, token).status_code == 200
    unscoped = app.login(scope="openid", groups=[str(STUDIO)])
    assert error(app.call("GET", PATH, unscoped)) == (403, "INSUFFICIENT_SCOPE")


def test_filters_of_a_forum(app: App, client: Client) -> None:
    """One field each, with the values that it has; quoted as in Roblox's examples, too."""
    (racing,) = client.group(STUDIO).forum_categories()
    posts = f"{PATH}/{racing.id}/posts"
    quoted = app.call("GET", PATH, params={"filter": '"archived==true"'}).json()
    assert len(quoted["groupForumCategories"]) == 1
    for path, wrong in (
        (PATH, "archived==maybe"),
        (PATH, "pinned==true"),
        (posts, "pinned==false"),
        (posts, "archived==true"),
    ):
        answer = app.call("GET", path, params={"filter": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT")
