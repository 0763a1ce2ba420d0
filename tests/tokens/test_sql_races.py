"""Many workers on one row of a database server: each time exactly one of them wins."""

from __future__ import annotations

import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from rblx_oauth import stores
from tests.support.programs import DatabaseServer
from tests.tokens.kit import KEY
from tests.tokens.test_stores import RECORD, ROW

WORKERS = 8
ROUNDS = 30


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    """Each server."""
    server: DatabaseServer = request.getfixturevalue(request.param)
    return server


def together(work: Callable[[int], object]) -> None:
    """Run `work` in every worker at once; their errors are raised here."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for begun in [pool.submit(work, number) for number in range(WORKERS)]:
            begun.result(60)


def test_of_many_who_want_one_thing_one_gets_it(server: DatabaseServer) -> None:
    """In a random order: swap, insert, lease, take, swap of a payload, an expired one's place."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 (shown when the test fails)
    chance = random.Random(seed)
    contests = ["swap", "insert", "lease", "take", "payload", "successor", "delete"]
    order = [(number, chance.choice(contests)) for number in range(ROUNDS)]
    wins: Counter[int] = Counter()
    start = threading.Barrier(WORKERS)

    with stores.open(server.url, keys=[KEY]) as store:
        for number, _ in order:
            store.swap_grant(replace(ROW, grant_id=f"g{number}"), expected=None)
            old = number if order[number][1] == "successor" else 2000.0
            store.add_record(replace(RECORD, id=f"s{number}", created_at=0.0, expires_at=old))

        def contest(worker: int) -> None:
            for number, kind in order:
                row = replace(ROW, grant_id=f"g{number}", generation=8, sealed=bytes([worker]))
                record = replace(RECORD, id=f"s{number}", payload=bytes([worker]))
                tries: dict[str, Callable[[], object]] = {
                    "swap": lambda row=row: store.swap_grant(row, expected=7),
                    "insert": lambda row=row: store.swap_grant(
                        replace(row, grant_id=f"new {row.grant_id}"), expected=None
                    ),
                    "lease": lambda row=row: store.acquire_lease(
                        row.grant_id, owner=f"w{worker}", now=100.0, ttl=10.0
                    ),
                    "take": lambda record=record: store.take_record("session", record.id, now=1.0),
                    "payload": lambda record=record: store.swap_record(record, before=b"payload"),
                    "successor": lambda record=record: store.add_record(record),
                    "delete": lambda record=record: store.delete_record("session", record.id),
                }
                start.wait(30)
                if tries[kind]():
                    wins[number] += 1

        together(contest)
    assert wins == Counter(range(ROUNDS)), order


def test_a_record_is_taken_once_where_a_delete_returns_nothing(server: DatabaseServer) -> None:
    """MySQL has no DELETE ... RETURNING: the row is locked, read and deleted in a transaction."""
    taken: list[str] = []
    with stores.open(server.url, keys=[KEY]) as store:
        store._can_take = False  # type: ignore[attr-defined]
        for number in range(10):
            store.add_record(replace(RECORD, id=f"s{number}"))

        def race(_: int) -> None:
            for number in range(10):
                found = store.take_record("session", f"s{number}", now=1500.0)
                if found is not None:
                    taken.append(found.id)

        together(race)
    assert sorted(taken) == [f"s{number}" for number in range(10)]


def test_sweepers_and_writers_at_once_come_into_no_deadlock(server: DatabaseServer) -> None:
    """Four sweep in small portions while four add, update and delete; all that expired is gone."""
    swept: list[int] = []
    with stores.open(server.url, keys=[KEY]) as store:

        def work(worker: int) -> None:
            for number in range(25):
                record = replace(RECORD, id=f"{worker}-{number}", owner=f"g{number % 3}")
                if worker % 2:
                    swept.append(store.sweep(now=1100.0, limit=7))
                    swept.append(store.sweep_grants(before=2000.0, limit=7))
                    continue
                store.add_record(replace(record, expires_at=1100.0))
                store.add_record(replace(record, kind="login"))
                store.update_record(replace(record, kind="login", seen_at=1200.0))
                store.swap_grant(replace(ROW, grant_id=record.id, status="ended"), expected=None)
                if number % 5 == 0:
                    store.delete_owned("login", record.owner)

        together(work)
        while found := store.sweep(now=1100.0) + store.sweep_grants(before=2000.0):
            swept.append(found)
        left = store.scan_records(limit=1000)
        assert store.list_grants() == []
    assert sum(swept) == 4 * 25 * 2
    assert {record.kind for record in left} <= {"login"}


def test_f23_a_tombstone_beats_late_writers(server: DatabaseServer) -> None:
    """One logs out while seven write what they brought for the generation that they had read."""
    start = threading.Barrier(WORKERS)
    with stores.open(server.url, keys=[KEY]) as store:
        store.swap_grant(ROW, expected=None)

        def race(worker: int) -> None:
            start.wait(30)
            late = replace(ROW, generation=8, sealed=bytes([worker]))
            if worker:
                store.swap_grant(late, expected=7)
                return
            for generation in (7, 8):  # at most one of them comes before
                ended = replace(ROW, generation=generation + 1, sealed=b"", status="ended")
                if store.swap_grant(ended, expected=generation):
                    break

        together(race)
        left = store.get_grant("g1")
        assert left is not None
        assert (left.status, left.sealed) == ("ended", b"")
        assert not store.swap_grant(replace(ROW, generation=8), expected=7)
