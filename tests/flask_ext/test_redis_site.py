"""A site whose sessions are in Redis: what a page costs, and what a full Redis means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis

from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ZOE, Browser, make_app
from tests.support.clock import ManualClock
from tests.support.redis import commands_of


@pytest.mark.parametrize(
    ("path", "commands"),
    [
        ("/private", {"hmget": 1}),
        ("/", {"hmget": 1}),
        ("/plain", {}),
        ("/token-state", {"hmget": 2}),
    ],
)
def test_a_page_for_somebody_who_is_logged_in_asks_redis_once(
    cloud: Sandbox,
    clock: ManualClock,
    redis_url: str,
    raw_redis: Redis,
    path: str,
    commands: dict[str, int],
) -> None:
    """Not at all where it does not look who is there, and once more where it uses the token."""
    browser = Browser(make_app(cloud, clock, ROBLOX_STORE_URL=redis_url), cloud)
    browser.log_in()
    assert commands_of(raw_redis, lambda: browser.get(path)) == commands


def test_f26_a_full_redis_logs_nobody_out(
    cloud: Sandbox, clock: ManualClock, redis_url: str, redis_config: Callable[..., None]
) -> None:
    """Who is there stays there, a login answers 503, and all is well when there is room."""
    app = make_app(cloud, clock, ROBLOX_STORE_URL=redis_url)
    ada, zoe = Browser(app, cloud), Browser(app, cloud)
    ada.log_in()
    redis_config(maxmemory="1")
    clock.advance(600)  # so that the session is due to be touched
    assert ada.get("/private").status_code == 200
    assert zoe.get("/roblox/login").status_code == 503
    redis_config(maxmemory="0")
    assert ada.get("/private").status_code == 200
    zoe.log_in(ZOE)
    assert zoe.get("/private").text == f"private page of {ZOE}"
