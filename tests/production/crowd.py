"""People who use the site without pause, while a test does something to it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import requests

from rblx_oauth import stores
from tests.production.people import Browser, at_once
from tests.production.programs import wait
from tests.production.site import Site


class Traffic:
    """Browsers that ask for their pages, each over and over, while a block runs.

    Attributes:
        seen: What came, as `Browser.look` says it, in order.
    """

    def __init__(self, browsers: Sequence[Browser]) -> None:
        self._browsers = browsers
        self._done = threading.Event()
        self._pool = ThreadPoolExecutor(len(browsers))
        self._under_way: list[Future[None]] = []
        self.seen: list[str] = []

    def until(self, what: str, times: int = 1) -> None:
        """Wait until it has come so many times more."""
        enough = self.seen.count(what) + times
        wait(lambda: self.seen.count(what) >= enough, lambda: f"{what} in {Counter(self.seen)}")

    def __enter__(self) -> Self:
        self._under_way = [self._pool.submit(self._ask, browser) for browser in self._browsers]
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._pool.shutdown()
        for each in self._under_way:
            each.result()

    def _ask(self, browser: Browser) -> None:
        while not self._done.is_set():
            self.seen.append(browser.look())


class Person:
    """Somebody with two browsers, who asks for a page in both at once, time and again.

    When the grant is lost they log in again in both. `written` counts the
    refreshes that came into the store, from the generations of the grant.

    Attributes:
        answers: How many answers there were, by status.
        unclean: What was seen that nobody should see.
        longest: Seconds that an answer took.
        losses: How often the grant was lost.
        written: How many refreshes came into the store.
    """

    def __init__(self, site: Site, user: int, store: stores.Store) -> None:
        self.site = site
        self.user = user
        self.answers: Counter[int] = Counter()
        self.unclean: list[str] = []
        self.longest = 0.0
        self.losses = 0
        self.written = 0
        self._store = store
        self._browsers = [Browser(site, user), Browser(site, user)]
        self._log_in()

    @property
    def broken(self) -> int:
        """How many requests met a connection that broke, and were made again."""
        return sum(browser.broken for browser in self._browsers)

    def live(self, done: threading.Event) -> None:
        """Go on until it is done."""
        while not done.is_set():
            began = time.monotonic()
            answers = at_once([browser.probe for browser in self._browsers])
            self.longest = max(self.longest, time.monotonic() - began)
            self.answers.update(answer.status_code for answer in answers)
            refused = [answer for answer in answers if not self._browsers[0].is_page(answer)]
            if refused:
                self._look_into(refused)
        self.written += self._generation - self._begun_at

    def _look_into(self, refused: list[requests.Response]) -> None:
        """Log in again if the grant was lost, and was so cleanly; note all else."""
        row = self.site.grant(self._store, self.user)
        if row.status != "lost" or not all(map(_is_login, refused)):
            seen = [(each.status_code, each.headers.get("Location")) for each in refused]
            self.unclean.append(f"user {self.user}: grant {row.status} {row.reason}, {seen}")
            return
        self.losses += 1
        self.written += row.generation - 1 - self._begun_at
        self._log_in()

    def _log_in(self) -> None:
        for browser in self._browsers:
            browser.log_in()
        self._begun_at = self._generation

    @property
    def _generation(self) -> int:
        return self.site.grant(self._store, self.user).generation


def _is_login(answer: requests.Response) -> bool:
    """A page that offers a login, or the way to one for who came back after that page."""
    if answer.status_code == 302:
        return answer.headers["Location"].startswith("/roblox/login")
    return answer.status_code == 401 and "/roblox/login" in answer.text
