"""Grants when all goes well: fresh, stale, expired, rejected and kept."""

from __future__ import annotations

from dataclasses import replace as replace_token
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from rblx_oauth.errors import ConfigurationError, ReauthorizationRequired, StoreError, UnsealError
from rblx_oauth.oauth.grant_rows import grant_id_for, open_row
from rblx_oauth.vault import Vault
from tests.support.server import Answer
from tests.tokens.kit import KEY, Kit

STALE, EXPIRED = 800.0, 899.0


class Counting:
    """Passes everything on to a store, and counts the reads of grants."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        self.reads += name == "get_grant"
        return getattr(self._store, name)


def test_a_fresh_token_is_used_without_asking_anyone(kit: Kit) -> None:
    """After the first read a fresh token costs no trip to the store and no call to Roblox."""
    store = Counting(kit.store)
    grant = kit.grant(kit.log_in(), store=store)
    tokens = {kit(grant.token()).access_token for _ in range(5)}
    assert (len(tokens), store.reads, kit.rotation.submitted) == (1, 1, [])


def test_a_stale_token_is_refreshed_ahead(kit: Kit) -> None:
    """With 99 s left it is replaced, once, and the new one is stored for others."""
    grant_id = kit.log_in()
    old = kit(kit.grant(grant_id).token())
    kit.clock.advance(STALE)
    new = kit(kit.grant(grant_id).token())
    assert new.access_token != old.access_token
    assert kit(kit.grant(grant_id, store=kit.new_store()).token()) == new
    assert kit.rotation.submitted == [old.refresh_token]


def test_a_refresh_that_tells_nothing_new_of_the_person_is_written_once(kit: Kit) -> None:
    """An id_token differs from the one before it in its own times; that is worth no write."""
    grant_id = kit.log_in()
    before = kit.row(grant_id).generation
    kit.clock.advance(EXPIRED)
    assert kit(kit.grant(grant_id).token()).claims["name"] == "builderman"
    assert kit.row(grant_id).generation == before + 1


def test_a_stale_token_is_used_while_another_worker_refreshes(kit: Kit) -> None:
    """Who finds the lease taken goes on at once with the token in hand."""
    grant_id = kit.log_in()
    kit.clock.advance(STALE)
    assert kit(kit.store.acquire_lease(grant_id, owner="other", now=kit.clock.now(), ttl=15))
    before = kit.clock.now()
    old = open_row(kit.store.vault, kit.row(grant_id)).token
    assert kit(kit.grant(grant_id).token()) == old
    assert (kit.rotation.submitted, kit.clock.now()) == ([], before)


def test_a_stale_token_is_used_while_this_process_refreshes(kit: Kit) -> None:
    """The second caller in a process does not wait for the first one's refresh."""
    grant_id = kit.log_in()
    old = kit(kit.grant(grant_id).token())
    kit.clock.advance(STALE)
    kit.rotation.gate.clear()
    first = kit.begin(kit.grant(grant_id).token)
    kit.until(kit.rotation.arrived)
    assert kit(kit.grant(grant_id).token()) == old
    kit.rotation.gate.set()
    assert kit.end(first).access_token != old.access_token


def test_a_stale_token_is_used_when_refreshing_ahead_fails_and_then_left_alone(kit: Kit) -> None:
    """A failure costs one attempt; for ten seconds nobody in this process tries again."""
    grant_id = kit.log_in()
    grant = kit.grant(grant_id)
    old = kit(grant.token())
    kit.clock.advance(STALE)
    kit.rotation.faults.extend(["503", "503"])
    assert kit(grant.token()) == kit(grant.token()) == old
    assert len(kit.rotation.submitted) == 2
    kit.clock.advance(10)
    assert kit(grant.token()) != old


def test_an_expired_token_is_replaced_before_it_is_given_out(kit: Kit) -> None:
    """The new one lives 899 s; the one it came from was spent once."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    token = kit(kit.grant(grant_id).token())
    assert abs(token.expires_at.timestamp() - kit.clock.now() - 899) < 5
    assert len(kit.rotation.submitted) == 1


def test_who_waits_for_another_worker_gets_its_token(live_kit: Kit) -> None:
    """A process that finds the lease taken waits by looking, and adopts what the other stored."""
    grant_id = live_kit.log_in()
    live_kit.clock.advance(EXPIRED)
    live_kit.rotation.gate.clear()
    first = live_kit.begin(live_kit.grant(grant_id).token)
    live_kit.until(live_kit.rotation.arrived)
    second = live_kit.begin(
        live_kit.grant(grant_id, app=live_kit.new_app(), store=live_kit.new_store()).token
    )
    live_kit.rotation.gate.set()
    assert live_kit.end(first).access_token == live_kit.end(second).access_token
    assert len(live_kit.rotation.submitted) == 1


def test_c31_one_submission_for_many_callers_of_two_apps_and_stores(live_kit: Kit) -> None:
    """Twenty callers over two application and two store objects: one refresh."""
    grant_id = live_kit.log_in()
    live_kit.clock.advance(EXPIRED)
    sides = [(live_kit.app, live_kit.store), (live_kit.new_app(), live_kit.new_store())]
    grants = [live_kit.grant(grant_id, app=app, store=store) for app, store in sides * 10]
    tokens = live_kit.together([grant.token for grant in grants])
    assert len({token.access_token for token in tokens}) == 1
    assert len(live_kit.rotation.submitted) == 1


def test_grants_of_two_people_do_not_wait_for_each_other(kit: Kit) -> None:
    """While one person's refresh hangs, another's goes through."""
    first_id = kit.log_in()
    kit.provider.claims = {"sub": "42"}
    second_id = kit.log_in()
    kit.provider.claims = {}
    assert first_id != second_id
    kit.clock.advance(EXPIRED)
    assert kit(kit.store.acquire_lease(first_id, owner="x", now=kit.clock.now(), ttl=60))
    kit.provider.claims = {"sub": "42"}
    assert kit(kit.grant(second_id).token()).subject == "42"


def test_a_rejected_token_is_replaced(kit: Kit) -> None:
    """After a 401 a fresh token is refreshed all the same."""
    grant = kit.grant(kit.log_in())
    old = kit(grant.token())
    new = kit(grant.renew(old))
    assert new.access_token != old.access_token
    assert kit(grant.token()) == new
    assert len(kit.rotation.submitted) == 1


def test_a_rejected_token_that_was_replaced_already_costs_nothing(kit: Kit) -> None:
    """Who comes late with the same 401 gets the token that is stored by now."""
    grant_id = kit.log_in()
    old = kit(kit.grant(grant_id).token())
    new = kit(kit.grant(grant_id).renew(old))
    late = kit.grant(grant_id, app=kit.new_app(), store=kit.new_store())
    assert kit(late.renew(old)) == new
    assert len(kit.rotation.submitted) == 1


def test_many_callers_rejected_at_once_cost_one_refresh(live_kit: Kit) -> None:
    """Ten workers with the same 401 share the refresh."""
    grant_id = live_kit.log_in()
    old = live_kit(live_kit.grant(grant_id).token())
    grants = [live_kit.grant(grant_id) for _ in range(10)]
    renewed = live_kit.together([partial(grant.renew, old) for grant in grants])
    assert len({token.access_token for token in renewed}) == 1
    assert len(live_kit.rotation.submitted) == 1


def test_the_claims_of_a_refreshed_id_token_are_stored(kit: Kit) -> None:
    """A new display name arrives with the next refresh, for every worker."""
    grant_id = kit.log_in()
    kit.provider.claims = {"name": "renamed"}
    kit.clock.advance(EXPIRED)
    assert kit(kit.grant(grant_id).token()).claims["name"] == "renamed"
    elsewhere = kit.grant(grant_id, store=kit.new_store())
    assert kit(elsewhere.token()).claims["name"] == "renamed"


def test_a_refreshed_id_token_is_checked_later_when_the_keys_are_down(kit: Kit) -> None:
    """With the JWKS out of reach the refresh stands, with the claims that were verified before."""
    grant_id = kit.log_in()
    kit.provider.claims = {"name": "renamed"}
    kit.clock.advance(EXPIRED)
    fresh_app = kit.new_app()
    kit.provider.override["v1/certs"] = Answer(503)
    token = kit(kit.grant(grant_id, app=fresh_app).token())
    assert token.claims["name"] == "builderman"
    assert kit.row(grant_id).status == "live"


def test_a_grant_without_a_refresh_token_ends_with_its_access_token(kit: Kit) -> None:
    """Nothing can be submitted, so the person has to log in again."""
    token = open_row(kit.store.vault, kit.row(kit.log_in())).token
    grant_id = kit(kit.app.keep(replace_token(token, refresh_token=None), kit.store))
    kit.clock.advance(EXPIRED)
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired) as caught:
            kit(kit.grant(grant_id).token())
        assert (caught.value.reason, caught.value.grant_id) == ("expired", grant_id)
    assert kit.rotation.submitted == []


def test_a_grant_that_is_not_there_asks_for_a_login(kit: Kit) -> None:
    """The reason says that it is missing."""
    with pytest.raises(ReauthorizationRequired) as caught:
        kit(kit.grant("nobody").token())
    assert (caught.value.reason, caught.value.grant_id) == ("missing", "nobody")


def test_another_applications_grant_is_refused(kit: Kit) -> None:
    """A grant works with the application that it was given to, and nothing is sent otherwise."""
    grant_id = kit.log_in()
    kit.clock.advance(EXPIRED)
    stranger = kit.new_app(client_id="8409201234567890999")
    for work in (kit.grant(grant_id, app=stranger).token, kit.grant(grant_id, app=stranger).end):
        with pytest.raises(ConfigurationError, match="another application"):
            kit(work())
    assert kit.rotation.submitted == []


def test_the_newest_login_wins(kit: Kit) -> None:
    """A second login replaces the first under the same name, and revokes nothing."""
    first, second = kit.log_in(), kit.log_in()
    assert first == second
    assert kit(kit.grant(first).token()).refresh_token == kit.rotation.live
    assert kit.rotation.revoked == []


def test_c46_swapped_rows_are_refused(kit: Kit) -> None:
    """One person's sealed token under another's name, or a whole row renamed, does not open."""
    first_id = kit.log_in()
    kit.provider.claims = {"sub": "42"}
    second_id = kit.log_in()
    first, second = kit.row(first_id), kit.row(second_id)
    for forged in (
        replace(second, sealed=first.sealed, generation=first.generation),
        replace(first, grant_id=second_id),
        replace(second, sealed=first.sealed),
    ):
        kit(kit.store.swap_grant(forged, expected=kit.row(second_id).generation))
        with pytest.raises(UnsealError):
            kit(kit.grant(second_id, store=kit.new_store()).token())
        assert kit.row(second_id) == forged, "nothing is deleted"
    assert kit.rotation.submitted == []


def test_c46_an_old_token_is_refused_under_a_newer_generation(kit: Kit) -> None:
    """The generation is part of what a token is sealed to."""
    grant_id = kit.log_in()
    old = kit.row(grant_id)
    kit(kit.grant(grant_id).renew(kit(kit.grant(grant_id).token())))
    new = kit.row(grant_id)
    kit(kit.store.swap_grant(replace(new, sealed=old.sealed), expected=new.generation))
    with pytest.raises(UnsealError):
        kit(kit.grant(grant_id, store=kit.new_store()).token())


def test_c46_a_row_that_went_back_is_refused_until_the_next_login(kit: Kit) -> None:
    """A whole old row put back is noticed by whoever saw the newer one; a login replaces it."""
    grant_id = kit.log_in()
    old = kit.row(grant_id)
    kit(kit.grant(grant_id).renew(kit(kit.grant(grant_id).token())))
    submitted = len(kit.rotation.submitted)
    kit(kit.store.swap_grant(old, expected=kit.row(grant_id).generation))
    kit.clock.advance(EXPIRED)
    with pytest.raises(StoreError, match="rolled back"):
        kit(kit.grant(grant_id).token())
    assert (kit.row(grant_id), len(kit.rotation.submitted)) == (old, submitted)
    kit.log_in()
    assert kit(kit.grant(grant_id).token()).refresh_token == kit.rotation.live


def test_c46_a_wrong_key_fails_closed_and_deletes_nothing(kit: Kit) -> None:
    """With the right key back, everything is as it was."""
    grant_id = kit.log_in()
    before = kit.row(grant_id)
    kit.clock.advance(EXPIRED)
    stranger = kit.new_store(keys=[Vault.generate_key()])
    with pytest.raises(UnsealError):
        kit(kit.grant(grant_id, store=stranger).token())
    assert (kit.row(grant_id), kit.rotation.submitted) == (before, [])
    assert kit(kit.grant(grant_id).token())


def test_c46_a_refresh_seals_under_the_newest_key(kit: Kit) -> None:
    """Keys rotate by use: what was sealed under the old key is read, and written under the new."""
    grant_id = kit.log_in()
    new_key = Vault.generate_key()
    rotated = kit.new_store(keys=[new_key, KEY])
    kit.clock.advance(EXPIRED)
    kit(kit.grant(grant_id, store=rotated).token())
    assert Vault([new_key]).is_newest(kit.row(grant_id).sealed)


def test_c48_stored_rows_and_reprs_hold_no_secret(kit: Kit) -> None:
    """Neither the database file nor the objects' reprs show a token."""
    grant_id = kit.log_in()
    grant = kit.grant(grant_id)
    token = kit(grant.token())
    secrets = [token.access_token, token.refresh_token, token.id_token]
    shown = repr(grant) + repr(kit.store) + repr(kit.row(grant_id)) + repr(kit.app)
    path = kit.url.removeprefix("sqlite:///")
    stored = b"".join(file.read_bytes() for file in Path(path).parent.glob("tokens.db*"))
    for secret in secrets:
        assert secret not in shown
        assert secret.encode() not in stored


def test_a_grants_name_is_stable_and_its_own() -> None:
    """The same for every login of a person to an app; no two ways to cut the parts agree."""
    name = grant_id_for("https://issuer/", "client", "123")
    assert name == grant_id_for("https://issuer/", "client", "123")
    others = [("https://issuer/c", "lient", "123"), ("https://issuer/", "client1", "23")]
    assert name not in [grant_id_for(*parts) for parts in others]
    assert name.replace("-", "").replace("_", "").isalnum()
    assert len(name) == 43
