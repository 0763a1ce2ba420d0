"""What an `on_event` hook and the log are told of refreshes."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from rblx_oauth import RefreshEvent, RequestEvent, ResponseEvent
from rblx_oauth.errors import ReauthorizationRequired, RobloxError, StoreUnavailable
from tests.tokens.failing import Failing, stored
from tests.tokens.kit import Kit

EXPIRED = 899.0


class Watch:
    """A hook that wants to know of refreshes too."""

    def __init__(self) -> None:
        self.requests: list[RequestEvent | ResponseEvent] = []
        self.refreshes: list[RefreshEvent] = []

    def __call__(self, event: RequestEvent | ResponseEvent) -> None:
        """A request or its answer."""
        self.requests.append(event)

    def on_refresh(self, event: RefreshEvent) -> None:
        """A refresh."""
        self.refreshes.append(event)

    @property
    def outcomes(self) -> list[str]:
        """What became of each."""
        return [each.outcome for each in self.refreshes]


@pytest.fixture
def watch() -> Watch:
    """One that has seen nothing."""
    return Watch()


def expired(kit: Kit, watch: Any) -> tuple[Any, str]:
    """An app that is watched, and the id of a grant whose token has ended."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    return kit.new_app(on_event=watch), grant_id


def test_a_refresh_is_told_once_with_its_time_and_no_secret(kit: Kit, watch: Watch) -> None:
    """Outcome, seconds and the grant's pseudonym; a fresh token is no event."""
    app, grant_id = expired(kit, watch)
    for _ in range(3):
        token = kit(kit.grant(grant_id, app=app).token())
    [event] = watch.refreshes
    assert (event.outcome, event.waited) == ("refreshed", 0.0)
    assert event.grant == kit.store.vault.pseudonym(grant_id)
    for secret in (grant_id, token.access_token, token.refresh_token):
        assert secret not in repr(event)


def test_a_storm_in_one_process_is_one_event(kit: Kit, watch: Watch) -> None:
    """Sixteen callers share a refresh, and it is told once."""
    app, grant_id = expired(kit, watch)
    kit.together([lambda: kit.grant(grant_id, app=app).token() for _ in range(16)])
    assert watch.outcomes == ["refreshed"]


def test_another_workers_token_is_adopted_after_a_wait(live_kit: Kit, watch: Watch) -> None:
    """Who waits for the lease of another says so, and for how long."""
    kit = live_kit
    app, grant_id = expired(kit, watch)
    kit.rotation.gate.clear()
    first = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    second = kit.begin(kit.grant(grant_id, app=app, store=kit.new_store()).token)
    threading.Timer(0.3, kit.rotation.gate.set).start()
    assert kit.end(first).access_token == kit.end(second).access_token
    [event] = watch.refreshes
    assert event.outcome == "adopted"
    assert event.waited > 0


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        (["503", "503"], "uncertain"),
        (["reset unspent", "reset unspent"], "uncertain"),
        (["429"] * 3, "unavailable"),
        (["invalid_client"], "misconfigured"),
        (["reset spent"], "revoked"),
    ],
)
def test_each_way_to_fail_has_its_name(
    kit: Kit, watch: Watch, faults: list[Any], outcome: str
) -> None:
    """What an alarm can be set on."""
    app, grant_id = expired(kit, watch)
    kit.rotation.faults.extend(faults)
    with pytest.raises(RobloxError):
        kit(kit.grant(grant_id, app=app).token())
    assert watch.outcomes == [outcome]


def test_an_intent_that_nobody_finished_makes_it_lost(kit: Kit, watch: Watch) -> None:
    """A worker may have died with the newest token."""
    app, grant_id = expired(kit, watch)
    row, now = kit.row(grant_id), kit.clock.now()
    assert kit(kit.store.acquire_lease(grant_id, owner="dead", now=now, ttl=1))
    assert kit(kit.store.write_intent(grant_id, owner="dead", generation=row.generation))
    kit.clock.advance(2)
    kit.rotation.live = "known to the dead alone"
    with pytest.raises(RobloxError):
        kit(kit.grant(grant_id, app=app).token())
    assert watch.outcomes == ["lost"]


def test_a_store_that_fails_is_not_robloxs_doing(kit: Kit, watch: Watch) -> None:
    """Nothing was sent, and the name says whom to look at."""
    app, grant_id = expired(kit, watch)
    store = Failing(kit.store)
    store.down = {"acquire_lease"}
    with pytest.raises(StoreUnavailable):
        kit(kit.grant(grant_id, app=app, store=store).token())
    assert watch.outcomes == ["store"]


def test_a_grant_that_was_ended_meanwhile_has_ended(kit: Kit, watch: Watch) -> None:
    """Logged out elsewhere while this process had the token in hand."""
    app, grant_id = kit.new_app(on_event=watch), kit.log_in()
    grant = kit.grant(grant_id, app=app)
    kit(grant.token())
    kit(kit.grant(grant_id).end())
    kit.clock.advance(EXPIRED)
    with pytest.raises(ReauthorizationRequired):
        kit(grant.token())
    assert watch.outcomes == ["ended"]


def test_a_token_that_the_store_does_not_take_is_held(kit: Kit, watch: Watch) -> None:
    """It was refreshed, and is in memory only."""
    app, grant_id = expired(kit, watch)
    store = Failing(kit.store)
    store.down = {"swap_grant"}
    kit(kit.grant(grant_id, app=app, store=store).token())
    assert watch.outcomes == ["held"]


def test_hooks_that_know_of_requests_only_see_what_they_always_saw(kit: Kit) -> None:
    """A plain function is told of requests and answers, and of nothing else."""
    seen: list[object] = []
    app, grant_id = expired(kit, seen.append)
    kit(kit.grant(grant_id, app=app).token())
    assert {type(each) for each in seen} == {RequestEvent, ResponseEvent}


def test_a_hook_that_raises_costs_nobody_their_token(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, and refreshes go on."""

    class Broken(Watch):
        def on_refresh(self, event: RefreshEvent) -> None:
            super().on_refresh(event)
            raise ZeroDivisionError

    broken = Broken()
    app, grant_id = expired(kit, broken)
    for _ in range(2):
        kit.clock.advance(EXPIRED)
        assert kit(kit.grant(grant_id, app=app).token()).refresh_token == kit.rotation.live
    assert len(broken.refreshes) == 2
    assert [each.message for each in caplog.records if "on_refresh" in each.message] == [
        "on_refresh raised; the call goes on, and its further failures are not logged"
    ]


def test_c48_log_records_carry_facts_and_no_secret(
    kit: Kit, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    """Event, outcome and the grant's pseudonym, in fields of their own."""
    caplog.set_level(logging.DEBUG)
    app, grant_id = expired(kit, watch)
    before = stored(kit, grant_id)
    kit.rotation.live = "spent elsewhere"
    with pytest.raises(RobloxError):
        kit(kit.grant(grant_id, app=app).token())
    ours = [each.__dict__ for each in caplog.records if each.name.startswith("rblx_oauth")]
    assert all("roblox_event" in each for each in ours)
    facts = {each["roblox_event"]: each for each in ours}
    pseudonym = kit.store.vault.pseudonym(grant_id)
    assert facts["grant.lost"]["roblox_grant"] == pseudonym
    assert facts["grant.lost"]["roblox_reason"] == "revoked"
    assert facts["refresh.ended"]["roblox_outcome"] == "revoked"
    for secret in (grant_id, before.access_token, before.refresh_token, before.subject):
        assert not any(secret == value for each in ours for value in each.values())
        assert len(secret) < 20 or secret not in repr(ours)
