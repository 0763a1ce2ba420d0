"""Workers that are killed outright, at random, while tokens live five seconds."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.production.cloud import FIRST_USER
from tests.production.crowd import Person
from tests.production.site import Site, on_servers

SECONDS = float(os.environ.get("SECONDS_OF_KILLING", "8"))
SEED = int(os.environ.get("SEED_OF_KILLING", "0")) or random.SystemRandom().randrange(1, 10**6)
LIFE = 5
"""Seconds that an access token lives."""
PEOPLE = 10


def kill_workers(site: Site, seconds: float, chance: random.Random) -> int:
    """Kill a worker now and then; how many were killed."""
    kills, end, pause = 0, time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        pause.wait(chance.uniform(0.5, 1.5))
        workers = chance.choice(site.machines).workers
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
        site.cloud.refreshes()  # before the sandbox forgets the first of them
    return kills


@on_servers
@pytest.mark.timeout(SECONDS + 120)
def test_f24_f25_c43_killed_workers_cost_nobody_a_login_unexplained(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is logged out had a refresh answered by Roblox that its worker did not live to store.

    Each refresh that Roblox answered is in the store, or is somebody's loss:
    the counts agree. Whoever lost their grant gets a page that offers a login,
    and can log in. Everybody else gets their page, at most later.
    """
    chance, done = random.Random(SEED), threading.Event()
    with site.store() as store, site.cloud.living(LIFE), ThreadPoolExecutor(PEOPLE) as pool:
        crowd = [Person(site, FIRST_USER + number, store) for number in range(PEOPLE)]
        before = site.cloud.refreshes(200)
        with site.cloud.slow(0.2):
            lives = [pool.submit(person.live, done) for person in crowd]
            try:
                kills = kill_workers(site, SECONDS, chance)
                # Until every token has ended once more, and what was lost has come to light.
                done.wait(LIFE + 1)
            finally:
                done.set()
            for life in lives:
                life.result()
        answered = site.cloud.refreshes(200) - before
    answers = sum((person.answers for person in crowd), Counter())
    losses = sum(person.losses for person in crowd)
    written = sum(person.written for person in crowd)
    longest = max(person.longest for person in crowd)
    report = (
        f"seed {SEED}: {answers.total()} requests, {kills} workers killed in {SECONDS:g} s, "
        f"{sum(person.broken for person in crowd)} requests made again; {answered} refreshes, "
        f"{written} of them stored, {losses} people logged out by the rest; "
        f"answers {dict(answers)}, the longest after {longest:.0f} s"
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n")
    assert [each for person in crowd for each in person.unclean] == []
    assert answered - written == losses <= kills
