"""`ROBLOX_MAX_SESSIONS`: a login too many ends the session that was seen longest ago."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from flask_ext.sessions import Sessions
from flask_ext.state import NAME
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.stores import Store
from tests.flask_ext.site import ADA, ZOE, Browser, make_app
from tests.support.clock import ManualClock

CAP = 3


@pytest.fixture
def capped(cloud: Sandbox, clock: ManualClock) -> Flask:
    """A site that lets people have three sessions."""
    return make_app(cloud, clock, ROBLOX_MAX_SESSIONS=CAP)


def test_a_login_beyond_the_cap_ends_the_session_seen_longest_ago(
    capped: Flask, cloud: Sandbox, clock: ManualClock
) -> None:
    """Not the oldest one, which may be in daily use; and nobody else's."""
    first, second, third, fourth, stranger = (Browser(capped, cloud) for _ in range(5))
    stranger.log_in(ZOE)
    for browser in (first, second, third):
        clock.advance(100)
        browser.log_in(ADA)
    clock.advance(100)
    assert first.who() == "ada_builds"  # seen now: the second is the one to go
    fourth.log_in(ADA)
    assert second.who() == "nobody"
    everybody_else = (first, third, fourth)
    assert [each.who() for each in everybody_else] == ["ada_builds"] * CAP
    assert stranger.who() == "zoe_and_co"
    assert len(first.get("/sessions").json or []) == CAP


def test_logging_in_again_in_a_browser_costs_no_other_its_session(
    capped: Flask, cloud: Sandbox
) -> None:
    """The session it replaces is gone before anybody counts."""
    browsers = [Browser(capped, cloud) for _ in range(CAP)]
    for browser in browsers:
        browser.log_in(ADA)
    browsers[0].step_up("/announce")
    assert [each.who() for each in browsers] == ["ada_builds"] * CAP


def test_a_cap_that_was_lowered_counts_from_the_next_login(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """It ends as many as are too many; nobody is logged out by the deploy itself."""
    store = f"sqlite:///{tmp_path}/store.db"
    before = make_app(cloud, clock, ROBLOX_STORE_URL=store)
    browsers = [Browser(before, cloud) for _ in range(4)]
    for browser in browsers:
        clock.advance(1)
        browser.log_in(ADA)
    newest = Browser(make_app(cloud, clock, ROBLOX_STORE_URL=store, ROBLOX_MAX_SESSIONS=2), cloud)
    assert browsers[0].who() == "ada_builds"
    clock.advance(1)
    newest.log_in(ADA)
    assert [each.who() for each in browsers] == ["nobody"] * 3 + ["ada_builds"]
    assert newest.who() == "ada_builds"


def test_without_a_cap_there_is_none(cloud: Sandbox, clock: ManualClock) -> None:
    """0 turns it off."""
    app = make_app(cloud, clock, ROBLOX_MAX_SESSIONS=0)
    browsers = [Browser(app, cloud) for _ in range(25)]
    for browser in browsers:
        browser.log_in(ADA)
    assert len(browsers[0].get("/sessions").json or []) == 25


@pytest.mark.parametrize("value", ["-1", "many", "1.5", 1001, True, "٣"])
def test_a_cap_that_is_no_number_is_said(cloud: Sandbox, clock: ManualClock, value: object) -> None:
    """One clear sentence at start-up."""
    with pytest.raises(ConfigurationError, match="ROBLOX_MAX_SESSIONS must be a whole number"):
        make_app(cloud, clock, ROBLOX_MAX_SESSIONS=value)


@pytest.mark.parametrize("cap", [1, 2, 5])
def test_of_logins_at_once_as_many_stay_as_may(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path, cap: int
) -> None:
    """All have written before any counts, as in the worst case; neither too few nor too many."""
    app = make_app(
        cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path}/store.db", ROBLOX_MAX_SESSIONS=cap
    )
    token = cloud.token_for(ADA, cloud.client_id, ["openid"])
    state = app.extensions[NAME]
    written = threading.Barrier(8)

    class Together(Sessions):
        def _keep_to_most(self, grant_id: str) -> None:
            written.wait(timeout=60)
            super()._keep_to_most(grant_id)

    sessions = Together(state.here.store, state.settings, clock)

    def log_in(number: int) -> None:
        with app.app_context():
            made = sessions.prepare(f"id {number}", token, grant_id="ada", user_agent="")
            sessions.begin(made, instead_of=None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log_in, range(8)))
    assert len(state.here.store.list_records("session", now=clock.now())) == cap


def test_a_request_reads_the_store_once(app: Flask, browser: Browser) -> None:
    """Whatever it asks about who is there: one look-up of the session, and no write."""
    browser.log_in()
    store = app.extensions[NAME].here.store
    calls: list[str] = []
    spied = type("Spied", (type(store),), {"__getattribute__": _noting(calls)})
    store.__class__ = spied
    assert browser.get("/private").status_code == 200
    assert calls == ["get_record"]


def _noting(calls: list[str]) -> object:
    methods = {name for name in vars(Store) if name.endswith(("_record", "_records", "_grant"))}

    def look(self: object, name: str) -> object:
        if name in methods:
            calls.append(name)
        return object.__getattribute__(self, name)

    return look
