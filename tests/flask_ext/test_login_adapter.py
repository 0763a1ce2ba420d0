"""Flask-Login on the extension's session: who it finds, what it guards, and leaving together."""

from __future__ import annotations

import builtins
import importlib
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import flask_login
import pytest
from flask import Flask, render_template_string

from flask_ext import check_csrf, user_logged_in, user_logged_out
from flask_ext.login_adapter import adapt
from flask_ext.state import NAME
from flask_ext.testing import log_in
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app
from tests.support.clock import ManualClock

HOUR = 3600.0


class Account(flask_login.UserMixin):  # type: ignore[misc]  # it has no types
    """A row of the site's own table."""

    def __init__(self, number: int, subject: str) -> None:
        self.id = number
        self.subject = subject


def add_views(app: Flask) -> None:
    """Pages as a site has them that has long used Flask-Login."""

    @app.get("/fl")
    def who() -> str:
        user = flask_login.current_user
        return str(getattr(user, "subject", "")) if user.is_authenticated else "nobody"

    @app.get("/fl/template")
    def template() -> str:
        return render_template_string("{{ current_user.name }}{{ roblox_logout_button() }}")

    @app.route("/fl/private", methods=["GET", "POST"])
    @flask_login.login_required
    def fl_private() -> str:
        return "private"

    @app.get("/fl/fresh")
    @flask_login.fresh_login_required
    def fresh() -> str:
        return "fresh"

    @app.post("/fl/logout")
    def leave() -> str:
        check_csrf()
        flask_login.logout_user()
        return "left" if not flask_login.current_user.is_authenticated else "still here"

    @app.post("/fl/remember")
    def remember() -> str:
        return str(flask_login.login_user(flask_login.current_user, remember=True))


@pytest.fixture
def make(cloud: Sandbox, clock: ManualClock) -> Callable[..., Browser]:
    """Makes a browser at a site with the adapter, set up as told."""

    def made(manager: flask_login.LoginManager | None = None, **options: object) -> Browser:
        app = make_app(cloud, clock)
        adapt(app, manager, **options)  # type: ignore[arg-type]
        add_views(app)
        return Browser(app, cloud)

    return made


@pytest.fixture
def browser(make: Callable[..., Browser]) -> Browser:
    """A browser at a site with the adapter and nothing else."""
    return make()


def test_flask_login_finds_who_is_logged_in(browser: Browser) -> None:
    """current_user, in views and in templates, and login_required."""
    assert browser.get("/fl").text == "nobody"
    browser.log_in()
    assert browser.get("/fl").text == ADA
    assert browser.get("/fl/private").text == "private"
    assert browser.get("/fl/template").text.startswith("ada_builds<form")


def test_its_login_required_sends_people_to_roblox_and_back(browser: Browser) -> None:
    """As the extension's own does: people, scripts, forms and htmx."""
    location = browser.get("/fl/private?x=1").headers["Location"]
    parts = urlsplit(location)
    assert (parts.path, parse_qs(parts.query)["next"]) == ("/roblox/login", ["/fl/private?x=1"])
    assert browser.get("/fl/private", Accept="application/json").status_code == 401
    assert browser.post("/fl/private").status_code == 401
    assert "HX-Redirect" in browser.get("/fl/private", HX_Request="true").headers


def test_its_nobody_is_the_extensions(browser: Browser) -> None:
    """False, and with empty names: templates that know either can be used with both."""
    assert browser.get("/fl/template").text == ""


def test_leaving_by_flask_login_leaves_here(browser: Browser, cloud: Sandbox) -> None:
    """The session ends, and the grant with the last one; each side is told once."""
    browser.log_in()
    heard: list[str] = []

    def here(_app: Flask, **_: object) -> None:
        heard.append("here")

    def there(_app: Flask, **_: object) -> None:
        heard.append("there")

    csrf = browser.get("/csrf").text
    with user_logged_out.connected_to(here), flask_login.user_logged_out.connected_to(there):
        assert browser.post("/fl/logout", {"csrf_token": csrf}).text == "left"
    assert sorted(set(heard)) == ["here", "there"]
    assert heard.count("here") == 1
    assert (browser.who(), browser.get("/fl").text) == ("nobody", "nobody")
    assert cloud.count("/oauth/v1/token/revoke", status=200) == 1


def test_leaving_here_leaves_flask_login(browser: Browser) -> None:
    """By the button of this extension."""
    browser.log_in()
    browser.log_out()
    assert browser.get("/fl").text == "nobody"


def test_a_session_ended_elsewhere_is_ended_for_flask_login(
    browser: Browser, cloud: Sandbox
) -> None:
    """There is one session, and it is the store's."""
    elsewhere = Browser(browser.app, cloud)
    browser.log_in()
    elsewhere.log_in()
    elsewhere.post("/sessions/end-all")
    assert browser.get("/fl").text == "nobody"
    assert "You have been logged out" in browser.get("/fl/private").text


def test_c42_a_lost_grant_ends_flask_logins_session_too(
    browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """As for the extension's own views."""
    browser.log_in()
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    assert browser.get("/token-state").status_code == 401
    assert browser.get("/fl").text == "nobody"


def test_a_login_is_fresh_until_flasks_session_is_gone(browser: Browser) -> None:
    """fresh_login_required then sends to Roblox to log in once more, and is content."""
    browser.log_in()
    browser.step_up("/announce")
    assert browser.get("/fl/fresh").text == "fresh"
    browser.client.delete_cookie("session", domain="localhost")  # the browser was closed
    assert browser.get("/fl/private").text == "private"
    begun = browser.get(browser.get("/fl/fresh").headers["Location"]).headers["Location"]
    assert parse_qs(urlsplit(begun).query)["prompt"] == ["login"]
    assert browser.land(browser.cloud.consent(begun)).headers["Location"] == "/fl/fresh"
    assert browser.get("/fl/fresh").text == "fresh"


def test_a_login_of_a_test_is_fresh(browser: Browser) -> None:
    """`flask_ext.testing.log_in` is to Flask-Login a login of the same browser."""
    client = browser.app.test_client()
    log_in(client, browser.cloud)
    assert client.get("/fl/fresh").text == "fresh"


def test_fresh_login_required_tells_scripts(browser: Browser) -> None:
    """401, with where to log in."""
    browser.log_in()
    browser.client.delete_cookie("session", domain="localhost")
    answer = browser.get("/fl/fresh", Accept="application/json")
    assert answer.status_code == 401
    assert "ask=" in (answer.json or {})["login_url"]


def test_logging_in_once_more_is_a_login(browser: Browser) -> None:
    """Signalled as one, unlike a step-up."""
    browser.log_in()
    browser.client.delete_cookie("session", domain="localhost")
    seen: list[int | None] = []

    def note(_app: Flask, **facts: object) -> None:
        seen.append(getattr(facts["user"], "id", None))

    with user_logged_in.connected_to(note):
        browser.step_up("/fl/fresh")
    assert seen == [int(ADA)]


def test_a_remembered_login_is_worth_no_more_than_the_session(browser: Browser) -> None:
    """A site that calls login_user all the same: its cookie opens nothing after a log-out."""
    browser.log_in()
    assert browser.post("/fl/remember").text == "True"
    remembered = browser.cookie("remember_token") or ""
    assert remembered
    assert browser.get("/fl").text == ADA
    browser.log_out()
    assert browser.cookie("remember_token") is None
    browser.set_cookie("remember_token", remembered)
    assert browser.get("/fl").text == "nobody"
    browser.log_in(ZOE)
    browser.set_cookie("remember_token", remembered)
    assert browser.get("/fl").text == "nobody"  # two people at once are nobody


@pytest.mark.parametrize("when", ["before", "afterwards"])
def test_c43_what_a_remember_cookie_says_of_nobody_sends_nobody_round_in_a_circle(
    browser: Browser, when: str
) -> None:
    """Flask-Login looks no further than such a cookie: a login drops it."""
    if when == "before":
        browser.set_cookie("remember_token", "made up")
        browser.log_in()
    else:
        browser.log_in()
        browser.set_cookie("remember_token", "made up")
        browser.step_up("/fl/private")
    assert browser.get("/fl/private").text == "private"
    assert browser.cookie("remember_token") is None


def test_a_site_has_users_of_its_own(make: Callable[..., Browser]) -> None:
    """`load_user` finds the row; who has none is refused, and not sent round in a circle."""
    rows = {ADA: Account(7, ADA)}
    browser = make(load_user=lambda user: rows.get(user.subject))
    browser.log_in(ZOE)
    assert browser.get("/fl").text == "nobody"
    assert browser.get("/fl/private").status_code == 403
    browser.log_out()
    browser.log_in(ADA)
    assert browser.get("/fl").text == ADA
    assert browser.get("/fl/private").status_code == 200


def test_people_with_a_password_stay_as_they_are(cloud: Sandbox, clock: ManualClock) -> None:
    """The site's own loader, view and anonymous user are left in place."""
    app = make_app(cloud, clock)
    manager = flask_login.LoginManager(app)
    manager.login_view = "with_password"
    rows = {"7": Account(7, "somebody with a password")}
    manager.user_loader(rows.get)

    @app.route("/password", methods=["GET", "POST"])
    def with_password() -> str:
        return str(flask_login.login_user(rows["7"]))

    assert adapt(app) is manager
    add_views(app)
    browser = Browser(app, cloud)
    assert browser.get("/fl/private").headers["Location"].startswith("/password?next=")
    browser.post("/password")
    assert browser.get("/fl").text == "somebody with a password"
    other = Browser(app, cloud)
    other.log_in(ZOE)
    assert other.get("/fl").text == ZOE


def test_strong_session_protection_asks_to_log_in_once_more(
    make: Callable[..., Browser],
) -> None:
    """Flask-Login shuts out a browser that changed; logging in anew lets it in again."""
    manager = flask_login.LoginManager()
    manager.session_protection = "strong"
    browser = make(manager)
    browser.client.environ_base["HTTP_USER_AGENT"] = "one"
    browser.log_in()
    assert browser.get("/fl/private").text == "private"
    browser.client.environ_base["HTTP_USER_AGENT"] = "other"
    assert browser.step_up("/fl/private").headers["Location"] == "/fl/private"
    assert browser.get("/fl/private").text == "private"


def test_the_extension_does_without_flask_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is imported by the adapter alone, which names the extra where it is missing."""
    code = "import flask_ext, sys; assert 'flask_login' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    real = builtins.__import__

    def without(name: str, *args: object, **more: object) -> object:
        if name == "flask_login":
            raise ImportError(name)
        return real(name, *args, **more)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "flask_ext.login_adapter")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"rblx-oauth\[login\]"):
        importlib.import_module("flask_ext.login_adapter")


def test_one_look_at_the_store_serves_both(browser: Browser) -> None:
    """Flask-Login costs no second read of the session."""
    browser.log_in()
    store = browser.app.extensions[NAME].here.store
    calls: list[str] = []

    class Counting(type(store)):  # type: ignore[misc]
        def get_record(self, kind: str, *args: object, **more: object) -> object:
            calls.append(kind)
            return super().get_record(kind, *args, **more)

    store.__class__ = Counting
    assert browser.get("/fl/private").text == "private"
    assert calls == ["session"]
