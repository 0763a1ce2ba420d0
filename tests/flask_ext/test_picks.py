"""What people picked: remembered for a minute, asked for once, forgotten after a new consent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask_ext.picks import MOST, PickCache
from rblx_oauth import Resources
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, PUBLISH, Browser, make_app
from tests.support.clock import ManualClock

NOTHING = Resources(frozenset(), frozenset(), frozenset(), ())
RESOURCES = "/oauth/v1/token/resources"


def test_a_consent_in_one_worker_counts_in_the_others_at_once(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """Each remembers the old picks; the grant's generation tells it that they are old."""
    more = {
        "ROBLOX_STORE_URL": f"sqlite:///{tmp_path}/store.db",
        "ROBLOX_SCOPES": f"openid profile {PUBLISH}",
    }
    one, other = (Browser(make_app(cloud, clock, **more), cloud) for _ in range(2))
    mine = [str(each["id"]) for each in cloud.universes if each["owner"] == f"users/{ADA}"]
    one.log_in(universes=mine[:1])
    other.set_cookie("roblox_session", one.cookie() or "")
    for browser in (one, other):
        assert browser.get(f"/universe/{mine[0]}").status_code == 200
        assert browser.get(f"/universe/{mine[1]}").status_code == 403
    assert cloud.count(RESOURCES) == 2  # one a worker
    url = one.get(f"/universe/{mine[1]}").text.split('class="button" href="')[1].split('"')[0]
    begun = one.get(url.replace("&amp;", "&")).headers["Location"]
    one.land(cloud.consent(begun, universes=mine[:2]))
    other.set_cookie("roblox_session", one.cookie() or "")
    for browser in (other, one):
        assert browser.get(f"/universe/{mine[1]}").status_code == 200
    assert cloud.count(RESOURCES) == 4


def test_many_requests_at_once_ask_roblox_once(clock: ManualClock) -> None:
    """All wait for the first one's answer; those that come late find it."""
    cache, asked, waiting = PickCache(clock), [], threading.Barrier(17)

    def ask() -> Resources:
        asked.append(1)
        return NOTHING

    def look(_: int) -> Resources:
        waiting.wait(timeout=60)
        return cache.get("grant", 1, ask)

    with ThreadPoolExecutor(16) as pool:
        looking = [pool.submit(look, number) for number in range(16)]
        waiting.wait(timeout=60)
        assert [each.result() for each in looking] == [NOTHING] * 16
    assert len(asked) == 1


def test_an_answer_that_failed_is_asked_for_again(clock: ManualClock) -> None:
    """A failure is not remembered."""
    cache = PickCache(clock)
    answers = [OSError("gone"), NOTHING]

    def ask() -> Resources:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    try:
        cache.get("grant", 1, ask)
    except OSError:
        assert cache.get("grant", 1, ask) == NOTHING
    assert not answers


def test_only_so_many_are_remembered(clock: ManualClock) -> None:
    """The oldest answers go first; one that was renewed is no old one."""
    cache = PickCache(clock)
    asked: list[str] = []

    def look(name: str) -> None:
        def ask() -> Resources:
            asked.append(name)
            return NOTHING

        cache.get(name, 1, ask)

    look("first")
    look("second")
    clock.advance(61)
    look("first")
    for number in range(MOST - 1):
        look(str(number))
    asked.clear()
    look("first")
    look("second")
    assert asked == ["second"]
