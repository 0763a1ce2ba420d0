"""``flask roblox rotate-keys``: new keys for everything, and nobody is logged out."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from flask_ext.state import NAME
from rblx_oauth import stores
from rblx_oauth.core.rows import Record
from rblx_oauth.oauth.record_rows import sealed_record
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.cli.kit import KEY_A, KEY_B, KEY_C, ROOT, run
from tests.flask_ext.site import ADA, ZOE, Browser, make_app
from tests.support.clock import ManualClock

DAY = 86400.0


class Deploys:
    """One site after another on the same store, and browsers that stay."""

    def __init__(self, cloud: Sandbox, clock: ManualClock, folder: Path) -> None:
        self.cloud = cloud
        self.clock = clock
        self.url = f"sqlite:///{folder}/store.db"

    def app(self, **more: object) -> Flask:
        """The site with these settings."""
        return make_app(self.cloud, self.clock, ROBLOX_STORE_URL=self.url, **more)

    def with_keys(self, *keys: str) -> Flask:
        """The site with these token keys."""
        return self.app(ROBLOX_TOKEN_KEYS=list(keys))

    def key_ids(self) -> set[str | None]:
        """The names of the keys that everything stored is sealed under."""
        with stores.open(self.url, keys=[KEY_C]) as store:
            grants = [store.vault.key_id(row.sealed) for row in store.list_grants()]
            return {*grants, *(store.vault.key_id(each.payload) for each in store.scan_records())}


@pytest.fixture
def deploys(cloud: Sandbox, clock: ManualClock, tmp_path: Path) -> Deploys:
    """A site whose store stays."""
    return Deploys(cloud, clock, tmp_path)


def move(browser: Browser, app: Flask) -> Browser:
    """The same browser, after another version of the site was deployed."""
    new = Browser(app, browser.cloud)
    for cookie in browser.client._cookies.values():
        new.client._cookies[cookie._storage_key] = cookie
    return new


def test_c46_keys_rotate_and_nobody_is_logged_out(deploys: Deploys) -> None:
    """Key A; then B before A, and everything is sealed anew; then B alone."""
    ada = Browser(deploys.with_keys(KEY_A), deploys.cloud)
    ada.log_in(ADA)
    zoe = Browser(ada.app, deploys.cloud)
    zoe.log_in(ZOE)
    both = deploys.with_keys(KEY_B, KEY_A)
    ada = move(ada, both)
    assert ada.who() == "ada_builds"
    answer = run(both, "rotate-keys")
    assert answer.exit_code == 0, answer.output
    assert "the old ones can be taken out now" in answer.output
    alone = deploys.with_keys(KEY_B)
    for browser, user in ((ada, ADA), (zoe, ZOE)):
        browser = move(browser, alone)
        assert browser.get("/private").text == f"private page of {user}"
        deploys.clock.advance(3600)  # the access token is over
        assert browser.get("/token-state").text == user
    assert len(deploys.key_ids()) == 1


def test_c46_what_is_new_already_is_not_written_again(deploys: Deploys) -> None:
    """A second run finds nothing to do and says so."""
    Browser(deploys.with_keys(KEY_A), deploys.cloud).log_in()
    both = deploys.with_keys(KEY_B, KEY_A)
    assert "Resealed 3 rows; under the newest key already: 0" in run(both, "rotate-keys").output
    assert "Resealed 0 rows; under the newest key already: 3" in run(both, "rotate-keys").output


def test_c46_a_key_that_is_missing_is_named_and_nothing_is_deleted(deploys: Deploys) -> None:
    """Status 1, until the key is put back."""
    ada = Browser(deploys.with_keys(KEY_A), deploys.cloud)
    ada.log_in()
    [name] = deploys.key_ids()
    answer = run(deploys.with_keys(KEY_C, KEY_B), "rotate-keys")
    assert answer.exit_code == 1
    assert f"3 rows cannot be opened: they are under key {name}" in answer.output
    back = deploys.with_keys(KEY_C, KEY_A)
    assert run(back, "rotate-keys").exit_code == 0
    assert move(ada, back).who() == "ada_builds"


def test_c46_what_was_tampered_with_is_left_and_told(deploys: Deploys) -> None:
    """A payload of another record does not become good by being sealed anew."""
    Browser(deploys.with_keys(KEY_A), deploys.cloud).log_in()
    with stores.open(deploys.url, keys=[KEY_A]) as store:
        [session] = store.list_records("session", now=deploys.clock.now())
        moved = sealed_record(store.vault, session)
        foreign = Record("session", "f" * 64, "x", moved.payload, 0.0, 0.0, 1e12)
        store.add_record(foreign)
        answer = run(deploys.with_keys(KEY_B, KEY_A), "rotate-keys")
        assert answer.exit_code == 1
        assert "1 rows cannot be opened although their key is here" in answer.output
        left = store.get_record("session", "f" * 64, now=deploys.clock.now())
        assert left == foreign


def test_c46_queued_revocations_survive(deploys: Deploys) -> None:
    """What Roblox could not confirm under the old key is revoked under the new one."""
    ada = Browser(deploys.with_keys(KEY_A), deploys.cloud)
    ada.log_in()
    with deploys.cloud.fault("f15", operation="v1/token/revoke", times=None):
        ada.log_out()
    assert run(deploys.with_keys(KEY_B, KEY_A), "rotate-keys").exit_code == 0
    answer = run(deploys.with_keys(KEY_B), "sweep")
    assert answer.exit_code == 0, answer.output
    assert "1 queued revocations are done" in answer.output


def test_f35_secret_key_rotates_with_its_fallbacks(deploys: Deploys) -> None:
    """Cookies are signed anew as people come by; then the old key can go."""
    first, second = "1" + "a4f07c" * 6, "2" + "b58e1d" * 6
    ada = Browser(deploys.app(SECRET_KEY=first), deploys.cloud)
    ada.log_in()
    old = ada.cookie()
    both = deploys.app(SECRET_KEY=second, SECRET_KEY_FALLBACKS=[first])
    answer = run(both, "rotate-keys")
    assert answer.exit_code == 0
    assert "Keep SECRET_KEY_FALLBACKS for 14 days" in answer.output
    ada = move(ada, both)
    assert ada.who() == "ada_builds"
    assert ada.cookie() != old
    assert "Set-Cookie" not in ada.get("/private").headers  # once is enough
    ada = move(ada, deploys.app(SECRET_KEY=second))
    assert ada.who() == "ada_builds"
    deploys.clock.advance(3600)
    assert ada.get("/token-state").text == ADA


def test_f35_whoever_is_away_for_the_idle_time_is_logged_out_anyway(deploys: Deploys) -> None:
    """So fallbacks that stay for that long cost nobody a login."""
    first, second = "1" + "a4f07c" * 6, "2" + "b58e1d" * 6
    ada = Browser(deploys.app(SECRET_KEY=first), deploys.cloud)
    ada.log_in()
    both = deploys.app(SECRET_KEY=second, SECRET_KEY_FALLBACKS=[first])
    deploys.clock.advance(14 * DAY)
    assert move(ada, both).who() == "nobody"


def test_c46_a_session_that_is_touched_meanwhile_keeps_its_time(deploys: Deploys) -> None:
    """The rotation read it before the request and writes after: it sees that it is late."""
    ada = Browser(deploys.with_keys(KEY_A), deploys.cloud)
    ada.log_in()
    both = deploys.with_keys(KEY_B, KEY_A)
    ada = move(ada, both)
    store = both.extensions[NAME].here.store
    read = store.scan_records
    deploys.clock.advance(13 * DAY)

    def read_then_touch(**where: object) -> object:
        found = read(**where)
        if any(record.kind == "session" for record in found):
            store.scan_records = read
            assert ada.who() == "ada_builds"
        return found

    store.scan_records = read_then_touch
    answer = run(both, "rotate-keys")
    assert "changed by the site meanwhile: 1" in answer.output
    deploys.clock.advance(13 * DAY)
    assert ada.who() == "ada_builds"


def test_c46_a_refresh_after_the_row_was_read_wins(deploys: Deploys) -> None:
    """The rotation sees that it is late, and finds the new token under the new key."""
    ada = Browser(deploys.with_keys(KEY_A), deploys.cloud)
    ada.log_in()
    both = deploys.with_keys(KEY_B, KEY_A)
    ada = move(ada, both)
    deploys.clock.advance(3600)
    store = both.extensions[NAME].here.store
    read = store.list_grants

    def read_then_refresh(**where: object) -> object:
        found = read(**where)
        store.list_grants = read
        assert ada.get("/token-state").text == ADA
        return found

    store.list_grants = read_then_refresh
    answer = run(both, "rotate-keys")
    assert answer.exit_code == 0, answer.output
    assert "changed by the site meanwhile: " in answer.output
    deploys.clock.advance(3600)
    assert move(ada, deploys.with_keys(KEY_B)).get("/token-state").text == ADA


def test_c46_a_refresh_under_way_does_not_lose_what_it_got(deploys: Deploys) -> None:
    """The row is sealed anew between the refresh and its write; the write goes by generation."""
    ada = Browser(deploys.with_keys(KEY_A), deploys.cloud)
    ada.log_in()
    both = deploys.with_keys(KEY_B, KEY_A)
    ada = move(ada, both)
    deploys.clock.advance(3600)
    oauth = both.extensions[NAME].here.oauth
    submit = oauth.submit_refresh

    def submit_then_rotate(token: object) -> object:
        answer = submit(token)
        assert run(both, "rotate-keys").exit_code == 0
        return answer

    oauth.submit_refresh = submit_then_rotate
    assert ada.get("/token-state").text == ADA
    deploys.clock.advance(3600)
    assert move(ada, deploys.with_keys(KEY_B)).get("/token-state").text == ADA


KILLED = """
import os, signal, sys
from rblx_oauth import stores
store = stores.open(sys.argv[1], keys=sys.argv[2:4])
swap, left = store.swap_record, int(sys.argv[4])
def swap_some(record, *, before):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return swap(record, before=before)
store.swap_record = swap_some
stores.KeyRotation(store, batch=7).run()
"""


def test_c46_a_rotation_that_is_killed_is_finished_by_the_next(deploys: Deploys) -> None:
    """SIGKILL anywhere: every row opens under the old key or the new one, and none is lost."""
    with stores.open(deploys.url, keys=[KEY_A]) as store:
        for number in range(40):
            plain = Record("thing", str(number), "", f"{number}".encode(), 0.0, 0.0, 1e12)
            store.add_record(sealed_record(store.vault, plain))
    for left in (0, 11, 23):
        arguments = [deploys.url, KEY_B, KEY_A, str(left)]
        ended = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, timeout=60)
        assert ended.returncode == -signal.SIGKILL
    with stores.open(deploys.url, keys=[KEY_B, KEY_A]) as store:
        rotation = stores.KeyRotation(store)
        rotation.run()
        assert (rotation.newest, rotation.resealed, rotation.complete) == (34, 6, True)
