"""``flask roblox sweep``: what is over is deleted, what was put off is done."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask

from flask_ext.state import NAME
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import StoreUnavailable
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.cli.kit import run
from tests.flask_ext.site import ZOE, Browser, make_app, roblox
from tests.support.clock import ManualClock

DAY = 86400.0


@pytest.fixture
def app(cloud: Sandbox, clock: ManualClock, tmp_path: Path) -> Flask:
    """A site on SQLite."""
    return make_app(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path}/store.db")


def fill(app: Flask, count: int, *, expires_at: float) -> None:
    """Records that end then."""
    for number in range(count):
        app.extensions[NAME].here.store.add_record(
            Record("thing", f"{expires_at}-{number}", "", b"", 0.0, 0.0, expires_at)
        )


def test_expired_records_go_in_batches_and_live_ones_stay(app: Flask, clock: ManualClock) -> None:
    """A second run finds nothing."""
    fill(app, 25, expires_at=clock.now() - 1)
    fill(app, 3, expires_at=clock.now() + 60)
    answer = run(app, "sweep", "--batch", "10")
    assert answer.exit_code == 0, answer.output
    assert "Deleted 25 expired records and 0 ended grants" in answer.output
    assert "Deleted 0 expired records" in run(app, "sweep").output
    assert len(app.extensions[NAME].here.store.scan_records()) == 3


def test_ended_grants_are_forgotten_when_their_tokens_are_dead(
    app: Flask, cloud: Sandbox, clock: ManualClock
) -> None:
    """After ninety days, or as many as are asked for; grants of people who are there stay."""
    gone, here = Browser(app, cloud), Browser(app, cloud)
    gone.log_in()
    here.log_in(ZOE)
    gone.log_out()
    clock.advance(89 * DAY)
    assert "and 0 ended grants" in run(app, "sweep").output
    clock.advance(2 * DAY)
    assert "and 1 ended grants" in run(app, "sweep").output
    [left] = app.extensions[NAME].here.store.list_grants()
    assert left.subject == ZOE


def test_days_can_be_chosen(app: Flask, cloud: Sandbox, clock: ManualClock) -> None:
    """--dead-after, in days, one at least."""
    gone = Browser(app, cloud)
    gone.log_in()
    gone.log_out()
    clock.advance(8 * DAY)
    assert run(app, "sweep", "--dead-after", "0").exit_code == 2
    assert "and 1 ended grants" in run(app, "sweep", "--dead-after", "7").output


def test_c41_a_revocation_that_failed_is_done_later(app: Flask, cloud: Sandbox) -> None:
    """While Roblox fails it stays queued, which is told with status 1."""
    browser = Browser(app, cloud)
    browser.log_in()
    with cloud.fault("f15", operation="v1/token/revoke", times=None):
        browser.log_out()
        answer = run(app, "sweep")
        assert answer.exit_code == 1
        assert "0 queued revocations are done" in answer.output
        assert "Error: " in answer.output
    assert "1 queued revocations are done" in run(app, "sweep").output
    assert "0 queued revocations are done" in run(app, "sweep").output


def test_a_sweep_ends_in_time_and_the_next_goes_on(app: Flask, clock: ManualClock) -> None:
    """--max-seconds: no batch is begun after that."""
    fill(app, 30, expires_at=clock.now() - 1)
    store = app.extensions[NAME].here.store
    sweep = store.sweep

    def slow(*, now: float, limit: int) -> int:
        clock.advance(2)
        return int(sweep(now=now, limit=limit))

    store.sweep = slow
    answer = run(app, "sweep", "--batch", "10", "--max-seconds", "3")
    assert answer.exit_code == 0
    assert "Deleted 20 expired records" in answer.output
    assert "the next sweep goes on" in answer.output
    assert "Deleted 10 expired records" in run(app, "sweep").output


def test_f26_a_store_that_fails_ends_it_with_what_was_done(app: Flask, clock: ManualClock) -> None:
    """Status 1, the sentence of the store, and the numbers until then."""
    fill(app, 30, expires_at=clock.now() - 1)
    store = app.extensions[NAME].here.store
    sweep, calls = store.sweep, iter((True, True, False))

    def failing(*, now: float, limit: int) -> int:
        if next(calls):
            return int(sweep(now=now, limit=limit))
        raise StoreUnavailable("The token store did not answer.")

    store.sweep = failing
    answer = run(app, "sweep", "--batch", "10")
    assert answer.exit_code == 1
    assert "Deleted 20 expired records" in answer.output
    assert "Error: The token store did not answer." in answer.output
    assert "Traceback" not in answer.output


def test_two_sweeps_at_once_delete_everything_once(app: Flask, clock: ManualClock) -> None:
    """While the site writes, too: what they count adds up."""
    fill(app, 200, expires_at=clock.now() - 1)
    done: list[int] = []

    def sweep() -> None:
        with app.app_context():
            done.append(roblox.sweep(batch=5).records)

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    fill(app, 20, expires_at=clock.now() + 60)
    for thread in threads:
        thread.join()
    assert sum(done) == 200
    assert len(app.extensions[NAME].here.store.scan_records()) == 20
