"""Access tokens that end under many workers at once: one refresh, and everybody gets their page."""

from __future__ import annotations

from collections import Counter

from tests.production.cloud import FIRST_USER
from tests.production.people import at_once, logged_in
from tests.production.site import Site, on_servers
from tests.production.wsgi import AHEAD

ADA = FIRST_USER


def test_f21_one_refresh_for_two_hundred_requests_of_one_person(site: Site) -> None:
    """Eight browsers of one person, 200 requests over all workers: 1 refresh, 200 answers."""
    browsers = logged_in(site, *[ADA] * 8)
    site.expire(ADA)
    before = site.cloud.refreshes()
    assert Counter(at_once([browser.look for browser in browsers * 25])) == {"page": 200}
    assert site.cloud.refreshes() - before == 1


def test_f21_one_refresh_each_for_twenty_people_at_once(site: Site) -> None:
    """Twenty people, ten requests each, all at once: 20 refreshes, 200 answers."""
    people = range(FIRST_USER, FIRST_USER + 20)
    browsers = logged_in(site, *people)
    site.expire(*people)
    before = site.cloud.refreshes()
    assert Counter(at_once([browser.look for browser in browsers * 10])) == {"page": 200}
    assert site.cloud.refreshes() - before == 20


@on_servers
def test_f22_c31_a_machine_ahead_of_time_takes_no_lease_from_another(site: Site) -> None:
    """With one clock 20 s ahead and a slow Roblox, an expired token is still refreshed once."""
    threads = ("--preload", "--worker-class", "gthread", "--threads", "8")
    with site.joined_by(*threads, workers=2, **{AHEAD: "20"}), site.cloud.slow(0.5):
        browsers = logged_in(site, *[ADA] * 6)
        for _ in range(3):
            site.expire(ADA)
            before = site.cloud.refreshes()
            assert Counter(at_once([browser.look for browser in browsers * 6])) == {"page": 36}
            assert site.cloud.refreshes() - before == 1
