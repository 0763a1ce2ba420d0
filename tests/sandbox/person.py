"""A person's browser at the sandbox's login and consent pages, in plain `requests`."""

from __future__ import annotations

import re

import requests

from tests.sandbox.app import App


class Person:
    """A browser that stays open over several logins."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.http = requests.Session()
        self.http.trust_env = False

    def log_in(self, user: str = "1000001", **changes: str | None) -> requests.Response:
        """Log in and agree; returns the redirect back to the app."""
        return self.allow(self.choose(self.open(**changes), user))

    def open(self, **changes: str | None) -> requests.Response:
        """Follow an authorization link."""
        return self.http.get(
            self.app.authorization_url(**changes), allow_redirects=False, timeout=10
        )

    def field(self, page: requests.Response, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
        assert found
        return found[1].replace("&amp;", "&")

    def choose(self, page: requests.Response, user: str) -> requests.Response:
        """Answer the login page; returns the page that follows."""
        data = {name: self.field(page, name) for name in ("csrf", "query")} | {"user": user}
        origin = self.app.cloud.api_base
        answer = self.http.post(f"{origin}/oauth/v1/login", data, allow_redirects=False, timeout=10)
        if answer.status_code != 303:
            return answer
        target = origin + answer.headers["Location"]
        return self.http.get(target, allow_redirects=False, timeout=10)

    def allow(self, page: requests.Response, **more: str) -> requests.Response:
        """Answer the consent page."""
        data = {"csrf": self.field(page, "csrf"), "decision": "allow"} | more
        return self.http.post(page.url, data, allow_redirects=False, timeout=10)


def is_login(page: requests.Response) -> bool:
    """Whether this is the login page."""
    return "Choose an account" in page.text


def is_consent(page: requests.Response) -> bool:
    """Whether this is the consent page."""
    return "asks for access" in page.text
