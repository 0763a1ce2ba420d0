"""People who use the site, each with a browser or several."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from tests.production.cloud import universe_of
from tests.production.site import HOST, Site

T = TypeVar("T")

MOST_TRIES = 50
BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
"""How a request ends whose worker is killed, before the answer or in the middle of it."""


class Browser:
    """A person's browser.

    Attributes:
        cookies: The site's, by name.
        broken: How many requests met a connection that broke, and were made again.
    """

    def __init__(self, site: Site, user: int) -> None:
        self.site = site
        self.user = user
        self.cookies: dict[str, str] = {}
        self.broken = 0

    def get(self, path: str) -> requests.Response:
        """A page, from whichever machine it is that has its turn."""
        errors: list[Exception] = []
        while len(errors) < MOST_TRIES:
            try:
                return self.get_once(path)
            except BROKEN as error:  # its worker was killed: a browser tries again
                self.broken += 1
                errors.append(error)
        raise AssertionError(f"{path} could not be had: {errors}")

    def get_once(self, path: str) -> requests.Response:
        """The same, where no connection may break."""
        with self.site.turn() as address:
            answer = requests.get(
                address + path,
                headers={"Host": HOST, "Accept": "text/html", "Connection": "close"},
                cookies=self.cookies,
                allow_redirects=False,
                timeout=30,  # gunicorn itself gives no worker more
            )
        self.cookies.update(answer.cookies)
        return answer

    def is_page(self, answer: requests.Response) -> bool:
        """Whether it is the page that was asked for, with what Roblox said in it."""
        return answer.status_code == 200 and universe_of(self.user)[1] in answer.text

    def look(self) -> str:
        """Ask for that page, once; "page" if it came, else the status, or what went wrong."""
        try:
            answer = self.get_once(self.probe_path)
        except requests.RequestException as error:
            return type(error).__name__
        return "page" if self.is_page(answer) else str(answer.status_code)

    def probe(self) -> requests.Response:
        """The page that needs one call to Roblox on this person's behalf."""
        return self.get(self.probe_path)

    @property
    def probe_path(self) -> str:
        """Where that page is."""
        return f"/probe/{universe_of(self.user)[0]}"

    def log_in(self) -> None:
        """From the login to the page after it. Begun anew when a worker dies under it."""
        for _ in range(5):
            away = self.get("/roblox/login").headers.get("Location", "")
            if away == "/":  # logged in already
                return
            if away.startswith(self.site.cloud.info["issuer"]):
                back = urlsplit(self.site.cloud.consent(away, self.user))
                if self.get(f"{back.path}?{back.query}").status_code == 302:
                    return
        raise AssertionError("nobody can log in")


def logged_in(site: Site, *users: int) -> list[Browser]:
    """A browser for each, in which they have logged in."""
    browsers = [Browser(site, user) for user in users]
    for browser in browsers:
        browser.log_in()
    return browsers


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at the same moment, each on a thread of its own; the results in order."""
    start = threading.Barrier(len(works))

    def begin(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))
