"""Machines whose clocks do not agree."""

from __future__ import annotations

from collections import Counter
from functools import partial

from tests.production.cloud import FIRST_USER
from tests.production.site import Site, at_once, logged_in, on_servers
from tests.production.wsgi import AHEAD


@on_servers
def test_f22_c31_a_machine_ahead_of_time_takes_no_lease_from_another(site: Site) -> None:
    """With one clock 20 s ahead and a slow Roblox, an expired token is still refreshed once."""
    ada = FIRST_USER
    with site.joined_by(
        "--preload", "--worker-class", "gthread", "--threads", "8", workers=2, **{AHEAD: "20"}
    ):
        browsers = logged_in(site, *[ada] * 6)
        for _ in range(3):
            site.expire(ada)
            before = site.cloud.refreshes()
            with site.cloud.slow(0.5):
                answers = at_once(
                    [partial(browser.get_once, browser.probe_path) for browser in browsers * 6]
                )
            assert Counter(answer.status_code for answer in answers) == {200: 36}
            assert site.cloud.refreshes() - before == 1
