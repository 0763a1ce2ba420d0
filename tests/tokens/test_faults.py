"""Faults of a refresh: f20, f22, f23, f29 and f46.

Those with processes of their own are in `test_processes`, the store's in `test_store_faults`.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from contextlib import closing
from typing import Any

import pytest

from rblx_oauth.core.rows import GrantRow
from rblx_oauth.errors import (
    ConnectFailed,
    InvalidClient,
    ReauthorizationRequired,
    RobloxError,
)
from rblx_oauth.oauth.grant_rows import live_row
from rblx_oauth.oauth.token import Token
from tests.tokens.failing import Failing, stored
from tests.tokens.kit import Kit

EXPIRED = 899.0


def write_directly(kit: Kit, row: GrantRow) -> None:
    """What another process does: the row moves on, at once."""
    with closing(sqlite3.connect(kit.url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(
            "UPDATE rblx_oauth_grants SET generation = ?, sealed = ?, updated_at = ?, intent = ''"
            " WHERE grant_id = ?",
            (row.generation, row.sealed, row.updated_at, row.grant_id),
        )


def assert_lost(kit: Kit, grant_id: str, reason: str) -> None:
    """The grant asks for a login, again and again, without another call to Roblox."""
    submitted = len(kit.rotation.submitted)
    for store in (kit.store, kit.new_store()):
        with pytest.raises(ReauthorizationRequired) as caught:
            kit(kit.grant(grant_id, store=store).token())
        assert (caught.value.reason, caught.value.grant_id) == (reason, grant_id)
    assert len(kit.rotation.submitted) == submitted
    assert (kit.row(grant_id).status, kit.row(grant_id).sealed) == ("lost", b"")


def test_f20_a_spent_refresh_token_is_lost_when_nobody_has_its_successor(kit: Kit) -> None:
    """After invalid_grant the store is read again a few times, then a login is asked for."""
    grant_id = kit.log_in()
    kit.rotation.live = "spent elsewhere"
    kit.clock.advance(EXPIRED)
    with pytest.raises(ReauthorizationRequired):
        kit(kit.grant(grant_id).token())
    assert len(kit.rotation.submitted) == 1
    assert_lost(kit, grant_id, "revoked")


def test_f20_another_workers_result_is_adopted_after_invalid_grant(kit: Kit) -> None:
    """The winner may write a moment after the refusal came; then its token is used."""
    grant_id = kit.log_in()
    row = kit.row(grant_id)
    kit.clock.advance(EXPIRED)
    winner = kit(kit.app.submit_refresh(stored(kit, grant_id)))
    late = live_row(kit.store.vault, winner, generation=row.generation + 1, now=kit.clock.now())
    kit.clock.after_sleeps(2, lambda: write_directly(kit, late))
    assert kit(kit.grant(grant_id).token()).access_token == winner.access_token
    assert len(kit.rotation.submitted) == 2
    assert kit.row(grant_id) == late


@pytest.mark.parametrize("fault", ["reset unspent", "503"])
def test_a_doubtful_refresh_that_was_not_processed_goes_through_the_second_time(
    kit: Kit, fault: Any
) -> None:
    """The same refresh token is submitted once more, under the same lease."""
    grant_id = kit.log_in()
    before = stored(kit, grant_id)
    kit.clock.advance(EXPIRED)
    kit.rotation.faults.append(fault)
    assert kit(kit.grant(grant_id).token()).refresh_token == kit.rotation.live
    assert kit.rotation.submitted == [before.refresh_token] * 2


@pytest.mark.parametrize("fault", ["reset spent", "garbage"])
def test_a_refresh_whose_answer_is_lost_leads_to_a_clean_login(kit: Kit, fault: Any) -> None:
    """The second submission is refused, nobody has the answer: log in again, and no loop."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.faults.append(fault)
    with pytest.raises(ReauthorizationRequired):
        kit(kit.grant(grant_id).token())
    assert len(kit.rotation.submitted) == 2
    assert_lost(kit, grant_id, "revoked")


def test_an_outage_of_roblox_costs_nobody_their_login(kit: Kit) -> None:
    """Two tries, then the outage's own error; when Roblox is back, so is the token."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.faults.extend(["503", "503"])
    with pytest.raises(RobloxError, match="503"):
        kit(kit.grant(grant_id).token())
    assert kit.row(grant_id).status == "live"
    assert kit(kit.grant(grant_id).token()).refresh_token == kit.rotation.live
    assert len(set(kit.rotation.submitted)) == 1


def test_a_busy_roblox_is_waited_for(kit: Kit) -> None:
    """After a 429 with Retry-After the refresh is sent again, no sooner than asked."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.faults.append("429")
    before = kit.clock.now()
    assert kit(kit.grant(grant_id).token())
    assert kit.clock.now() - before >= 1


def test_a_provider_that_cannot_be_reached_is_tried_a_little(kit: Kit) -> None:
    """Without a connection nothing was spent: three tries, and the grant stays."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.provider.server.__exit__()
    with pytest.raises(ConnectFailed):
        kit(kit.grant(grant_id, app=kit.new_app()).token())
    assert {0.1, 0.4} <= set(kit.clock.sleeps)
    assert kit.row(grant_id).status == "live"


def test_a_wrong_client_secret_is_an_alarm_that_deletes_nothing(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    """InvalidClient is raised and logged as an error; with the secret right all is well."""
    grant_id = kit.log_in()
    before = stored(kit, grant_id)
    kit.clock.advance(EXPIRED)
    kit.rotation.faults.append("invalid_client")
    with pytest.raises(InvalidClient):
        kit(kit.grant(grant_id).token())
    assert [record.levelno for record in caplog.records if "client id" in record.message] == [
        logging.ERROR
    ]
    assert stored(kit, grant_id) == before
    assert kit(kit.grant(grant_id).token())


def test_c28_a_refreshed_id_token_about_somebody_else_ends_the_grant(kit: Kit) -> None:
    """It is never used, and the person has to log in again."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.provider.claims = {"sub": "999"}
    with pytest.raises(ReauthorizationRequired):
        kit(kit.grant(grant_id).token())
    assert_lost(kit, grant_id, "lost")
    assert len(kit.rotation.submitted) == 1


class CrashError(Exception):
    """Something nobody foresaw."""


def test_a_refreshed_token_is_stored_before_anything_else(kit: Kit) -> None:
    """Whatever goes wrong after the answer, the token that was paid for is in the store."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)

    def crash(*args: object) -> Any:
        raise CrashError

    kit.app.validate_refreshed = crash
    with pytest.raises(CrashError):
        kit(kit.grant(grant_id).token())
    assert stored(kit, grant_id).refresh_token == kit.rotation.live
    assert stored(kit, grant_id).claims["name"] == "builderman"
    assert kit(kit.store.acquire_lease(grant_id, owner="next", now=kit.clock.now(), ttl=1))


def test_f22_a_refresh_slower_than_the_lease_keeps_it(live_kit: Kit) -> None:
    """The lease is renewed while the refresh hangs; who waits gets its token, sent once."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.gate.clear()
    first = kit.begin(kit.grant(grant_id, lease=0.3).token)
    kit.until(kit.rotation.arrived)
    waiting = kit.grant(grant_id, app=kit.new_app(), store=kit.new_store(), lease=0.3)
    second = kit.begin(waiting.token)
    threading.Timer(1.2, kit.rotation.gate.set).start()
    tokens = kit.end(first), kit.end(second)
    assert tokens[0].access_token == tokens[1].access_token
    assert len(kit.rotation.submitted) == 1


def test_f23_a_late_writer_loses_and_the_winners_token_survives(live_kit: Kit) -> None:
    """Who lost the lease in mid-refresh cannot write, takes the winner's token and revokes none."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.grace = True
    kit.rotation.gate.clear()
    frozen = Failing(kit.store)
    frozen.down = {"renew_lease"}
    late = kit.begin(kit.grant(grant_id, store=frozen, lease=0.2).token)
    kit.until(kit.rotation.arrived)
    winner = kit(kit.grant(grant_id, app=kit.new_app(), store=kit.new_store()).token())
    kit.rotation.gate.set()
    assert kit.end(late).access_token == winner.access_token
    assert stored(kit, grant_id).refresh_token == winner.refresh_token
    assert (len(kit.rotation.submitted), kit.rotation.revoked) == (2, [])


def test_f23_a_worker_without_the_lease_does_not_declare_the_grant_lost(live_kit: Kit) -> None:
    """Its refresh comes second and is refused; it waits for the first one's answer to be stored."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    late_app = kit.new_app()
    leased, thaw, sent = threading.Event(), threading.Event(), threading.Event()
    submit = late_app.submit_refresh

    def sync_submit(token: Token) -> Any:
        leased.set()
        thaw.wait(10)
        sent.set()
        return submit(token)

    async def async_submit(token: Token) -> Any:
        leased.set()
        await asyncio.to_thread(thaw.wait, 10)
        sent.set()
        return await submit(token)

    late_app.submit_refresh = async_submit if kit.is_async else sync_submit
    frozen = Failing(kit.store)
    frozen.down = {"renew_lease"}
    kit.rotation.gate.clear()
    late = kit.begin(kit.grant(grant_id, app=late_app, store=frozen, lease=0.2).token)
    kit.until(leased)
    first = kit.begin(kit.grant(grant_id, app=kit.new_app(), store=kit.new_store()).token)
    kit.until(kit.rotation.arrived)
    frozen.down = set()
    thaw.set()
    kit.until(sent)
    threading.Timer(1.5, kit.rotation.gate.set).start()  # longer than the refused one looks again
    assert kit.end(late).access_token == kit.end(first).access_token
    assert (kit.row(grant_id).status, kit.rotation.revoked) == ("live", [])


def test_f23_a_login_during_a_refresh_survives_it(live_kit: Kit) -> None:
    """The refresh finds the newer login when it writes, and gives out that one's token."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.gate.clear()
    late = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    kit.log_in(kit.new_store())
    kit.rotation.gate.set()
    assert kit.end(late).refresh_token == kit.rotation.live
    assert stored(kit, grant_id).refresh_token == kit.rotation.live
    assert kit.rotation.revoked == []


def test_f29_a_refresh_outlives_the_request_that_began_it(live_kit: Kit) -> None:
    """The caller leaves in mid-refresh: it is finished and stored, and nobody refreshes again."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.gate.clear()
    leaving = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    leaving.cancel()  # a task ends here; a thread's work cannot be cancelled once it runs
    waiting = kit.begin(kit.grant(grant_id).token)
    kit.rotation.gate.set()
    assert kit.end(waiting).refresh_token == kit.rotation.live
    assert leaving.cancelled() is kit.is_async
    assert stored(kit, grant_id).refresh_token == kit.rotation.live
    assert len(kit.rotation.submitted) == 1


def test_f29_a_store_that_is_closed_waits_for_the_refresh(live_kit: Kit) -> None:
    """Closing it at the end of a program does not throw a spent refresh token away."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = kit.new_store()
    kit.rotation.gate.clear()
    leaving = kit.begin(kit.grant(grant_id, store=store).token)
    kit.until(kit.rotation.arrived)
    leaving.cancel()
    threading.Timer(0.2, kit.rotation.gate.set).start()
    kit(store.aclose() if kit.is_async else store.close())
    assert stored(kit, grant_id).refresh_token == kit.rotation.live


def test_f46_a_logout_during_a_refresh_stays_logged_out(live_kit: Kit) -> None:
    """The tombstone wins, and the refresh token that came meanwhile is revoked."""
    kit = live_kit
    grant_id = kit.log_in()
    old = stored(kit, grant_id)
    kit.clock.advance(EXPIRED)
    kit.rotation.gate.clear()
    refresh = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    new = kit.rotation.live
    kit(kit.grant(grant_id, app=kit.new_app(), store=kit.new_store()).end())
    kit.rotation.gate.set()
    with pytest.raises(ReauthorizationRequired) as caught:
        kit.end(refresh)
    assert caught.value.reason == "logged_out"
    assert kit.rotation.revoked == [old.refresh_token, new]
    assert kit.row(grant_id).status == "ended"


def test_f46_the_late_token_is_queued_when_it_cannot_be_revoked(live_kit: Kit) -> None:
    """Roblox not confirming leaves both tokens in the queue, for later."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.gate.clear()
    refresh = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    kit.rotation.revocation_down = True
    kit(kit.grant(grant_id, app=kit.new_app(), store=kit.new_store()).end())
    kit.rotation.gate.set()
    with pytest.raises(ReauthorizationRequired):
        kit.end(refresh)
    queued = kit(kit.store.list_records("revocation", now=kit.clock.now(), owner=grant_id))
    assert len(queued) == 2
