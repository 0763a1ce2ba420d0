"""Grants that end: what is revoked, what is kept, what is tried again."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from rblx_oauth.errors import InvalidClient, ReauthorizationRequired, StoreUnavailable
from rblx_oauth.vault import Vault
from tests.support.server import json_reply
from tests.tokens.failing import Failing, Unheard
from tests.tokens.kit import Kit


def test_a_grant_that_ended_asks_for_a_login_until_there_is_one(kit: Kit) -> None:
    """Every worker learns of the logout; the next login revives the grant."""
    grant_id = kit.log_in()
    kit(kit.grant(grant_id).end())
    for store in (kit.store, kit.new_store()):
        with pytest.raises(ReauthorizationRequired) as caught:
            kit(kit.grant(grant_id, store=store).token())
        assert caught.value.reason == "logged_out"
    assert kit.log_in() == grant_id
    assert kit(kit.grant(grant_id).token()).refresh_token == kit.rotation.live


def test_ending_a_grant_revokes_it_and_leaves_no_secret(kit: Kit) -> None:
    """The refresh token goes to Roblox's revocation endpoint; the row keeps a tombstone alone."""
    grant_id = kit.log_in()
    kit(kit.grant(grant_id).end())
    assert kit.rotation.revoked == [kit.rotation.live]
    assert (kit.row(grant_id).status, kit.row(grant_id).sealed) == ("ended", b"")
    kit(kit.grant(grant_id).end())
    kit(kit.grant("nobody").end())
    assert len(kit.rotation.revoked) == 1, "ending twice, or nothing, does nothing"


def test_f29_a_worker_that_is_killed_in_mid_logout_leaves_a_note(kit: Kit) -> None:
    """What is to be revoked is queued before the tombstone hides it, and gone once it is done."""
    grant_id = kit.log_in()
    store = Failing(kit.store)
    store.down = {"swap_grant"}
    with pytest.raises(StoreUnavailable):
        kit(kit.grant(grant_id, store=store).end())
    assert len(kit(kit.store.list_records("revocation", now=kit.clock.now()))) == 1
    kit(kit.grant(grant_id).end())
    assert kit(kit.store.list_records("revocation", now=kit.clock.now())) == []
    assert kit.rotation.revoked == [kit.rotation.live]


def test_f29_a_logout_outlives_the_request_that_began_it(live_kit: Kit) -> None:
    """A caller who leaves at once: the grant is ended and revoked before its store is closed."""
    kit = live_kit
    grant_id = kit.log_in()
    store = kit.new_store()

    async def leave() -> None:
        leaving = asyncio.ensure_future(kit.grant(grant_id, store=store).end())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert leaving.cancelled()
        await store.aclose()

    kit(leave() if kit.is_async else kit.grant(grant_id, store=store).end())
    assert kit.row(grant_id).status == "ended"
    assert kit.rotation.revoked == [kit.rotation.live]


def test_f26_a_logout_whose_answer_was_lost_is_recognised(kit: Kit) -> None:
    """The store wrote the tombstone and then broke the connection: the token is revoked still."""
    grant_id = kit.log_in()
    store = Unheard(kit.store)
    store.down = {"swap_grant"}
    kit(kit.grant(grant_id, store=store).end())
    assert (kit.row(grant_id).status, store.refused) == ("ended", 1)
    assert kit.rotation.revoked == [kit.rotation.live]


def test_ending_a_grant_here_alone_leaves_roblox_be(kit: Kit) -> None:
    """With revoke=False nothing is sent."""
    grant_id = kit.log_in()
    kit(kit.grant(grant_id).end(revoke=False))
    assert (kit.row(grant_id).status, kit.rotation.revoked) == ("ended", [])


def test_an_unreadable_grant_can_still_be_ended(kit: Kit) -> None:
    """Logging out works although the key is gone; nothing can be revoked then."""
    grant_id = kit.log_in()
    stranger = kit.new_store(keys=[Vault.generate_key()])
    kit(kit.grant(grant_id, store=stranger).end())
    assert (kit.row(grant_id).status, kit.rotation.revoked) == ("ended", [])


def test_c41_a_revocation_that_fails_is_queued_and_worked_off(kit: Kit) -> None:
    """The logout stands; the sealed queue is tried until Roblox confirms."""
    if kit.is_async:
        from rblx_oauth._async.revocations import retry_revocations
    else:
        from rblx_oauth._sync.revocations import retry_revocations  # type: ignore[assignment]
    grant_id = kit.log_in()
    kit.rotation.revocation_down = True
    kit(kit.grant(grant_id).end())
    assert kit.row(grant_id).status == "ended"
    (queued,) = kit(kit.store.list_records("revocation", now=kit.clock.now()))
    assert kit.rotation.live.encode() not in queued.payload
    with pytest.raises(Exception, match="503"):
        kit(retry_revocations(kit.app, kit.store))
    kit.rotation.revocation_down = False
    stranger = kit.new_app(client_id="8409201234567890999")
    assert kit(retry_revocations(stranger, kit.store)) == 0
    assert kit(retry_revocations(kit.app, kit.store)) == 1
    assert kit(retry_revocations(kit.app, kit.store)) == 0
    assert kit.rotation.revoked == [kit.rotation.live]


def test_c41_a_revocation_that_is_refused_does_not_hold_up_the_rest(kit: Kit) -> None:
    """What Roblox will never revoke is dropped; our own wrong secret drops nothing."""
    grant_id = kit.log_in()
    kit.rotation.revocation_down = True
    kit(kit.grant(grant_id).end())

    def refuse(code: str) -> None:
        answer = json_reply({"error": code}, 400)
        kit.provider.override["v1/token/revoke"] = lambda _: answer

    refuse("invalid_client")
    with pytest.raises(InvalidClient):
        kit(kit.app.retry_revocations(kit.store))
    assert kit(kit.store.list_records("revocation", now=kit.clock.now()))
    refuse("invalid_grant")
    assert kit(kit.app.retry_revocations(kit.store)) == 0
    assert not kit(kit.store.list_records("revocation", now=kit.clock.now()))


OTHERS = """
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
INSERT INTO rblx_oauth_records (kind, id, owner, payload, created_at, seen_at, expires_at)
SELECT kind, printf('%064x', n), owner, x'00', created_at + 1 + n, seen_at, expires_at
FROM rblx_oauth_records, numbers WHERE kind = 'revocation'
"""
"""A thousand and one revocations that came later than ours, and are not ours to read."""


def test_c41_a_long_queue_is_read_to_its_end(kit: Kit) -> None:
    """However much of others came after it: it is found, and they are left alone."""
    grant_id = kit.log_in()
    kit.rotation.revocation_down = True
    kit(kit.grant(grant_id).end())
    kit.rotation.revocation_down = False
    with closing(sqlite3.connect(kit.url.removeprefix("sqlite:///"))) as database, database:
        database.execute(OTHERS)
    assert kit(kit.app.retry_revocations(kit.store)) == 1
    assert kit.rotation.revoked == [kit.rotation.live]
    assert len(kit(kit.store.list_records("revocation", now=kit.clock.now(), limit=2000))) == 1001


def test_a_new_login_drops_the_queued_revocation_of_the_old_one(kit: Kit) -> None:
    """Otherwise it would end the new login too, because Roblox ends whole authorizations."""
    grant_id = kit.log_in()
    kit.rotation.revocation_down = True
    kit(kit.grant(grant_id).end())
    kit.log_in()
    assert kit(kit.store.list_records("revocation", now=kit.clock.now())) == []
