"""Data stores as a few dicts, and a run that does each step to them and to a sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App, entries, entry

UNIVERSE = "3000001"
V1 = f"/datastores/v1/universes/{UNIVERSE}/standard-datastores/datastore/entries/entry"
V2 = f"/cloud/v2/universes/{UNIVERSE}/data-stores"
DAY = 86_400.0


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
