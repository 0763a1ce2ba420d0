"""The site under test, and what people do in it, with a browser or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from flask_ext import login_url
from rblx_oauth.sandbox import Sandbox

ADA = "1000001"
ZOE = "1000002"
LANTERN_QUEST = 3000001
TOWER_OF_TIDES = 3000002
ZOES_GARDEN = 3000004


@dataclass(frozen=True)
class Site:
    """A running site and the sandbox it talks to."""

    address: str
    settings: Mapping[str, object]
    app: Flask
    cloud: Sandbox

    def new_client(self) -> FlaskClient:
        """A browser without the browser: it keeps cookies, and sends no request over a socket."""
        return _Client(self.app, self.app.response_class)

    def log_in(
        self, client: FlaskClient, start: str = "/roblox/login", **consent: object
    ) -> TestResponse:
        """Log in from `start`, the sandbox's pages answered over HTTP; the callback's answer."""
        away = client.get(start)
        if away.location.startswith("/"):
            away = client.get(away.location)
        back = self.cloud.consent(away.location, **consent)  # type: ignore[arg-type]
        parts = urlsplit(back)
        return client.get(f"{parts.path}?{parts.query}")

    def ask(self, client: FlaskClient, *scopes: str, **consent: object) -> TestResponse:
        """Grant more scopes."""
        with self.app.test_request_context(base_url=self.address):
            start = login_url("/dashboard", scopes=scopes)
        return self.log_in(client, start, **consent)

    def arrive(self, page: Page, *scopes: str, **consent: object) -> None:
        """Bring somebody in who logged in and granted scopes before."""
        client = self.new_client()
        self.log_in(client)
        if scopes:
            self.ask(client, *scopes, **consent)
        cookie = client.get_cookie("roblox_session")
        assert cookie
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": self.address, "httpOnly": True}]
        )

    def use_up(self, operation: str) -> None:
        """Let everybody who called this operation have reached its rate limit."""
        windows = self.cloud.state.windows._windows
        for key, (ends, _) in windows.items():
            if key[0] == operation:
                windows[key] = (ends, 1_000_000)


class _Client(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        address = urlsplit(self.application.config["ROBLOX_REDIRECT_URI"])
        kwargs.setdefault("base_url", f"{address.scheme}://{address.netloc}")
        return super().open(*args, **kwargs)


def csrf(response: TestResponse) -> str:
    """The CSRF token of a page."""
    return _inputs(response)["csrf_token"]


def etag(response: TestResponse) -> str:
    """The etag in an entry's form."""
    return _inputs(response)["etag"]


def _inputs(response: TestResponse) -> dict[str, str]:
    finder = _Inputs()
    finder.feed(response.text)
    return finder.values


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name"):
            self.values[str(found["name"])] = found.get("value") or ""


def log_in(page: Page, site: Site, *, name: str = "Ada") -> None:
    """From the front page to the dashboard."""
    page.goto(site.address)
    page.get_by_role("main").get_by_role("link", name="Log in with Roblox").click()
    page.get_by_role("button", name=name).click()
    allow, hello = (
        page.get_by_role("button", name="Allow"),
        page.get_by_role("heading", name="Hello"),
    )
    allow.or_(hello).wait_for()
    if allow.is_visible():  # Roblox does not ask again for what was allowed before
        allow.click()
    hello.wait_for()


def consent(page: Page, *picks: str) -> None:
    """Tick these on the consent page, and allow."""
    for pick in picks:
        page.get_by_role("checkbox", name=pick).check()
    page.get_by_role("button", name="Allow").click()


def texts(page: Page, selector: str) -> Sequence[str]:
    """The texts of all elements that fit."""
    return page.locator(selector).all_inner_texts()
