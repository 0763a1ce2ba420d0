"""Forgetting a person's grant."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth.errors import ReauthorizationRequired, StoreUnavailable
from tests.tokens.failing import Failing, stored
from tests.tokens.kit import Kit

EXPIRED = 899.0


def left(kit: Kit) -> list[Any]:
    """Everything that is stored: grants, then records."""
    return [*kit(kit.store.list_grants()), *kit(kit.store.scan_records())]


def test_an_erased_grant_leaves_its_revocation_and_then_nothing(kit: Kit) -> None:
    """The row is gone at once, the queued token when Roblox has been told; others stay."""
    grant_id = kit.log_in()
    token = stored(kit, grant_id)
    kit(kit.grant(grant_id).erase())
    assert kit.row(grant_id) is None
    [queued] = left(kit)
    assert queued.kind == "revocation"
    assert kit.rotation.revoked == []
    assert kit(kit.app.retry_revocations(kit.store)) == 1
    assert kit.rotation.revoked == [token.refresh_token]
    assert left(kit) == []
    kit(kit.grant(grant_id).erase())
    assert left(kit) == []
    with pytest.raises(ReauthorizationRequired) as caught:
        kit(kit.grant(grant_id).token())
    assert caught.value.reason == "missing"


@pytest.mark.parametrize("end", ["logged out", "lost"])
def test_a_grant_that_had_ended_is_erased_too(kit: Kit, end: str) -> None:
    """Its tombstone names the person as well."""
    grant_id = kit.log_in()
    if end == "lost":
        kit.rotation.live = "spent elsewhere"
        kit.clock.advance(EXPIRED)
        with pytest.raises(ReauthorizationRequired):
            kit(kit.grant(grant_id).token())
    else:
        kit(kit.grant(grant_id).end())
    assert left(kit)
    kit(kit.grant(grant_id).erase())
    assert left(kit) == []


def test_a_refresh_under_way_does_not_write_the_person_back(live_kit: Kit) -> None:
    """Its answer finds no row: the caller is told to log in, and the new token is revoked."""
    kit = live_kit
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    kit.rotation.gate.clear()
    refresh = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    new = kit.rotation.live
    kit(kit.grant(grant_id, app=kit.new_app(), store=kit.new_store()).erase())
    kit.rotation.gate.set()
    with pytest.raises(ReauthorizationRequired):
        kit.end(refresh)
    assert kit.row(grant_id) is None
    assert kit.rotation.revoked == [new]
    kit(kit.app.retry_revocations(kit.store))
    assert left(kit) == []


def test_a_login_during_an_erasure_is_not_erased(kit: Kit) -> None:
    """It comes after the tombstone and before its deletion: the new grant is live and stays."""
    grant_id = kit.log_in()
    store = Failing(kit.store)
    store.down = {"delete_grant"}
    with pytest.raises(StoreUnavailable):
        kit(kit.grant(grant_id, store=store).erase())
    kit.log_in()
    assert not kit(kit.store.delete_grant(grant_id))
    assert kit(kit.grant(grant_id).token()).refresh_token == kit.rotation.live
    assert kit(kit.app.retry_revocations(kit.store)) == 0


def test_a_held_token_is_not_written_after_an_erasure(kit: Kit) -> None:
    """What the store did not take before is forgotten, and revoked in place of the older one."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    store = Failing(kit.store)
    store.down = {"swap_grant"}
    held = kit(kit.grant(grant_id, store=store).token())
    store.down = set()
    kit(kit.grant(grant_id, store=store).erase())
    kit(kit.app.retry_revocations(kit.store))
    assert kit.rotation.revoked == [held.refresh_token]
    kit.clock.advance(60)
    with pytest.raises(ReauthorizationRequired):
        kit(kit.grant(grant_id, store=store).token())
    assert left(kit) == []


@pytest.mark.parametrize("broken", ["get_grant", "add_record", "swap_grant", "delete_grant"])
def test_an_erasure_that_failed_is_done_by_the_next(kit: Kit, broken: str) -> None:
    """Wherever the store failed, the token is revoked and nothing stays."""
    grant_id = kit.log_in()
    token = stored(kit, grant_id)
    store = Failing(kit.store)
    store.down = {broken}
    with pytest.raises(StoreUnavailable):
        kit(kit.grant(grant_id, store=store).erase())
    kit(kit.grant(grant_id).erase())
    kit(kit.app.retry_revocations(kit.store))
    assert kit.rotation.revoked == [token.refresh_token]
    assert left(kit) == []


def test_a_login_after_an_erasure_is_a_grant_like_any_other(kit: Kit) -> None:
    """The person comes back by their own will."""
    grant_id = kit.log_in()
    kit(kit.grant(grant_id).erase())
    assert kit.log_in() == grant_id
    kit.clock.advance(EXPIRED)
    assert kit(kit.grant(grant_id).token()).refresh_token == kit.rotation.live
