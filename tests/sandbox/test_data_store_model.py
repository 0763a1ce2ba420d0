"""Data stores held against a plain Python model, one request after another and many at once."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App, entries, entry
from tests.sandbox.plain_data_stores import V1, Run

SEED = int(os.environ.get("MODEL_SEED") or random.SystemRandom().randrange(2**32))

STORES = st.sampled_from(["one", "two"])
SCOPES = st.sampled_from(["global", "b/é"])
KEYS = st.sampled_from(["a", "ab@1", "é/?"])
VALUES = st.one_of(
    st.integers(-3, 3), st.just(2**63 - 1), st.text(max_size=2), st.lists(st.none(), max_size=1)
)
VERSIONS = st.sampled_from([1, 2])
PLACES = st.tuples(STORES, SCOPES, KEYS)
STEPS = st.one_of(
    st.tuples(st.just("set"), PLACES, VALUES, VERSIONS),
    st.tuples(st.just("create"), PLACES, VALUES, VERSIONS),
    st.tuples(st.just("increment"), PLACES, st.integers(-2, 2), VERSIONS),
    st.tuples(st.just("delete"), PLACES, VERSIONS),
    st.tuples(st.just("get"), PLACES, VERSIONS),
    st.tuples(st.just("revisions"), PLACES),
    st.tuples(
        st.just("list"),
        STORES,
        st.sampled_from(["global", "b/é", "-"]),
        st.sampled_from(["", "a", "é"]),
        st.booleans(),
        st.integers(1, 4),
    ),
    st.tuples(st.just("delete_store"), STORES),
    st.tuples(st.just("undelete_store"), STORES),
    st.tuples(st.just("list_stores"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([1, 15, 30, 30])),
    st.tuples(st.just("reload")),
)


def told() -> None:
    """Say how this run can be had again; shown when the test fails."""
    print(f"seed {SEED}: MODEL_SEED={SEED} repeats it")  # noqa: T201


def emptied(cloud: Sandbox) -> None:
    """No data stores, no limits, and time as it was."""
    cloud.reset()
    cloud.state.data.restore({})
    cloud.settings.rate_limits = False


def explored(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Settings of a test that draws from the seed."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        quiet = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        return seed(SEED)(quiet(test))

    return decorate


def test_any_sequence_gives_what_the_model_gives(cloud: Sandbox, app: App) -> None:
    """Sets, creates, increments, deletes, reads, listings, whole stores, waits and reloads."""
    told()

    @explored(60)
    @given(st.lists(STEPS, min_size=5, max_size=40))
    def check(steps: list[tuple[Any, ...]]) -> None:
        emptied(cloud)
        run = Run(app)
        for step in steps:
            run.step(*step)

    check()


# --- many at once

WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from("ab"), st.integers(0, 9), VERSIONS),
        st.tuples(st.just("create"), st.sampled_from("ab"), st.integers(0, 9), st.just(2)),
        st.tuples(st.just("increment"), st.sampled_from("ab"), st.integers(1, 3), VERSIONS),
        st.tuples(st.just("delete"), st.sampled_from("ab"), st.just(0), st.just(2)),
    ),
    min_size=1,
    max_size=8,
)


def write(app: App, do: str, key: str, amount: int, version: int) -> tuple[str, int | None]:
    """Do it; the revision that it made and the value after it, empty if it was refused."""
    params = {"datastoreName": "things", "entryKey": key}
    if do == "delete":
        return str(app.call("DELETE", entry(key)).status_code == 200), None
    if do == "create":
        body = {"value": amount}
        answer = app.call("POST", entries(), params={"id": key}, json=body)
    elif version == 1 and do == "set":
        answer = app.call("POST", V1, params=params, data=str(amount))
        return answer.json()["version"], amount
    elif version == 1:
        answer = app.call("POST", f"{V1}/increment", params=params | {"incrementBy": amount})
        return answer.headers["roblox-entry-version"], answer.json()
    elif do == "set":
        allowed = {"allowMissing": "true"}
        answer = app.call("PATCH", entry(key), params=allowed, json={"value": amount})
    else:
        answer = app.call("POST", f"{entry(key)}:increment", json={"amount": amount})
    if do == "create" and answer.status_code == 400:
        return "", None
    assert answer.status_code == 200, answer.text
    return answer.json()["revisionId"], answer.json()["value"]


def check_history(
    app: App, key: str, done: dict[str, tuple[str, int, int]], deletions: int
) -> None:
    """The revisions of a key are what its writes give, one after another in some order.

    Args:
        app: Reads them.
        key: The key.
        done: By revision: what was done, with which amount, and the value that was answered.
        deletions: How many deletions were answered with success.
    """
    answer = app.call("GET", f"{entry(key)}:listRevisions", params={"maxPageSize": 100})
    if not done:
        assert answer.status_code == 404
        return
    value: int | None = None
    for revision in reversed(answer.json()["dataStoreEntries"]):
        if revision["state"] == "DELETED":
            assert value is not None
            value, deletions = None, deletions - 1
            continue
        do, amount, answered = done.pop(revision["revisionId"])
        assert do != "create" or value is None
        value = (value or 0) + amount if do == "increment" else amount
        assert answered == value
    assert not done
    assert deletions == 0
    last = app.call("GET", entry(key))
    assert (last.json()["value"] if last.status_code == 200 else None) == value


def test_what_many_do_at_once_is_done_one_after_another(cloud: Sandbox, app: App) -> None:
    """Each write sees the one before it, answers what it made, and none is lost or doubled."""
    told()

    with ExitStack() as stack:
        apps = [stack.enter_context(App(cloud, app.client_id, app.secret)) for _ in range(3)]
        pool = stack.enter_context(ThreadPoolExecutor(len(apps)))

        @explored(40)
        @given(st.lists(WRITES, min_size=3, max_size=3))
        def check(plans: list[list[tuple[str, str, int, int]]]) -> None:
            emptied(cloud)
            barrier = Barrier(len(plans))

            def work(twin: App, plan: list[tuple[str, str, int, int]]) -> list[Any]:
                barrier.wait(10)
                return [(step, *write(twin, *step)) for step in plan]

            results = list(pool.map(work, apps, plans))
            for key in "ab":
                done: dict[str, tuple[str, int, int]] = {}
                deletions = 0
                for result in results:
                    mine = [each for each in result if each[0][1] == key]
                    made = [each for each in mine if each[0][0] != "delete" and each[1]]
                    deletions += sum(each[0][0] == "delete" and each[1] == "True" for each in mine)
                    assert [each[1] for each in made] == sorted(each[1] for each in made)
                    done |= {each[1]: (each[0][0], each[0][2], each[2]) for each in made}
                check_history(app, key, done, deletions)

        check()
