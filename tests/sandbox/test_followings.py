"""Followings: one's own, of anybody's universes, up to a limit."""

from __future__ import annotations

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.followings import MOST_FOLLOWED, FollowingShelf
from rblx_oauth.sandbox.clock import whole_microseconds
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

ADA, KAI = 1000001, 1000003
LANTERN, GARDEN = 3000001, 3000004
READ, WRITE = "legacy-universe.following:read", "legacy-universe.following:write"


def error(answer: requests.Response) -> tuple[int, int]:
    """Status and number of a refusal, which is in the legacy shape."""
    (found,) = answer.json()["errors"]
    assert found["message"]
    return answer.status_code, found["code"]


def test_following_and_unfollowing(cloud: Sandbox, client: Client) -> None:
    """Anybody's universe, from then on; doing either twice changes nothing."""
    user = client.user(ADA)
    assert [each.universe_id for each in user.followings()] == [GARDEN]
    user.follow(LANTERN)
    since = user.following_since()
    assert set(since) == {GARDEN, LANTERN}
    assert abs(since[LANTERN].timestamp() - cloud.clock.now()) < 5
    cloud.clock.advance(60)
    user.follow(LANTERN)
    assert user.following_since() == since
    status = user.following(LANTERN)
    assert (status.is_following, status.can_follow) == (True, True)
    assert (status.following_count, status.following_limit) == (2, MOST_FOLLOWED)
    for _ in range(2):
        user.unfollow(LANTERN)
        assert user.following(LANTERN).is_following is False
    assert [each.universe_id for each in user.followings()] == [GARDEN]


def test_a_limit(cloud: Sandbox, app: App, client: Client) -> None:
    """One more than that is a 400; what is followed already is not one more."""
    shelf = cloud.state.shelves.of(FollowingShelf)
    shelf.by_user[str(ADA)] = {str(number): 0.0 for number in range(1, MOST_FOLLOWED)}
    client.user(ADA).follow(GARDEN)
    status = client.user(ADA).following(LANTERN)
    assert (status.can_follow, status.following_count) == (False, MOST_FOLLOWED)
    assert client.user(ADA).following(GARDEN).can_follow is True
    client.user(ADA).follow(GARDEN)
    path = f"/legacy-followings/v1/users/{ADA}/universes/{LANTERN}"
    assert error(app.call("POST", path)) == (400, 0)
    with pytest.raises(errors.BadRequest):
        client.user(ADA).follow(LANTERN)
    assert len(client.user(ADA).followings()) == MOST_FOLLOWED


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "v1/users/{}/universes"),
        ("GET", "v2/users/{}/universes"),
        ("GET", f"v1/users/{{}}/universes/{GARDEN}/status"),
        ("POST", f"v1/users/{{}}/universes/{GARDEN}"),
        ("DELETE", f"v1/users/{{}}/universes/{GARDEN}"),
    ],
)
def test_followings_are_one_s_own(app: App, method: str, path: str) -> None:
    """403 for anybody else's, and without the scope."""
    scope = READ if method == "GET" else WRITE
    kai = app.login(scope=f"openid {scope}", user=KAI, universes=[], groups=[], creator=False)
    path = f"/legacy-followings/{path}"
    assert app.call(method, path.format(KAI), kai).status_code == 200
    assert error(app.call(method, path.format(ADA), kai)) == (403, 0)
    assert error(app.call(method, path.format(KAI))) == (403, 0)
    unscoped = app.login(scope="openid", user=KAI)
    assert error(app.call(method, path.format(KAI), unscoped)) == (403, 0)


def test_universes_that_are_not_there(client: Client) -> None:
    """404."""
    for call in (client.user(ADA).follow, client.user(ADA).following):
        with pytest.raises(errors.NotFound):
            call(1)


def test_followings_survive_a_dump(cloud: Sandbox, client: Client) -> None:
    """To the microsecond."""
    client.user(ADA).follow(LANTERN)
    before = client.user(ADA).following_since()
    load(cloud.state, dump(cloud.state), alone=True)
    assert client.user(ADA).following_since() == before
    assert before[LANTERN].timestamp() == whole_microseconds(before[LANTERN].timestamp())
