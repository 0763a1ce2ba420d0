"""People who use the site without pause, while a test does something to it."""

from __future__ import annotations

import threading
import time
from collections import Counter

import requests

from rblx_oauth import stores
from tests.production.cloud import universe_of
from tests.production.site import Browser, Site, at_once


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
            refused = [answer for answer in answers if not self._is_page(answer)]
            if refused:
                self._look_into(refused)
        self.written += self._generation - self._begun_at

    def _is_page(self, answer: requests.Response) -> bool:
        return answer.status_code == 200 and universe_of(self.user)[1] in answer.text

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
