"""Sessions: how they end, what the store knows, and "where you are logged in"."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flask_ext.device import device
from flask_ext.state import NAME
from rblx_oauth.core.rows import Record
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, KAI, ZOE, Browser, make_app, roblox
from tests.support.clock import ManualClock

DAY = 86400.0
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def test_c39_a_session_ends_when_it_is_idle(browser: Browser, clock: ManualClock) -> None:
    """Fourteen days without a request, by default; each request starts them anew."""
    browser.log_in()
    clock.advance(13 * DAY)
    assert browser.who() == "ada_builds"
    clock.advance(13 * DAY)
    assert browser.who() == "ada_builds"
    clock.advance(14 * DAY)
    assert browser.who() == "nobody"


def test_c39_a_session_ends_however_busy_it_is(browser: Browser, clock: ManualClock) -> None:
    """Thirty days after the login, by default."""
    browser.log_in()
    for _ in range(29):
        clock.advance(DAY)
        assert browser.who() == "ada_builds"
    clock.advance(DAY)
    assert browser.who() == "nobody"


def test_c39_sessions_do_not_end_with_the_access_token(
    browser: Browser, clock: ManualClock
) -> None:
    """A token lives fifteen minutes; the person stays logged in."""
    browser.log_in()
    clock.advance(3600)
    assert browser.who() == "ada_builds"


def test_c39_shorter_timeouts_hold_for_old_sessions_too(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """A deploy that shortens them ends sessions that were begun before it."""
    store = f"sqlite:///{tmp_path}/store.db"
    before = Browser(make_app(cloud, clock, ROBLOX_STORE_URL=store), cloud)
    before.log_in()
    after = Browser(make_app(cloud, clock, ROBLOX_STORE_URL=store, ROBLOX_SESSION_IDLE=600), cloud)
    after.set_cookie("roblox_session", before.cookie() or "")
    clock.advance(599)
    assert before.who() == "ada_builds"  # seen now, under the long timeout
    clock.advance(601)
    assert after.who() == "nobody"


def test_a_busy_session_is_written_once_a_minute(
    app: Flask, browser: Browser, clock: ManualClock
) -> None:
    """Every request reads the session; few write it."""
    browser.log_in()
    store = app.extensions[NAME].here.store
    begun = store.list_records("session", now=clock.now())[0].seen_at
    for _ in range(5):
        clock.advance(10)
        browser.who()
    assert store.list_records("session", now=clock.now())[0].seen_at == begun
    clock.advance(10)
    browser.who()
    assert store.list_records("session", now=clock.now())[0].seen_at == begun + 60


def test_c38_c46_the_store_holds_neither_cookie_nor_name_in_the_clear(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """A stolen database opens no session and tells nobody's name."""
    app = make_app(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path}/store.db")
    browser = Browser(app, cloud)
    browser.log_in()
    browser.begin("/announce?secret=canary")
    session_id = (browser.cookie() or "").rpartition(".")[0]
    dump = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(dump) > 1000
    for secret in (session_id, "ada_builds", "canary"):
        assert secret.encode() not in dump


def test_a_person_sees_where_they_are_logged_in(app: Flask, cloud: Sandbox) -> None:
    """Newest first, with the device and which one is asking; never other people's."""
    laptop, phone, stranger = (Browser(app, cloud) for _ in range(3))
    laptop.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    phone.client.environ_base["HTTP_USER_AGENT"] = SAFARI
    laptop.log_in(ADA)
    phone.log_in(ADA)
    stranger.log_in(ZOE)
    seen = laptop.get("/sessions").json
    assert seen is not None
    assert {(each["device"], each["current"]) for each in seen} == {
        ("Safari on iPhone", False),
        ("Firefox on Linux", True),
    }
    assert Browser(app, cloud).get("/sessions").json == []


def test_a_person_ends_one_of_their_sessions_and_nobody_elses(app: Flask, cloud: Sandbox) -> None:
    """A handle is good for its owner alone."""
    laptop, phone, stranger = (Browser(app, cloud) for _ in range(3))
    laptop.log_in(ADA)
    phone.log_in(ADA)
    stranger.log_in(ZOE)
    handles = {each["current"]: each["handle"] for each in laptop.get("/sessions").json or []}
    for handle in (handles[False], handles[True], "made up"):
        assert stranger.post("/sessions/end", {"handle": handle}).text == "False"
    assert laptop.post("/sessions/end", {"handle": handles[False]}).text == "True"
    assert (laptop.who(), phone.who(), stranger.who()) == ("ada_builds", "nobody", "zoe_and_co")
    assert laptop.post("/sessions/end", {"handle": handles[True]}).text == "True"
    assert laptop.cookie() is None
    assert cloud.count("/oauth/v1/token/revoke", status=200) == 1  # that was their last one


@pytest.mark.parametrize("handle", ["", "\0", "\ud800", "x" * 5000, ["x"], None, 7])
def test_what_is_no_handle_ends_no_session(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path, handle: str
) -> None:
    """It may come out of anybody's JSON, and a database would fail on some of it."""
    app = make_app(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path / 'store.db'}")
    browser = Browser(app, cloud)
    browser.log_in()
    with app.test_request_context(headers={"Cookie": f"roblox_session={browser.cookie()}"}):
        assert roblox.end_session(handle) is False
    assert browser.who() == "ada_builds"


def test_logout_everywhere_ends_every_session_and_the_grant(app: Flask, cloud: Sandbox) -> None:
    """One button, all devices; other people stay."""
    laptop, phone, stranger = (Browser(app, cloud) for _ in range(3))
    laptop.log_in(KAI)
    phone.log_in(KAI)
    stranger.log_in(ZOE)
    assert laptop.post("/sessions/end-all").text == "2"
    assert (laptop.who(), phone.who(), stranger.who()) == ("nobody", "nobody", "zoe_and_co")
    assert cloud.count("/oauth/v1/token/revoke", status=200) == 1


def test_devices_have_names_that_people_know() -> None:
    """Browsers name their ancestors too; the right one is picked."""
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"
    android = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
    assert device(edge) == "Edge on Windows"
    assert device(android) == "Chrome on Android"
    assert device("curl/8.0") == "Unknown device"


def test_expired_records_go_faster_than_logins_make_them(
    app: Flask, browser: Browser, clock: ManualClock
) -> None:
    """However many logins were begun and left, each new one clears away a batch of them."""
    browser.begin()
    store = app.extensions[NAME].here.store
    for number in range(1200):
        store.add_record(Record("login", str(number), "", b"", 0.0, 0.0, clock.now() + 600))
    clock.advance(601)
    for _ in range(3):
        browser.begin()
    assert store.sweep(now=clock.now()) == 0
