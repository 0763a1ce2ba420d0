"""A store that fails at one call of many: whichever it is, what is left can be gone on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

import pytest
from flask import Flask

from flask_ext.state import NAME
from rblx_oauth.errors import StoreUnavailable
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.stores import Store
from tests.flask_ext.site import ADA, Browser, make_app
from tests.support.clock import ManualClock

MOST_CALLS = 20
LATE = pytest.mark.parametrize("late", [False, True], ids=["not done", "done, but not confirmed"])


@contextmanager
def failing(store: Store, number: int, *, late: bool) -> Iterator[list[str]]:
    """Have the store fail at its call of that number, before or after it has had its effect.

    Yields:
        The names of its methods, as they are called.
    """
    called: list[str] = []

    def counted(name: str) -> Callable[..., object]:
        method = getattr(type(store), name)

        @wraps(method)
        def call(self: Store, *args: object, **options: object) -> object:
            called.append(name)
            fails = len(called) == number
            if fails and not late:
                raise StoreUnavailable("down")
            result = method(self, *args, **options)
            if fails:
                raise StoreUnavailable("gone")
            return result

        return call

    kind = type(store)
    names = set(Store.__abstractmethods__) - {"_disconnect"}
    store.__class__ = type("Failing", (kind,), {name: counted(name) for name in names})
    try:
        yield called
    finally:
        store.__class__ = kind


@LATE
def test_f26_a_login_that_fails_leaves_no_session_that_nobody_holds(
    cloud: Sandbox, clock: ManualClock, late: bool
) -> None:
    """Nor one too many, nor an old one beside the new one; and the next login works."""
    app = make_app(cloud, clock, ROBLOX_MAX_SESSIONS=2)
    store = app.extensions[NAME].here.store
    outcomes: list[int] = []
    for number in range(1, MOST_CALLS):
        browser = Browser(app, cloud)
        tabs = [cloud.consent(browser.begin(), user=ADA) for _ in range(2)]
        browser.land(tabs[0])
        with failing(store, number, late=late) as called:
            outcomes.append(browser.land(tabs[1]).status_code)
        if browser.who() == "nobody":
            browser.log_in()
        assert len(store.list_records("session", now=clock.now())) == 1, called
        browser.log_out()
        if len(called) < number:
            break
    assert set(outcomes) == {302, 503}
    assert outcomes[-1] == 302


@LATE
def test_f26_whatever_fails_in_a_logout_nobody_stays_in(
    app: Flask, cloud: Sandbox, late: bool
) -> None:
    """They are told that they are out when they are; else the button works once more."""
    store = app.extensions[NAME].here.store
    outcomes: list[int] = []
    for number in range(1, MOST_CALLS):
        browser = Browser(app, cloud)
        browser.log_in()
        token = browser.get("/csrf").text
        with failing(store, number, late=late) as called:
            answer = browser.post("/roblox/logout", {"csrf_token": token})
        outcomes.append(answer.status_code)
        left = browser.who() == "nobody"
        if not late:  # of what was done and not confirmed, nobody can be told
            assert answer.status_code == (200 if left else 503), called
        if not left:
            assert browser.log_out().status_code == 200
            assert browser.who() == "nobody"
        if len(called) < number:
            break
    assert set(outcomes) == {200, 503}
    assert outcomes[-1] == 200
