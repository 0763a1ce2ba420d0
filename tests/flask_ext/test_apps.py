"""Several apps in a process, several processes, prefixes, proxies, and work outside requests."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Blueprint, Flask
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_ext import RobloxOAuth, current_user, login_required
from flask_ext.state import NAME
from rblx_oauth.errors import ConfigurationError, ReauthorizationRequired
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app, roblox
from tests.support.clock import ManualClock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def definitions() -> dict[str, str]:
    """What was registered on the extension object."""
    return {name: str(getattr(each, "__dict__", each)) for name, each in vars(roblox).items()}


def test_several_apps_share_one_extension_and_nothing_else(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """State is in the app; the extension object has definitions, which are those of no app."""
    before = definitions()
    one, two = make_app(cloud, clock), make_app(cloud, clock)
    assert definitions() == before
    first, second = Browser(one, cloud), Browser(two, cloud)
    first.log_in(ADA)
    second.log_in(ZOE)
    assert (first.who(), second.who()) == ("ada_builds", "zoe_and_co")
    second.set_cookie("roblox_session", first.cookie() or "")
    assert second.who() == "nobody"


def test_an_app_without_init_app_says_so() -> None:
    """A forgotten init_app is one clear sentence."""
    app = Flask("bare")
    with app.test_request_context(), pytest.raises(ConfigurationError, match="init_app"):
        bool(current_user)


def test_a_tests_own_app_context_does_not_mix_up_requests(app: Flask, browser: Browser) -> None:
    """Inside one app context, two requests are still two requests."""
    with app.app_context():
        browser.log_in()
        assert browser.who() == "ada_builds"
        assert browser.log_out().status_code == 200
        assert browser.who() == "nobody"


def test_two_sites_under_prefixes_of_one_host(cloud: Sandbox, clock: ManualClock) -> None:
    """Each has its own cookie path, routes and redirects."""
    mounted: dict[str, WSGIApplication] = {
        f"/{name}": make_app(
            cloud, clock, ROBLOX_REDIRECT_URI=f"http://localhost/{name}/roblox/callback"
        ).wsgi_app
        for name in ("one", "two")
    }
    front = Flask("front")
    front.wsgi_app = DispatcherMiddleware(front.wsgi_app, mounted)  # type: ignore[method-assign]
    browser = Browser(front, cloud)
    sent = browser.get("/one/private?x=1")
    assert sent.headers["Location"] == "/one/roblox/login?next=/one/private?x%3D1"
    authorization_url = browser.get(sent.headers["Location"]).headers["Location"]
    landed = browser.land(cloud.consent(authorization_url))
    assert landed.headers["Location"] == "/one/private?x=1"
    assert browser.get("/one/private").text == f"private page of {ADA}"
    assert browser.get("/two/").text == "home of nobody"
    assert browser.cookie(path="/one") is not None
    assert browser.cookie(path="/") is None
    # A `next` of the neighbour is not a page of this site.
    answer = browser.get("/one/roblox/login?next=/two/private")
    assert answer.headers["Location"] == "/one/"
    token = browser.get("/one/csrf").text
    assert browser.post("/one/roblox/logout", {"csrf_token": token}).status_code == 200
    assert browser.cookie(path="/one") is None


def test_a_site_behind_a_proxy(cloud: Sandbox, clock: ManualClock) -> None:
    """TLS ends at the proxy, which strips a prefix: cookies, redirects and forms are right."""
    app = make_app(cloud, clock, ROBLOX_REDIRECT_URI="https://localhost/game/roblox/callback")
    fixed = ProxyFix(app.wsgi_app, x_proto=1, x_host=1, x_prefix=1)

    def proxy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/game")
        environ["HTTP_HOST"] = "10.0.0.7:8000"
        environ["wsgi.url_scheme"] = "http"
        environ["HTTP_X_FORWARDED_PROTO"] = "https"
        environ["HTTP_X_FORWARDED_HOST"] = "localhost"
        environ["HTTP_X_FORWARDED_PREFIX"] = "/game"
        return fixed(environ, start_response)

    app.wsgi_app = proxy  # type: ignore[method-assign]
    browser = Browser(app, cloud, base="https://localhost")
    sent = browser.get("/game/private")
    assert sent.headers["Location"] == "/game/roblox/login?next=/game/private"
    began = browser.get(sent.headers["Location"])
    assert "Secure" in began.headers["Set-Cookie"]
    assert "Path=/game" in began.headers["Set-Cookie"]
    landed = browser.land(cloud.consent(began.headers["Location"]))
    assert landed.headers["Location"] == "/game/private"
    assert browser.get("/game/private").text == f"private page of {ADA}"
    token = browser.get("/game/csrf").text
    left = browser.post("/game/roblox/logout", {"csrf_token": token}, Origin="https://localhost")
    assert left.status_code == 200


def test_a_proxy_that_nobody_told_flask_about_does_not_break_forms(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """The browser's Origin is compared with the configured address, not only with Host."""
    more = {"ROBLOX_REDIRECT_URI": "https://localhost/roblox/callback"}
    browser = Browser(make_app(cloud, clock, **more), cloud, base="http://internal:8000")
    began = browser.get("/roblox/login")
    browser.land(cloud.consent(began.headers["Location"]))
    token = browser.get("/csrf").text
    answer = browser.post("/change", {"csrf_token": token}, Origin="https://localhost")
    assert answer.text == "changed"


def test_another_prefix_for_the_routes(cloud: Sandbox, clock: ManualClock) -> None:
    """ROBLOX_URL_PREFIX moves login, callback and logout."""
    app = make_app(
        cloud,
        clock,
        ROBLOX_URL_PREFIX="/auth/",
        ROBLOX_REDIRECT_URI="http://localhost/auth/callback",
    )
    browser = Browser(app, cloud)
    assert browser.get("/private").headers["Location"].startswith("/auth/login?")
    browser.land(cloud.consent(browser.begin(path="/auth/login")))
    assert browser.who() == "ada_builds"


def test_client_for_acts_outside_requests(app: Flask, browser: Browser) -> None:
    """From a job or a command: by user id, as number or text, until the person logs out."""
    browser.log_in()
    for user_id in (int(ADA), ADA):
        with app.app_context():
            assert roblox.client_for(user_id).token().subject == ADA
    with app.app_context(), pytest.raises(ReauthorizationRequired) as caught:
        roblox.client_for(ZOE)
    assert caught.value.reason == "missing"
    browser.log_out()
    with app.app_context(), pytest.raises(ReauthorizationRequired) as caught:
        roblox.client_for(ADA)
    assert caught.value.reason == "logged_out"


def test_another_process_acts_for_a_person(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """A second app on the same store and keys finds the grant."""
    store = {"ROBLOX_STORE_URL": f"sqlite:///{tmp_path}/store.db"}
    Browser(make_app(cloud, clock, **store), cloud).log_in()
    with make_app(cloud, clock, **store).app_context():
        assert roblox.client_for(ADA).token().subject == ADA


def test_the_api_client_is_shared_and_names_the_missing_key(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """One client an app; without ROBLOX_API_KEY an error that says so."""
    with make_app(cloud, clock, ROBLOX_API_KEY=cloud.api_key).app_context():
        assert roblox.api_client is roblox.api_client
    with (
        make_app(cloud, clock).app_context(),
        pytest.raises(ConfigurationError, match="ROBLOX_API_KEY is not set"),
    ):
        _ = roblox.api_client


def test_a_forked_worker_makes_its_own_connections(app: Flask, cloud: Sandbox) -> None:
    """Parts that hold connections are per process, so --preload is safe."""
    state = app.extensions[NAME]
    parents = state.here
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover (another process)
        own = state.here is not parents and state.here.oauth is not parents.oauth
        os.write(writer, b"own" if own else b"shared")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"own"
    assert state.here is parents


def test_init_app_sends_nothing(cloud: Sandbox, clock: ManualClock) -> None:
    """A site starts while Roblox is away."""
    cloud.stop()
    app = make_app(cloud, clock)
    assert app.test_client().get("/").text == "home of nobody"


def test_the_constructor_takes_an_app(cloud: Sandbox) -> None:
    """RobloxOAuth(app) is init_app."""
    from tests.flask_ext.site import settings

    app = Flask("direct")
    app.config.update(settings(cloud))
    RobloxOAuth(app)
    assert {"roblox.login", "roblox.callback", "roblox.logout"} <= set(app.view_functions)


def test_f38_c44_a_spoofed_host_is_400_where_hosts_are_trusted(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """Flask's TRUSTED_HOSTS guards these routes like any other."""
    app = make_app(cloud, clock, TRUSTED_HOSTS=["localhost"])
    browser = Browser(app, cloud)
    assert browser.get("/roblox/login").status_code == 302
    assert browser.get("/roblox/login", Host="evil.example").status_code == 400


def test_c44_forwarded_headers_count_only_behind_a_configured_proxy(browser: Browser) -> None:
    """Without ProxyFix, whoever sends them changes neither cookies nor redirects."""
    spoofed = {
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Prefix": "/evil",
        "X_Forwarded_Proto": "https",
    }
    sent = browser.get("/private", **spoofed)
    assert sent.headers["Location"] == "/roblox/login?next=/private"
    began = browser.get("/roblox/login", **spoofed)
    assert "Path=/;" in began.headers["Set-Cookie"]
    assert "evil" not in str(began.headers)


def test_a_blueprint_that_hands_http_errors_back_keeps_the_pages(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """Flask's documented catch-all returns HTTP errors as they are: the problem stays whole."""
    app = make_app(cloud, clock)
    games = Blueprint("games", __name__)

    @games.errorhandler(Exception)
    def catch_all(error: Exception) -> Exception:
        assert isinstance(error, HTTPException)
        return error

    @games.route("/games", methods=["GET", "POST"])
    @login_required
    def page() -> str:
        return "games"

    app.register_blueprint(games)
    browser = Browser(app, cloud)
    refused = browser.get("/games", Accept="application/json")
    assert (refused.status_code, refused.content_type) == (401, "application/problem+json")
    assert refused.headers["WWW-Authenticate"]
    sent = browser.post("/games")
    assert (sent.status_code, "Log in with Roblox" in sent.text) == (401, True)


@pytest.mark.parametrize("path", ["/roblox/login", "/roblox/callback"])
@pytest.mark.parametrize("query", ["next=/\xff", "state=\xff&code=x", "\xc3"])
def test_a_query_that_is_not_text_is_400(browser: Browser, path: str, query: str) -> None:
    """Some servers pass any byte on; Flask alone would answer with a 500 and a traceback."""
    answer = browser.client.get(path, environ_overrides={"QUERY_STRING": query})
    assert answer.status_code == 400
