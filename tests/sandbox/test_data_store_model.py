"""Data stores held against a plain Python model, one request after another and many at once."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any
from urllib.parse import quote

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App, entries, entry

SEED = int(os.environ.get("MODEL_SEED") or random.SystemRandom().randrange(2**32))
UNIVERSE = "3000001"
V1 = f"/datastores/v1/universes/{UNIVERSE}/standard-datastores/datastore/entries/entry"
V2 = f"/cloud/v2/universes/{UNIVERSE}/data-stores"
DAY = 86_400.0

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


@dataclass
class Kept:
    """An entry of the model: its history, ``None`` for a deletion, and when it was deleted."""

    history: list[object] = field(default_factory=list)
    deleted: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether it can be read."""
        return bool(self.history) and self.history[-1] is not None


class Model:
    """Data stores as a few dicts."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stores: dict[str, dict[tuple[str, str], Kept]] = {}
        self.deleted: dict[str, float] = {}

    def forget(self) -> None:
        """Drop what was deleted 30 days ago."""
        for name in [
            each for each, at in self.deleted.items() if self.now >= at + KEPT_AFTER_DELETION
        ]:
            del self.deleted[name], self.stores[name]
        for store in self.stores.values():
            for where, kept in list(store.items()):
                if not kept.alive and self.now >= kept.deleted + KEPT_AFTER_DELETION:
                    del store[where]

    def find(self, place: tuple[str, str, str]) -> Kept:
        """The entry there, or an empty one that is not kept."""
        store, scope, key = place
        return self.stores.get(store, {}).get((scope, key), Kept())

    def write(self, place: tuple[str, str, str], value: object) -> None:
        """Write an entry."""
        store, scope, key = place
        kept = self.stores.setdefault(store, {}).setdefault((scope, key), Kept())
        kept.history.append(value)


class Run:
    """Does each step to the sandbox and to the model, and compares."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.model = Model()
        self.began = app.cloud.clock.now()

    def step(self, name: str, *arguments: Any) -> None:
        """One step."""
        self.model.forget()
        getattr(self, name)(*arguments)

    def _v1(self, method: str, place: tuple[str, str, str], more: str = "", **options: Any) -> Any:
        store, scope, key = place
        params = {"datastoreName": store, "scope": scope, "entryKey": key}
        params |= options.pop("params", {})
        return self.app.call(method, V1 + more, params=params, **options)

    def _shut(self, place: tuple[str, str, str], answer: requests.Response) -> bool:
        """Whether the store is deleted, which every answer must say."""
        shut = place[0] in self.model.deleted
        if shut:
            assert answer.status_code == 404
        return shut

    def set(self, place: tuple[str, str, str], value: object, version: int) -> None:
        """Written in either version, whether it is there or not."""
        if version == 1:
            answer = self._v1("POST", place, data=json.dumps(value))
        else:
            path, allowed = at(place), {"allowMissing": "true"}
            answer = self.app.call("PATCH", path, params=allowed, json={"value": value})
        if not self._shut(place, answer):
            assert answer.status_code == 200
            self.model.write(place, value)

    def create(self, place: tuple[str, str, str], value: object, version: int) -> None:
        """Written only if it is not there."""
        store, scope, key = place
        if version == 1:
            params = {"exclusiveCreate": "true"}
            answer = self._v1("POST", place, params=params, data=json.dumps(value))
        else:
            path = entries(store=store, scope=scope)
            answer = self.app.call("POST", path, params={"id": key}, json={"value": value})
        if self._shut(place, answer):
            return
        if self.model.find(place).alive:
            assert answer.status_code == (412 if version == 1 else 400)
        else:
            assert answer.status_code == 200
            self.model.write(place, value)

    def increment(self, place: tuple[str, str, str], amount: int, version: int) -> None:
        """Added to what is there, if that is an integer; the versions differ beyond 64 bits."""
        if version == 1:
            answer = self._v1("POST", place, "/increment", params={"incrementBy": amount})
        else:
            path = f"{at(place)}:increment"
            answer = self.app.call("POST", path, json={"amount": amount})
        if self._shut(place, answer):
            return
        kept = self.model.find(place)
        held = kept.history[-1] if kept.alive else 0
        total = held + amount if isinstance(held, int) else None
        if total is None or (version == 1 and total >= 2**63):
            assert answer.status_code == 400
            return
        total = min(total, 2**63 - 1)
        assert (answer.json() if version == 1 else answer.json()["value"]) == total
        self.model.write(place, total)

    def delete(self, place: tuple[str, str, str], version: int) -> None:
        """Deleted if it is there; the first version says the same of what was deleted before."""
        answer = self._v1("DELETE", place) if version == 1 else self.app.call("DELETE", at(place))
        if self._shut(place, answer):
            return
        kept = self.model.find(place)
        there = bool(kept.history) if version == 1 else kept.alive
        good = 204 if version == 1 else 200
        assert answer.status_code == (good if there else 404)
        if kept.alive:
            kept.history.append(None)
            kept.deleted = self.model.now

    def get(self, place: tuple[str, str, str], version: int) -> None:
        """What was written last."""
        if version == 1:
            answer = self._v1("GET", place)
        else:
            answer = self.app.call("GET", f"{at(place)}@latest")
        if self._shut(place, answer):
            return
        kept = self.model.find(place)
        if kept.alive:
            found = answer.json() if version == 1 else answer.json()["value"]
            assert found == kept.history[-1]
        else:
            assert answer.status_code == (204 if version == 1 and kept.history else 404)

    def revisions(self, place: tuple[str, str, str]) -> None:
        """Everything that it ever was, newest first."""
        answer = self.app.call("GET", f"{at(place)}:listRevisions", params={"maxPageSize": 100})
        if self._shut(place, answer):
            return
        kept = self.model.find(place)
        if not kept.history:
            assert answer.status_code == 404
            return
        found = answer.json()["dataStoreEntries"]
        values = [
            None
            if each["state"] == "DELETED"
            else self.app.call("GET", f"/cloud/v2/{each['path']}").json()["value"]
            for each in found
        ]
        assert values == kept.history[::-1]

    def list(self, store: str, scope: str, prefix: str, deleted: bool, size: int) -> None:
        """Every key of a scope or of all, in order, page by page."""
        params: dict[str, object] = {"maxPageSize": size, "showDeleted": str(deleted).lower()}
        params |= {"filter": f'id.startsWith("{prefix}")'} if prefix else {}
        path = entries(store=store, scope=scope)
        if store in self.model.deleted:
            assert self.app.call("GET", path, params=params).status_code == 404
            return
        found = [
            (each["path"].split("/")[5], each["id"])
            for each in pages(self.app, path, "dataStoreEntries", params)
        ]
        wanted = sorted(
            where
            for where, kept in self.model.stores.get(store, {}).items()
            if scope in ("-", where[0]) and where[1].startswith(prefix) and (kept.alive or deleted)
        )
        assert found == [(quote(where[0], safe=""), where[1]) for where in wanted]

    def delete_store(self, store: str) -> None:
        """Marked deleted, if it is there."""
        answer = self.app.call("DELETE", f"{V2}/{store}")
        assert answer.status_code == (200 if store in self.model.stores else 404)
        if store in self.model.stores:
            self.model.deleted.setdefault(store, self.model.now)

    def undelete_store(self, store: str) -> None:
        """Had back, if it is there."""
        answer = self.app.call("POST", f"{V2}/{store}:undelete", json={})
        assert answer.status_code == (200 if store in self.model.stores else 404)
        self.model.deleted.pop(store, None)

    def list_stores(self, deleted: bool) -> None:
        """Those that are there, the deleted ones if asked for."""
        params: dict[str, object] = {"maxPageSize": 1, "showDeleted": str(deleted).lower()}
        found = [each["id"] for each in pages(self.app, V2, "dataStores", params)]
        wanted = sorted(
            each for each in self.model.stores if deleted or each not in self.model.deleted
        )
        assert found == wanted

    def wait(self, days: int) -> None:
        """Days pass."""
        self.model.now += days * DAY
        self.app.cloud.clock.advance(days * DAY)

    def reload(self) -> None:
        """Everything goes through a state file."""
        load(self.app.cloud.state, dump(self.app.cloud.state), alone=True)


def at(place: tuple[str, str, str]) -> str:
    """The path of an entry."""
    store, scope, key = place
    return entry(key, store=store, scope=scope)


def pages(app: App, path: str, name: str, params: dict[str, object]) -> Iterator[dict[str, Any]]:
    """What all pages of a listing hold."""
    params = dict(params)
    while True:
        answer = app.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        yield from answer.json()[name]
        params["pageToken"] = answer.json().get("nextPageToken")
        if not params["pageToken"]:
            return


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
