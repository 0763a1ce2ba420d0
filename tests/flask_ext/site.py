"""A small site on the extension, and browsers that visit it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient
from flask.views import MethodView
from werkzeug.test import TestResponse

from flask_ext import (
    RobloxOAuth,
    check_csrf,
    csrf_token,
    current_user,
    grant_required,
    login_required,
    scopes_required,
)
from rblx_oauth.sandbox import Sandbox
from tests.support.clock import ManualClock

REDIRECT = "http://localhost/roblox/callback"
PUBLISH = "universe-messaging-service:publish"
ADA, ZOE, KAI = "1000001", "1000002", "1000003"

roblox = RobloxOAuth()


def settings(cloud: Sandbox, **more: object) -> dict[str, object]:
    """What a site needs to use this sandbox."""
    return {
        "SECRET_KEY": "not a secret",
        "ROBLOX_CLIENT_ID": cloud.client_id,
        "ROBLOX_CLIENT_SECRET": cloud.client_secret,
        "ROBLOX_REDIRECT_URI": REDIRECT,
        "ROBLOX_ISSUER": cloud.issuer,
        "ROBLOX_API_BASE": cloud.api_base,
        "ROBLOX_STORE_URL": "memory://",
    } | more


def make_app(cloud: Sandbox, clock: ManualClock, **more: object) -> Flask:
    """A site with a page of each kind."""
    app = Flask("tests.flask_ext.site")
    app.config.update(settings(cloud, **more))
    roblox.init_app(app, clock=clock)
    add_views(app)
    return app


def add_views(app: Flask) -> None:
    """A public page, a private one, and pages that need scopes and picks."""

    @app.get("/")
    def home() -> str:
        return f"home of {current_user.name or 'nobody'}"

    @app.get("/plain")
    def plain() -> str:
        return "plain"

    @app.route("/private", methods=["GET", "POST"])
    @login_required
    def private() -> str:
        return f"private page of {current_user.id}"

    @app.get("/private-async")
    @login_required
    async def private_async() -> str:
        return f"async page of {current_user.id}"

    @app.route("/announce", methods=["GET", "POST"])
    @scopes_required(PUBLISH)
    def announce() -> str:
        return f"announced as {current_user.id} with {' '.join(sorted(current_user.scopes))}"

    @app.get("/universe/<universe_id>")
    @grant_required(universe="universe_id")
    def universe(universe_id: str) -> str:
        return f"universe {universe_id}"

    @app.get("/creator/<int:user_id>/<int:group_id>")
    @grant_required(user="user_id", group="group_id")
    def creator(user_id: int, group_id: int) -> str:
        return f"user {user_id}, group {group_id}"

    class Account(MethodView):
        decorators = [login_required]

        def get(self) -> str:
            return f"account of {current_user.id}"

    app.add_url_rule("/account", view_func=Account.as_view("account"))

    @app.get("/token-state")
    def token_state() -> str:
        return current_user.client.token().subject

    @app.get("/csrf")
    def csrf() -> str:
        return csrf_token()

    @app.post("/change")
    def change() -> str:
        check_csrf()
        return "changed"

    @app.get("/sessions")
    def sessions() -> Response:
        return jsonify(
            [
                {"device": each.device, "current": each.current, "handle": each.handle}
                for each in roblox.sessions()
            ]
        )

    @app.post("/sessions/end")
    def end_session() -> str:
        return str(roblox.end_session(request.form["handle"]))

    @app.post("/sessions/end-all")
    def end_all() -> str:
        return str(roblox.logout_everywhere())


class Browser:
    """A person's browser: cookies, and what they do at Roblox."""

    def __init__(self, app: Flask, cloud: Sandbox, base: str = "http://localhost") -> None:
        self.app = app
        self.cloud = cloud
        self.base = base
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        """Go to a page, as if it was typed in."""
        return self.client.get(path, base_url=self.base, headers=_names(headers))

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> TestResponse:
        """Send a form."""
        return self.client.post(path, base_url=self.base, data=data, headers=_names(headers))

    def begin(self, then: str = "", path: str = "/roblox/login") -> str:
        """Begin a login; returns Roblox's address."""
        answer = self.get(f"{path}?next={then}" if then else path)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def land(self, callback_url: str) -> TestResponse:
        """Follow Roblox's answer back to the site."""
        parts = urlsplit(callback_url)
        return self.get(f"{parts.path}?{parts.query}")

    def log_in(self, user: str = ADA, then: str = "", **choices: object) -> TestResponse:
        """From the login to the redirect after it."""
        return self.land(self.cloud.consent(self.begin(then), user=user, **choices))  # type: ignore[arg-type]

    def step_up(self, path: str, user: str = ADA, **choices: object) -> TestResponse:
        """Go to a page that asks for more, consent, and come back from Roblox."""
        answer = self.get(path)
        assert answer.status_code == 302, answer.text
        authorization_url = self.get(answer.headers["Location"]).headers["Location"]
        return self.land(self.cloud.consent(authorization_url, user=user, **choices))  # type: ignore[arg-type]

    def log_out(self, **data: str) -> TestResponse:
        """Press the log-out button of a page of this session."""
        return self.post("/roblox/logout", {"csrf_token": self.get("/csrf").text, **data})

    def who(self) -> str:
        """Who the site takes this browser for."""
        return self.get("/").text.removeprefix("home of ")

    def cookie(self, name: str = "roblox_session", path: str = "/") -> str | None:
        """A cookie's value."""
        host = urlsplit(self.base).hostname or ""
        found = self.client.get_cookie(name, domain=host, path=path)
        return found.value if found else None

    def set_cookie(self, name: str, value: str, path: str = "/") -> None:
        """Plant a cookie."""
        host = urlsplit(self.base).hostname or ""
        self.client.set_cookie(name, value, domain=host, path=path)


def token_calls(cloud: Sandbox) -> int:
    """How often anybody asked for a token."""
    return cloud.count("/oauth/v1/token")


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {re.sub("_", "-", name): value for name, value in headers.items()}
