"""What every store must do, in both colours."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from rblx_oauth import AsyncRateBudget, RateBudget, Token, Vault, aio_stores, stores
from rblx_oauth.catalog import RateLimit
from rblx_oauth.core.budget import Bucket
from rblx_oauth.core.clock import aware
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.errors import BudgetExhausted
from rblx_oauth.oauth.grant_rows import live_row, open_row
from rblx_oauth.oauth.record_rows import sealed_record
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.tokens.kit import KEY

ROW = GrantRow("g1", "https://issuer/", "client", "123", 7, b"sealed", 1000.5)
RECORD = Record("session", "s1", "g1", b"payload", 1000.0, 1000.0, 2000.0)


def token_of(subject: str) -> Token:
    """Somebody's token."""
    return Token(
        access_token="access",
        refresh_token="refresh",
        id_token=None,
        scopes=frozenset({"openid"}),
        issued_at=aware(0.0),
        expires_at=aware(899.0),
        subject=subject,
        issuer="https://issuer/",
        client_id="client",
    )


class Bench:
    """A store of one colour; `bench.method(...)` gives the result in either."""

    def __init__(self, colour: Colour, url: str, **options: Any) -> None:
        self.colour = colour
        opener = aio_stores.open if colour.name == "async" else stores.open
        self.store: Any = colour.keep(opener(url, keys=[KEY], **options))

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: self.colour(getattr(self.store, name)(*args, **kwargs))


@pytest.fixture(params=["memory", "sqlite", "postgresql", "mysql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where each kind of store is opened, empty."""
    match request.param:
        case "memory":
            return "memory://"
        case "sqlite":
            return f"sqlite:///{tmp_path}/t.db"
        case "postgresql":
            return str(request.getfixturevalue("postgres").url)
        case "mysql":
            return str(request.getfixturevalue("mariadb").url)
        case _:
            return str(request.getfixturevalue("redis_url"))


@pytest.fixture
def store(url: str, colour: Colour) -> Bench:
    """Each store in each colour."""
    return Bench(colour, url)


def test_a_grant_comes_back_as_it_was_written(store: Bench) -> None:
    """Every field of a row survives, and an unknown grant is None."""
    assert store.get_grant("g1") is None
    assert store.swap_grant(ROW, expected=None)
    assert store.get_grant("g1") == ROW


def test_a_grant_is_inserted_once(store: Bench) -> None:
    """A second insert fails and changes nothing."""
    store.swap_grant(ROW, expected=None)
    assert not store.swap_grant(replace(ROW, generation=8), expected=None)
    assert store.get_grant("g1") == ROW


def test_a_swap_needs_the_generation_it_expects(store: Bench) -> None:
    """Of two writers that read the same generation one wins; without a row there is no swap."""
    store.swap_grant(ROW, expected=None)
    first, second = replace(ROW, generation=8, sealed=b"1"), replace(ROW, generation=8, sealed=b"2")
    assert store.swap_grant(first, expected=7)
    assert not store.swap_grant(second, expected=7)
    assert store.get_grant("g1") == first
    assert not store.swap_grant(replace(ROW, grant_id="g2"), expected=7)


def test_a_swap_touches_one_grant(store: Bench) -> None:
    """Other rows stay as they are."""
    other = replace(ROW, grant_id="g2")
    store.swap_grant(ROW, expected=None)
    store.swap_grant(other, expected=None)
    store.swap_grant(replace(ROW, generation=8), expected=7)
    assert store.get_grant("g2") == other


def test_a_lease_has_one_owner(store: Bench) -> None:
    """Others get it when it is released, or when it has run out, and not before."""
    store.swap_grant(ROW, expected=None)
    assert store.acquire_lease("g1", owner="a", now=100.0, ttl=10.0)
    assert not store.acquire_lease("g1", owner="b", now=109.9, ttl=10.0)
    assert store.acquire_lease("g1", owner="b", now=110.0, ttl=10.0)
    store.release_lease("g1", owner="a")
    assert not store.acquire_lease("g1", owner="a", now=111.0, ttl=10.0)
    store.release_lease("g1", owner="b")
    assert store.acquire_lease("g1", owner="a", now=112.0, ttl=10.0)


def test_a_lease_from_a_clock_that_was_ahead_is_taken_over(store: Bench) -> None:
    """A worker that died while the clock was a year ahead does not hold the grant for a year."""
    store.swap_grant(ROW, expected=None)
    assert store.acquire_lease("g1", owner="a", now=3e7, ttl=10.0)
    assert store.acquire_lease("g1", owner="b", now=100.0, ttl=10.0)
    assert not store.acquire_lease("g1", owner="a", now=101.0, ttl=1.0)


def test_a_lease_is_renewed_by_its_owner_alone(store: Bench) -> None:
    """A renewed lease lasts longer; a lost one cannot be renewed."""
    store.swap_grant(ROW, expected=None)
    store.acquire_lease("g1", owner="a", now=100.0, ttl=10.0)
    assert store.renew_lease("g1", owner="a", now=105.0, ttl=10.0)
    assert not store.acquire_lease("g1", owner="b", now=112.0, ttl=10.0)
    assert not store.renew_lease("g1", owner="b", now=112.0, ttl=10.0)
    assert store.acquire_lease("g1", owner="b", now=115.0, ttl=10.0)
    assert not store.renew_lease("g1", owner="a", now=116.0, ttl=10.0)


def test_a_store_that_machines_share_has_a_clock_of_its_own(store: Bench, url: str) -> None:
    """Leases go by it; in a file or in memory they go by the machine's."""
    of_its_own = not url.startswith(("memory:", "sqlite:"))
    theirs = store.time()
    assert (theirs is not None) == of_its_own
    assert theirs is None or abs(theirs - time.time()) < 60


def test_there_is_no_lease_on_a_grant_that_is_not_there(store: Bench) -> None:
    """Acquiring says no."""
    assert not store.acquire_lease("g1", owner="a", now=100.0, ttl=10.0)


def test_an_intent_needs_lease_and_generation(store: Bench) -> None:
    """It is written by the lease's owner, for the generation that is stored; a swap clears it."""
    store.swap_grant(ROW, expected=None)
    assert not store.write_intent("g1", owner="a", generation=7)
    store.acquire_lease("g1", owner="a", now=100.0, ttl=10.0)
    assert not store.write_intent("g1", owner="a", generation=6)
    assert not store.write_intent("g1", owner="b", generation=7)
    assert not store.write_intent("g2", owner="a", generation=7)
    assert store.write_intent("g1", owner="a", generation=7)
    assert store.get_grant("g1") == replace(ROW, intent="a")
    store.swap_grant(replace(ROW, generation=8), expected=7)
    assert store.get_grant("g1").intent == ""
    assert not store.acquire_lease("g1", owner="b", now=101.0, ttl=10.0), "a swap keeps the lease"


def test_a_record_comes_back_until_it_expires(store: Bench) -> None:
    """At its end it counts as gone, swept or not."""
    assert store.add_record(RECORD)
    assert store.get_record("session", "s1", now=1999.9) == RECORD
    assert store.get_record("session", "s1", now=2000.0) is None
    assert store.get_record("login", "s1", now=1500.0) is None


def test_a_record_is_added_once(store: Bench) -> None:
    """A second one is refused while the first lives, and takes its place once it has expired."""
    store.add_record(RECORD)
    early = replace(RECORD, payload=b"early", created_at=1999.0)
    late = replace(RECORD, payload=b"late", created_at=2000.0, expires_at=3000.0)
    assert not store.add_record(early)
    assert store.get_record("session", "s1", now=1999.0) == RECORD
    assert store.add_record(late)
    assert store.get_record("session", "s1", now=2000.0) == late


def test_a_record_is_taken_once(store: Bench) -> None:
    """The first to take it has it; an expired one is not to be had."""
    store.add_record(RECORD)
    assert store.take_record("session", "s1", now=1500.0) == RECORD
    assert store.take_record("session", "s1", now=1500.0) is None
    store.add_record(RECORD)
    assert store.take_record("session", "s1", now=2000.0) is None


def test_an_update_changes_what_may_change(store: Bench) -> None:
    """Payload, last use and expiry; owner and birth stay. A record that is gone stays gone."""
    assert not store.update_record(RECORD)
    store.add_record(RECORD)
    assert store.update_record(
        replace(
            RECORD, owner="x", created_at=1.0, payload=b"new", seen_at=1400.0, expires_at=2500.0
        )
    )
    assert store.get_record("session", "s1", now=2400.0) == replace(
        RECORD, payload=b"new", seen_at=1400.0, expires_at=2500.0
    )


def test_a_record_is_deleted_once(store: Bench) -> None:
    """The second delete says that there was none."""
    store.add_record(RECORD)
    assert [store.delete_record("session", "s1") for _ in range(2)] == [True, False]
    assert store.get_record("session", "s1", now=1500.0) is None


def test_records_are_listed_newest_first(store: Bench) -> None:
    """By kind, by owner, without the expired, up to a limit."""
    for number in range(4):
        store.add_record(replace(RECORD, id=f"s{number}", created_at=1000.0 + number))
    store.add_record(replace(RECORD, id="other", owner="g2", created_at=1010.0))
    store.add_record(replace(RECORD, id="old", expires_at=1100.0))
    store.add_record(replace(RECORD, kind="login", id="l"))

    def names(**options: Any) -> list[str]:
        return [record.id for record in store.list_records("session", now=1500.0, **options)]

    assert names() == ["other", "s3", "s2", "s1", "s0"]
    assert names(owner="g1") == ["s3", "s2", "s1", "s0"]
    assert names(owner="g1", limit=2) == ["s3", "s2"]
    assert names(owner="nobody") == []


def test_every_record_of_an_owner_is_deleted_at_once(store: Bench) -> None:
    """Log out everywhere: of that kind and owner, none else, and how many."""
    for number in range(3):
        store.add_record(replace(RECORD, id=f"s{number}"))
    store.add_record(replace(RECORD, id="other", owner="g2"))
    store.add_record(replace(RECORD, kind="login", id="l"))
    assert store.delete_owned("session", "g1") == 3
    assert store.delete_owned("session", "g1") == 0
    assert store.get_record("session", "other", now=1500.0)
    assert store.get_record("login", "l", now=1500.0)


def test_sweeping_deletes_what_has_expired_in_portions(store: Bench) -> None:
    """Up to the limit each time, and never what still lives."""
    for number in range(5):
        store.add_record(replace(RECORD, id=f"old{number}", expires_at=1100.0))
    store.add_record(RECORD)
    assert [store.sweep(now=1100.0, limit=3) for _ in range(3)] == [3, 2, 0]
    assert store.get_record("session", "s1", now=1500.0) == RECORD


def test_a_token_is_resealed_where_it_has_not_moved_on(store: Bench) -> None:
    """Only the sealed bytes change; a row of another generation or content is left alone."""
    store.swap_grant(ROW, expected=None)
    store.acquire_lease("g1", owner="a", now=100.0, ttl=10.0)
    store.write_intent("g1", owner="a", generation=7)
    resealed = replace(ROW, sealed=b"under a new key", reason="x", updated_at=1.0)
    assert not store.reseal_grant(replace(resealed, generation=6), before=b"sealed")
    assert not store.reseal_grant(resealed, before=b"other")
    assert not store.reseal_grant(replace(resealed, grant_id="g2"), before=b"sealed")
    assert store.reseal_grant(resealed, before=b"sealed")
    assert store.get_grant("g1") == replace(ROW, sealed=b"under a new key", intent="a")


def test_grants_are_walked_in_portions(store: Bench) -> None:
    """In the order of their ids, of every status, from where the last portion ended."""
    ids = ["A", "B", "a", "b", "c"]
    for grant_id in reversed(ids):
        store.swap_grant(replace(ROW, grant_id=grant_id), expected=None)
    store.swap_grant(replace(ROW, grant_id="B", generation=8, status="lost"), expected=7)
    first = store.list_grants(limit=3)
    assert [row.grant_id for row in first] == ids[:3]
    assert [row.grant_id for row in store.list_grants(after="a", limit=3)] == ids[3:]
    assert list(store.list_grants(after="c")) == []


def test_a_grant_is_forgotten_for_good(store: Bench) -> None:
    """Row and lease are gone, a late writer fails, and a new login begins anew."""
    store.swap_grant(ROW, expected=None)
    store.acquire_lease("g1", owner="a", now=100.0, ttl=10.0)
    assert not store.delete_grant("g1"), "it is live"
    assert store.get_grant("g1") == ROW
    store.swap_grant(replace(ROW, generation=8, status="ended"), expected=7)
    assert [store.delete_grant("g1") for _ in range(2)] == [True, False]
    assert store.get_grant("g1") is None
    assert not store.swap_grant(replace(ROW, generation=9), expected=8)
    assert not store.renew_lease("g1", owner="a", now=101.0, ttl=10.0)
    assert store.swap_grant(ROW, expected=None)
    assert store.acquire_lease("g1", owner="b", now=101.0, ttl=10.0)


def test_dead_grants_are_swept_in_portions(store: Bench) -> None:
    """Lost and ended ones written before a time; live ones and newer ones stay."""
    for number, status in enumerate(["live", "lost", "ended", "ended", "lost"]):
        row = replace(ROW, grant_id=f"g{number}", status=status, updated_at=100.0 + number)
        store.swap_grant(row, expected=None)
    assert [store.sweep_grants(before=104.0, limit=2) for _ in range(3)] == [2, 1, 0]
    assert [row.grant_id for row in store.list_grants()] == ["g0", "g4"]


def test_a_record_is_swapped_for_what_was_read(store: Bench) -> None:
    """Of two writers that read the same payload one wins; what is gone is not made anew."""
    assert not store.swap_record(RECORD, before=b"payload")
    store.add_record(RECORD)
    first = replace(RECORD, payload=b"1", seen_at=1400.0, expires_at=2500.0)
    assert store.swap_record(first, before=b"payload")
    assert not store.swap_record(replace(RECORD, payload=b"2"), before=b"payload")
    assert store.get_record("session", "s1", now=1500.0) == first


def test_records_are_walked_in_portions(store: Bench) -> None:
    """Of all kinds, in the order of kind and id, from where the last portion ended."""
    names = [("login", "B"), ("login", "a"), ("session", "A"), ("session", "b")]
    for kind, name in reversed(names):
        store.add_record(replace(RECORD, kind=kind, id=name))

    def walked(**options: Any) -> list[tuple[str, str]]:
        return [(each.kind, each.id) for each in store.scan_records(**options)]

    assert walked(limit=3) == names[:3]
    assert walked(after=("session", "A")) == names[3:]
    assert walked(after=("session", "b")) == []
    assert store.scan_records(after=("login", "a"), limit=1)[0].payload == b"payload"


def test_c46_everything_is_sealed_anew_under_the_newest_key(store: Bench) -> None:
    """Of every kind, and once; what is not sealed, has expired or is over stays as it is."""
    old, far = store.store.vault, 4e9
    for number in range(5):
        record = Record("session", f"s{number}", "g", b"plain", 0.0, 0.0, far)
        store.add_record(sealed_record(old, record))
        token = token_of(str(number))
        store.swap_grant(live_row(old, token, generation=number, now=0.0), expected=None)
    store.swap_grant(replace(ROW, status="ended", sealed=b""), expected=None)
    untouched = [
        Record("count", "c", "", b"7", 0.0, 0.0, far),
        sealed_record(old, Record("session", "over", "g", b"x", 0.0, 0.0, time.time() + 1)),
    ]
    for record in untouched:
        store.add_record(record)
    store.store.vault = new = Vault([Vault.generate_key(), KEY])
    kind = aio_stores.AsyncKeyRotation if store.colour.name == "async" else stores.KeyRotation
    clock = ManualClock(time.time() + 2)
    rotation = kind(store.store, batch=3, clock=clock)
    store.colour(rotation.run())
    assert (rotation.resealed, rotation.newest, rotation.complete) == (10, 0, True)
    for record in untouched:
        found = store.get_record(record.kind, record.id, now=1.0)
        assert found is None or found.payload == record.payload
    live = [row for row in store.list_grants() if row.status == "live"]
    assert {open_row(new, row).token.subject for row in live} == set("01234")
    assert all(new.is_newest(row.sealed) for row in live)
    again = kind(store.store, clock=clock)
    store.colour(again.run())
    assert (again.resealed, again.newest) == (0, 10)


def test_workers_at_once_take_exactly_what_a_limit_allows(store: Bench) -> None:
    """Over two budgets of one store; the next window has room for as many again."""
    kind = AsyncRateBudget if store.colour.name == "async" else RateBudget
    budgets = [store.colour.keep(kind(store.store, wait=False)) for _ in range(2)]
    bucket = Bucket("https://x/name/operation", RateLimit(count=5, seconds=60))
    clock = ManualClock()
    for _ in range(2):
        works = [
            partial(each.acquire, [bucket], operation="o", clock=clock, deadline=float("inf"))
            for each in budgets * 6
        ]
        outcomes = store.colour.at_once(works)
        refused = [each for each in outcomes if isinstance(each, BudgetExhausted)]
        assert (outcomes.count(None), len(refused)) == (5, 7)
        assert all(0 < each.retry_after <= 61.01 for each in refused)
        clock.advance(61.01)
    (left,) = store.scan_records()
    assert left.kind == "rate"
    assert bucket.key.encode() not in left.payload + left.id.encode()
    assert store.sweep(now=clock.now() + 120) == 1
