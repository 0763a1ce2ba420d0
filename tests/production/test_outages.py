"""The store goes away or falls silent under load, and comes back to workers that went on."""

from __future__ import annotations

from tests.production.cloud import FIRST_USER
from tests.production.crowd import Traffic
from tests.production.databases import Database
from tests.production.people import Browser, logged_in
from tests.production.site import Site, on_servers

PEOPLE = range(FIRST_USER, FIRST_USER + 6)


def still_there(site: Site, browsers: list[Browser], workers: list[list[int]]) -> bool:
    """Whether everybody is logged in as before, and no worker had to begin anew."""
    pages = {browser.look() for browser in browsers}
    return pages == {"page"} and [machine.workers for machine in site.machines] == workers


@on_servers
def test_f26_a_store_that_goes_away_logs_nobody_out(site: Site, database: Database) -> None:
    """503 while it is away, the pages again when it is back, from the same workers."""
    assert database.server
    browsers, workers = logged_in(site, *PEOPLE), [machine.workers for machine in site.machines]
    with Traffic(browsers) as traffic:
        traffic.until("page")
        database.server.stop()
        traffic.until("503", times=50)
        database.server.start()
        traffic.until("page", times=50)
    assert set(traffic.seen) == {"page", "503"}
    assert still_there(site, browsers, workers)


@on_servers
def test_f28_a_store_that_is_silent_keeps_nobody_waiting(site: Site, database: Database) -> None:
    """503 within the time that gunicorn gives a worker, and the pages again when it answers."""
    assert database.server
    browsers, workers = logged_in(site, *PEOPLE), [machine.workers for machine in site.machines]
    with Traffic(browsers) as traffic:
        traffic.until("page")
        with database.server.paused():
            traffic.until("503", times=len(browsers))
        traffic.until("page", times=50)
    assert set(traffic.seen) == {"page", "503"}
    assert still_there(site, browsers, workers)
