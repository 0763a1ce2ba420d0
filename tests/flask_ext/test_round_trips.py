"""What a page costs a site whose sessions are in Redis."""

from __future__ import annotations

import pytest
from redis import Redis

from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import Browser, make_app
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
