"""`on_login` hooks, and the signals of a login: what a site ties its own users to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response, abort, redirect

from flask_ext import (
    LoginRefused,
    RobloxOAuth,
    User,
    account_linked,
    current_user,
    login_failed,
    user_logged_in,
)
from flask_ext.state import LoginHook
from flask_ext.testing import log_in
from rblx_oauth.errors import ConnectFailed
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, add_views, settings
from tests.support.clock import ManualClock

MakeSite = Callable[[LoginHook], Browser]


@pytest.fixture
def hooked(cloud: Sandbox, clock: ManualClock) -> MakeSite:
    """Makes a site with a hook, and a browser at it."""

    def make(hook: LoginHook) -> Browser:
        app = Flask("hooked")
        app.config.update(settings(cloud))
        roblox = RobloxOAuth(app, clock=clock)
        assert roblox.on_login(hook) is hook  # a decorator leaves the function as it is
        add_views(app)
        return Browser(app, cloud)

    return make


@pytest.fixture
def told(app: Flask) -> Iterator[list[str]]:
    """The signals of logins, in order."""
    heard: list[str] = []

    def linked(_app: Flask, user: User) -> None:
        heard.append(f"linked {user.id}")

    def logged_in(_app: Flask, user: User) -> None:
        heard.append(f"logged in {user.id}")

    with account_linked.connected_to(linked), user_logged_in.connected_to(logged_in):
        yield heard


def revoked(cloud: Sandbox) -> int:
    """How many authorizations the site has ended at Roblox."""
    return cloud.count("/oauth/v1/token/revoke", status=200)


def test_a_hook_is_told_who_comes_and_where_to(hooked: MakeSite) -> None:
    """Before anybody is logged in, and with a client that acts for them."""
    seen: list[object] = []

    def hook(user: User, target: str) -> None:
        seen.extend([user.id, user.name, user.client.token().subject, target, bool(current_user)])

    browser = hooked(hook)
    assert browser.log_in(then="/private").headers["Location"] == "/private"
    assert seen == [int(ADA), "ada_builds", ADA, "/private", False]


def test_a_hook_sends_somebody_elsewhere(hooked: MakeSite) -> None:
    """They are logged in, and first see the page for people who are new."""

    def welcome(user: User, target: str) -> Response:
        return redirect(f"/welcome?next={target}")

    browser = hooked(welcome)
    answer = browser.log_in(then="/private")
    assert answer.headers["Location"] == "/welcome?next=/private"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert browser.who() == "ada_builds"


def test_a_hook_answers_whatever_a_view_may(hooked: MakeSite) -> None:
    """Text with a status, here from an async function."""

    async def hook(user: User, target: str) -> tuple[str, int]:
        return f"hello {user.name}", 202

    answer = hooked(hook).log_in()  # type: ignore[arg-type]  # Flask's ensure_sync awaits it
    assert (answer.text, answer.status_code) == ("hello ada_builds", 202)


def test_a_hook_refuses_somebody(hooked: MakeSite, cloud: Sandbox) -> None:
    """A page says so, nobody is logged in, and what they just granted is given back."""

    def refuse(user: User, target: str) -> None:
        if user.subject == ZOE:
            raise LoginRefused(detail="You have been banned <here>.")

    browser = hooked(refuse)
    reasons: list[str] = []

    def note(_app: Flask, reason: str) -> None:
        reasons.append(reason)

    with login_failed.connected_to(note):
        answer = browser.log_in(ZOE)
    assert (answer.status_code, reasons) == (403, ["site"])
    assert "You have been banned &lt;here&gt;." in answer.text
    assert browser.cookie() is None
    assert browser.who() == "nobody"
    assert revoked(cloud) == 1
    browser.log_in(ADA)
    assert browser.who() == "ada_builds"


def test_a_refused_login_leaves_what_the_person_had_alone(hooked: MakeSite, cloud: Sandbox) -> None:
    """Logged in elsewhere, they stay so: that is for the site to end."""
    refusing = False

    def hook(user: User, target: str) -> None:
        if refusing:
            abort(403)

    browser = hooked(hook)
    browser.log_in(ADA)
    refusing = True
    assert Browser(browser.app, cloud).log_in(ADA).status_code == 403
    assert browser.get("/token-state").text == ADA
    assert revoked(cloud) == 0


def test_c45_a_hook_that_fails_logs_nobody_in(hooked: MakeSite, cloud: Sandbox) -> None:
    """A bug in it is a 500 and no session; a call of it that cannot reach Roblox a 503."""
    errors = [RuntimeError("a bug"), ConnectFailed("gone")]

    def hook(user: User, target: str) -> None:
        raise errors.pop(0)

    browser = hooked(hook)
    for status in (500, 503):
        assert browser.log_in().status_code == status
        assert browser.who() == "nobody"
    assert revoked(cloud) == 2


def test_the_first_hook_that_answers_is_the_last_that_is_asked(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """In the order they were registered, before init_app or after it."""
    asked: list[str] = []
    roblox = RobloxOAuth()

    @roblox.on_login
    def silent(user: User, target: str) -> None:
        asked.append("silent")

    app = Flask("hooked")
    app.config.update(settings(cloud))
    roblox.init_app(app, clock=clock)

    @roblox.on_login
    def answering(user: User, target: str) -> str:
        asked.append("answering")
        return "answered"

    @roblox.on_login
    def never(user: User, target: str) -> None:
        asked.append("never")

    assert Browser(app, cloud).log_in().text == "answered"
    assert asked == ["silent", "answering"]


def test_a_step_up_is_no_login(hooked: MakeSite) -> None:
    """Whoever is in need not be looked at again."""
    seen: list[str] = []

    def hook(user: User, target: str) -> None:
        seen.append(target)

    browser = hooked(hook)
    browser.log_in()
    browser.step_up("/announce")
    assert seen == ["/"]


def test_hooks_are_asked_when_a_test_logs_somebody_in(hooked: MakeSite, cloud: Sandbox) -> None:
    """`flask_ext.testing.log_in` is a login like any other."""

    def refuse(user: User, target: str) -> None:
        raise LoginRefused

    browser = hooked(refuse)
    with pytest.raises(LoginRefused):
        log_in(browser.client, cloud)


def test_an_account_is_linked_by_the_first_login(
    app: Flask, cloud: Sandbox, told: list[str]
) -> None:
    """Not by one in another browser, nor by a step-up; anew after the authorization was ended."""
    laptop, phone = Browser(app, cloud), Browser(app, cloud)
    laptop.log_in(ADA)
    phone.log_in(ADA)
    phone.step_up("/announce")
    assert told == [f"linked {ADA}", f"logged in {ADA}", f"logged in {ADA}"]
    laptop.post("/sessions/end-all")
    told.clear()
    laptop.log_in(ADA)
    assert told == [f"linked {ADA}", f"logged in {ADA}"]
