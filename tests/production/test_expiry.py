"""Access tokens that end under many workers at once: one refresh, and everybody gets their page."""

from __future__ import annotations

from collections import Counter
from functools import partial

from tests.production.cloud import FIRST_USER, universe_of
from tests.production.site import Browser, Site, at_once, logged_in

ADA = FIRST_USER


def ask(site: Site, browsers: list[Browser], path: str, times: int) -> Counter[tuple[int, bool]]:
    """Ask for a page so often at once; statuses, and whether Roblox's answer was in the page."""
    turns = [browsers[number % len(browsers)] for number in range(times)]
    answers = at_once(
        [partial(each.get_once, path.format(universe_of(each.user)[0])) for each in turns]
    )
    return Counter(
        (answer.status_code, universe_of(each.user)[1] in answer.text)
        for each, answer in zip(turns, answers, strict=True)
    )


def test_f21_one_refresh_for_two_hundred_requests_of_one_person(site: Site) -> None:
    """Eight browsers of one person, 200 requests over all workers: 1 refresh, 200 answers."""
    browsers = logged_in(site, *[ADA] * 8)
    site.expire(ADA)
    before = site.cloud.refreshes()
    assert ask(site, browsers, "/probe/{}", 200) == {(200, True): 200}
    assert site.cloud.refreshes() - before == 1


def test_f21_one_refresh_each_for_twenty_people_at_once(site: Site) -> None:
    """Twenty people, ten requests each, all at once: 20 refreshes, 200 answers."""
    people = range(FIRST_USER, FIRST_USER + 20)
    browsers = logged_in(site, *people)
    site.expire(*people)
    before = site.cloud.refreshes()
    assert ask(site, browsers, "/probe/{}", 200) == {(200, True): 200}
    assert site.cloud.refreshes() - before == 20
