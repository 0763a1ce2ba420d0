"""Faults f26 to f28: the store is down, fails after a refresh, or is slow."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from rblx_oauth.errors import ConfigurationError, RobloxError, StoreError, StoreUnavailable
from tests.tokens.failing import Failing, stored
from tests.tokens.kit import Kit

STALE, EXPIRED = 800.0, 899.0


@contextmanager
def locked(kit: Kit) -> Iterator[None]:
    """Somebody else holds the database's write lock and does not let go."""
    path = kit.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def wait_until(kit: Kit, holds: Callable[[], bool]) -> None:
    """Return when something that goes on in the background has come so far."""
    pause = threading.Event()
    for _ in range(1000):
        if holds():
            return
        kit(asyncio.sleep(0.01)) if kit.is_async else pause.wait(0.01)
    raise AssertionError("it never came so far")


def test_f26_a_store_that_is_down_logs_nobody_out(kit: Kit) -> None:
    """StoreUnavailable, no call to Roblox, and all is well when it is back."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = Failing(kit.store)
    store.down = {"*"}
    for work in (kit.grant(grant_id, store=store).token, kit.grant(grant_id, store=store).end):
        with pytest.raises(StoreUnavailable):
            kit(work())
    store.down = set()
    assert kit.rotation.submitted == []
    assert kit(kit.grant(grant_id, store=store).token())


@pytest.mark.parametrize("error", [StoreUnavailable, StoreError, ConfigurationError])
def test_f27_a_token_that_cannot_be_stored_is_held_and_written_again(
    kit: Kit, caplog: pytest.LogCaptureFixture, error: type[RobloxError]
) -> None:
    """It is used meanwhile by every grant of the process, loudly, and stored when that works."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = Failing(kit.store)
    store.error = error("down for the test")
    store.down = {"swap_grant"}
    token = kit(kit.grant(grant_id, store=store).token())
    assert token.refresh_token == kit.rotation.live
    assert stored(kit, grant_id) != token
    errors = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == store.refused == 4
    assert not any(token.access_token in text or kit.rotation.live in text for text in errors)
    assert kit(kit.grant(grant_id, store=store).token()) == token, "held in memory"
    store.down = set()
    kit.clock.advance(10)
    assert kit(kit.grant(grant_id, store=store).token()) == token
    assert stored(kit, grant_id).refresh_token == token.refresh_token
    assert len(kit.rotation.submitted) == 1


def test_f27_a_short_failure_of_the_store_is_bridged(kit: Kit) -> None:
    """The write goes through at the next try, before the caller has its token."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = Failing(kit.store)
    swap = store._store.swap_grant
    calls: list[int] = []

    def once(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise StoreUnavailable("down for the test")
        return swap(*args, **kwargs)

    store.swap_grant = once  # type: ignore[attr-defined]
    token = kit(kit.grant(grant_id, store=store).token())
    assert stored(kit, grant_id).refresh_token == token.refresh_token


def test_f27_a_write_that_was_taken_after_all_is_recognised(kit: Kit) -> None:
    """A store that wrote and then broke the connection has the token: nothing is revoked."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.provider.claims = {"name": "renamed"}
    store = Failing(kit.store)
    swap = store._store.swap_grant
    calls: list[int] = []

    def sync_swap(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        done = swap(*args, **kwargs)
        if len(calls) == 1:
            raise StoreUnavailable("down for the test")
        return done

    async def async_swap(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        done = await swap(*args, **kwargs)
        if len(calls) == 1:
            raise StoreUnavailable("down for the test")
        return done

    store.swap_grant = async_swap if kit.is_async else sync_swap  # type: ignore[attr-defined]
    token = kit(kit.grant(grant_id, store=store).token())
    assert stored(kit, grant_id).refresh_token == token.refresh_token == kit.rotation.live
    assert token.claims["name"] == "renamed", "it was recognised, and its id_token checked"
    assert (kit.rotation.revoked, kit.store.ledger.unwritten) == ([], {})


def test_f27_a_held_token_is_written_before_it_is_refreshed(kit: Kit) -> None:
    """At its end the store must take it first; the spent one underneath is never submitted."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = Failing(kit.store)
    store.down = {"swap_grant"}
    held = kit(kit.grant(grant_id, store=store).token())
    kit.clock.advance(EXPIRED)
    with pytest.raises(StoreUnavailable):
        kit(kit.grant(grant_id, store=store).token())
    store.down = set()
    assert kit(kit.grant(grant_id, store=store).token()).refresh_token == kit.rotation.live
    assert kit.rotation.submitted[1:] == [held.refresh_token]


def test_f27_nobody_spends_the_old_token_while_the_new_one_is_held(kit: Kit) -> None:
    """Though the store answers again: the lease stays with who has something to write."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = Failing(kit.store)
    store.down = {"swap_grant"}
    kit(kit.grant(grant_id, store=store).token())
    other = kit.new_store()
    now = kit.clock.now()
    assert not kit(other.acquire_lease(grant_id, owner="other", now=now, ttl=15.0))


def test_f27_a_held_token_is_written_by_itself_when_the_store_is_back(kit: Kit) -> None:
    """Nobody need ask for it; once that is done nothing is tried any more, until the next time."""
    grant_id = kit.log_in()
    worker = kit.new_store(write_again=0.01)
    store = Failing(worker)
    for _ in range(2):
        kit.clock.advance(EXPIRED)
        store.down = {"swap_grant"}
        token = kit(kit.grant(grant_id, store=store).token())
        assert stored(kit, grant_id) != token
        store.down = set()
        wait_until(kit, lambda: not worker.ledger.unwritten)
        assert stored(kit, grant_id).refresh_token == token.refresh_token == kit.rotation.live


@pytest.mark.parametrize("leave", ["end", "erase"])
def test_f29_a_held_token_of_somebody_who_left_is_revoked_in_the_end(kit: Kit, leave: str) -> None:
    """They logged out in another process: nothing is brought back, and the token is queued."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    worker = kit.new_store(write_again=0.01)
    store = Failing(worker)
    store.down = {"swap_grant"}
    held = kit(kit.grant(grant_id, store=store).token())
    kit(getattr(kit.grant(grant_id), leave)())
    store.down = set()
    wait_until(kit, lambda: not worker.ledger.unwritten)
    row = kit.row(grant_id)
    assert row is None or row.status == "ended"
    kit(kit.app.retry_revocations(kit.store))
    assert held.refresh_token in kit.rotation.revoked


def test_f27_a_held_token_is_written_when_its_store_is_closed(kit: Kit) -> None:
    """The last thing that a worker does which goes; one whose store is still down just goes."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    worker = kit.new_store()
    store = Failing(worker)
    store.down = {"swap_grant"}
    token = kit(kit.grant(grant_id, store=store).token())
    assert stored(kit, grant_id) != token
    close = worker.aclose if kit.is_async else worker.close
    with locked(kit):
        store.down = set()
        kit(close())
    assert stored(kit, grant_id) != token
    kit(close())
    assert stored(kit, grant_id).refresh_token == token.refresh_token == kit.rotation.live


def test_f28_a_valid_token_is_served_while_the_store_is_down(kit: Kit) -> None:
    """Fresh or stale, a grant that has read its token needs no store to give it out."""
    grant_id = kit.log_in()
    store = Failing(kit.store)
    grant = kit.grant(grant_id, store=store)
    token = kit(grant.token())
    store.down = {"*"}
    assert kit(grant.token()) == token
    kit.clock.advance(STALE)
    assert kit(grant.token()) == token


def test_f28_a_valid_token_is_served_while_the_database_is_locked(kit: Kit) -> None:
    """The wait for the lock is bounded, and the token in hand goes out."""
    grant_id = kit.log_in()
    store = kit.new_store(timeout=0.2)
    kit.clock.advance(STALE)
    with locked(kit):
        token = kit(kit.grant(grant_id, store=store).token())
    assert token == stored(kit, grant_id)
    assert kit.rotation.submitted == []
