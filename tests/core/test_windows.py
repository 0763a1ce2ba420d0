"""Counting by parts of a moving window: never too many, never much too late, never large."""

from __future__ import annotations

import random

import pytest

from rblx_oauth.catalog import RateLimit
from rblx_oauth.core import windows

LIMIT = RateLimit(count=10, seconds=60)


@pytest.mark.parametrize(
    "limit",
    [LIMIT, RateLimit(count=1, seconds=1), RateLimit(count=7, seconds=3), RateLimit(300, 60)],
)
def test_no_stretch_of_a_window_holds_more_than_the_limit(limit: RateLimit) -> None:
    """Whenever requests come; who waits as told has a slot, a part after it came free at most."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 (shown when it fails)
    rng = random.Random(seed)
    now, counted, taken = 1.7e9 + rng.random(), b"", []
    for _ in range(1000):
        now += rng.choice([0.0, 0.0, rng.expovariate(limit.count / limit.seconds)])
        counted, wait = windows.take(counted, limit, now)
        if wait:
            earliest = taken[-limit.count] + limit.seconds
            assert now + wait <= earliest + limit.seconds / windows.PARTS + 1e-3
            now += wait + 1e-6 * limit.seconds
            counted, wait = windows.take(counted, limit, now)
            assert not wait
        taken.append(now)
        assert len(counted) < 20 * (windows.PARTS + 1)
    for first, late in zip(taken, taken[limit.count :], strict=False):
        assert late - first > limit.seconds - 1e-6


def test_a_refused_slot_changes_nothing() -> None:
    """What was counted stays as it was, and the wait is until the first part has left."""
    counted = b""
    for _ in range(LIMIT.count):
        counted, wait = windows.take(counted, LIMIT, 600.5)
        assert not wait
    assert windows.take(counted, LIMIT, 620.0) == (counted, pytest.approx(41.0))
    assert windows.take(counted, LIMIT, 661.0)[1] == 0.0


def test_a_clock_that_was_far_ahead_shuts_nobody_out() -> None:
    """Slots that a whole window ahead are counted no longer."""
    counted = b""
    for _ in range(LIMIT.count):
        counted, _ = windows.take(counted, LIMIT, 9000.0)
    assert windows.take(counted, LIMIT, 8990.0)[1] > 0.0
    assert windows.take(counted, LIMIT, 600.0)[1] == 0.0


def test_what_cannot_be_read_counts_nothing() -> None:
    """A payload of somebody else's is written over."""
    assert windows.take(b"\xff{", LIMIT, 600.0) == (b"[[600,1]]", 0.0)
