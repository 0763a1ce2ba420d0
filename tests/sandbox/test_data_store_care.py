"""Data stores as a whole, entries without a scope in the path, snapshots, and state files."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import requests

from rblx_oauth import Client, api, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App, entries, entry
from tests.sandbox.documented import client

__all__ = ["client"]

STORES = "/cloud/v2/universes/3000001/data-stores"
COINS = f"{STORES}/coins"
PLAIN = f"{STORES}/things/entries"
DAY = 86_400


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.json()["message"]
    return answer.status_code, answer.json()["code"]


def names(app: App, **query: object) -> dict[str, str]:
    """The listed data stores, and their states."""
    found: dict[str, str] = {}
    while True:
        page = app.call("GET", STORES, params=query).json()
        found |= {each["id"]: each["state"] for each in page["dataStores"]}
        query["pageToken"] = page.get("nextPageToken")
        if not query["pageToken"]:
            return found


# --- whole stores


def test_a_deleted_store_is_shut_until_it_is_undeleted(cloud: Sandbox, app: App) -> None:
    """Its entries can be neither read nor written nor listed; then all is as it was."""
    before = app.call("GET", entry("player/1000001", store="coins")).json()
    gone = app.call("DELETE", COINS).json()
    assert (gone["id"], gone["state"]) == ("coins", "DELETED")
    expires = parse_rfc3339(gone["expireTime"])
    assert expires == pytest.approx(cloud.clock.now() + KEPT_AFTER_DELETION, abs=10)
    path = entry("player/1000001", store="coins")
    for method, where, more in (
        ("GET", path, {}),
        ("GET", f"{path}@latest", {}),
        ("GET", f"{path}:listRevisions", {}),
        ("GET", entries("coins"), {}),
        ("PATCH", path, {"json": {"value": 1}, "params": {"allowMissing": "true"}}),
        ("POST", entries("coins"), {"json": {"value": 1}, "params": {"id": "new"}}),
        ("POST", f"{path}:increment", {"json": {"amount": 1}}),
        ("DELETE", path, {}),
    ):
        assert error(app.call(method, where, **more)) == (404, "NOT_FOUND"), (method, where)
    assert names(app) == {"profiles": "ACTIVE"}
    assert names(app, showDeleted="true") == {"coins": "DELETED", "profiles": "ACTIVE"}
    back = app.call("POST", f"{COINS}:undelete", json={}).json()
    assert back["state"] == "ACTIVE"
    assert "expireTime" not in back
    assert app.call("GET", path).json() == before
    assert names(app) == {"coins": "ACTIVE", "profiles": "ACTIVE"}


def test_deleting_a_store_twice_changes_nothing(cloud: Sandbox, app: App) -> None:
    """The time that it is gone stays the first one's; undeleting what is in use is no error.

    Nor is it one to send no body, where the message has nothing in it.
    """
    first = app.call("DELETE", COINS).json()
    cloud.clock.advance(DAY)
    assert app.call("DELETE", COINS).json() == first
    for body in ({}, None):
        assert app.call("POST", f"{COINS}:undelete", json=body).json()["state"] == "ACTIVE"
    for call in (("DELETE", f"{STORES}/none"), ("POST", f"{STORES}/none:undelete")):
        assert error(app.call(*call, json={})) == (404, "NOT_FOUND")


def test_after_thirty_days_a_deleted_store_is_gone(cloud: Sandbox, app: App) -> None:
    """Nothing of it is left, and its name can be used again."""
    app.call("DELETE", COINS)
    cloud.clock.advance(KEPT_AFTER_DELETION)
    assert names(app, showDeleted="true") == {"profiles": "ACTIVE"}
    assert error(app.call("POST", f"{COINS}:undelete", json={})) == (404, "NOT_FOUND")
    assert app.call("GET", entries("coins")).json() == {"dataStoreEntries": []}
    made = app.call("POST", entries("coins"), params={"id": "a"}, json={"value": 1})
    assert made.status_code == 200
    assert [
        each["id"] for each in app.call("GET", entries("coins")).json()["dataStoreEntries"]
    ] == ["a"]
    (store,) = app.call("GET", STORES, params={"maxPageSize": 1}).json()["dataStores"]
    assert store["createTime"] == made.json()["createTime"]


def test_stores_are_listed_a_hundred_at_most_and_512_looked_at(app: App) -> None:
    """Many deleted ones in a row give empty pages that lead on."""
    data = app.cloud.state.data
    for number in range(1100):
        data.write("3000001", f"s{number:04}", "global", "a", msgspec.Raw(b"1"))
    page = app.call("GET", STORES, params={"maxPageSize": 999}).json()
    assert len(page["dataStores"]) == 100
    for name, store in data.of("3000001").items():
        if name != "s1099":
            store.deleted = app.cloud.clock.now()
    page = app.call("GET", STORES).json()
    assert page["dataStores"] == []
    assert page["nextPageToken"]
    assert names(app) == {"s1099": "ACTIVE"}


# --- snapshots


def test_one_snapshot_a_day_is_taken(app: App) -> None:
    """A second within the UTC day says when the first was; universes are apart."""
    path = f"{STORES}:snapshot"
    clock = app.cloud.clock
    clock.set(parse_rfc3339("2026-05-05T23:00:00Z"))
    first = app.call("POST", path, json={}).json()
    assert first["newSnapshotTaken"] is True
    assert first["latestSnapshotTime"].startswith("2026-05-05T23:00:")
    clock.advance(1800)
    again = app.call("POST", path, json={}).json()
    assert again == {"newSnapshotTaken": False, "latestSnapshotTime": first["latestSnapshotTime"]}
    other = app.call("POST", path.replace("3000001", "3000002"), json={}).json()
    assert other["newSnapshotTaken"] is True
    clock.advance(1800)
    tomorrow = app.call("POST", path, json={}).json()
    assert tomorrow["newSnapshotTaken"] is True
    assert tomorrow["latestSnapshotTime"].startswith("2026-05-06T00:00:")


# --- entries without a scope in the path


def test_without_a_scope_it_is_the_global_one(app: App) -> None:
    """Every operation works on the same entries, and gives paths without a scope."""
    made = app.call("POST", PLAIN, params={"id": "a/b"}, json={"value": 1}).json()
    assert made["path"] == "universes/3000001/data-stores/things/entries/a%2Fb"
    path = f"{PLAIN}/a%2Fb"
    scoped = app.call("GET", entry("a/b")).json()
    assert scoped == made | {"path": scoped["path"]}
    assert scoped["path"].endswith("things/scopes/global/entries/a%2Fb")
    assert app.call("GET", "/cloud/v2/" + made["path"]).json() == made
    assert app.call("POST", f"{path}:increment", json={"amount": 2}).json()["value"] == 3
    patched = app.call("PATCH", path, json={"value": 5, "etag": made["etag"]})
    assert error(patched) == (409, "ABORTED")
    assert app.call("PATCH", path, json={"value": 5}).json()["value"] == 5
    revisions = app.call("GET", f"{path}:listRevisions").json()["dataStoreEntries"]
    assert len(revisions) == 3
    assert revisions[0]["path"] == f"{made['path']}@{revisions[0]['revisionId']}"
    app.call("POST", entries(scope="eu"), params={"id": "other"}, json={"value": 1})
    listed = app.call("GET", PLAIN).json()["dataStoreEntries"]
    assert listed == [{"path": made["path"], "id": "a/b"}]
    assert app.call("DELETE", path).status_code == 200
    for where in (path, entry("a/b")):
        assert error(app.call("DELETE", where)) == (404, "NOT_FOUND")


def test_all_scopes_are_for_listing_only(app: App) -> None:
    """`-` is no scope that an entry could be in."""
    for method, path, more in (
        ("GET", entry("a", scope="-"), {}),
        ("PATCH", entry("a", scope="-"), {"json": {"value": 1}}),
        ("POST", entries(scope="-"), {"json": {"value": 1}, "params": {"id": "a"}}),
        ("DELETE", entry("a", scope="-"), {}),
    ):
        assert error(app.call(method, path, **more)) == (400, "INVALID_ARGUMENT")


# --- what values and moments may be


@pytest.mark.parametrize(
    "value",
    [b'"\xff"', b"1e999", b'"\\ud800"', b"[" * 5000 + b"]" * 5000, b"[" * 300_000],
    ids=["no UTF-8", "infinite", "half a character", "deep", "bottomless"],
)
def test_what_could_not_be_read_again_is_not_kept(app: App, value: bytes) -> None:
    """400, and nothing is stored; what is kept can be dumped."""
    body = b'{"value": ' + value + b"}"
    answer = app.call("POST", PLAIN, params={"id": "a"}, data=body)
    assert error(answer) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", f"{PLAIN}/a").status_code == 404
    assert dump(app.cloud.state)


def test_deep_values_can_be_dumped(app: App) -> None:
    """The deepest value that is accepted fits into a state file as well."""
    deepest = 0
    for depth in range(50, 1000, 50):
        body = b'{"value": ' + b"[" * depth + b"]" * depth + b"}"
        answer = app.call("PATCH", f"{PLAIN}/a", params={"allowMissing": "true"}, data=body)
        if answer.status_code == 200:
            deepest = depth
    assert deepest >= 500
    kept = dump(app.cloud.state)
    load(app.cloud.state, kept, alone=True)
    assert app.call("GET", f"{PLAIN}/a").status_code == 200


def test_whole_numbers_with_a_point_are_integers(app: App) -> None:
    """5.0 is added to and adds, 5.5 does neither."""
    app.call("POST", PLAIN, params={"id": "a"}, json={"value": 5.0})
    path = f"{PLAIN}/a:increment"
    assert app.call("POST", path, json={"amount": 2.0}).json()["value"] == 7
    assert error(app.call("POST", path, json={"amount": 0.5})) == (400, "INVALID_ARGUMENT")
    for value in (5.5, True, [1]):
        app.call("PATCH", f"{PLAIN}/a", json={"value": value})
        assert error(app.call("POST", path, json={"amount": 1})) == (400, "INVALID_ARGUMENT")


def test_a_sum_beyond_64_bits_is_clamped(app: App) -> None:
    """As Roblox answers it."""
    for edge in (2**63 - 1, -(2**63)):
        app.call("PATCH", f"{PLAIN}/a", params={"allowMissing": "true"}, json={"value": edge})
        found = app.call("POST", f"{PLAIN}/a:increment", json={"amount": edge})
        assert found.json()["value"] == edge


def test_moments_lie_after_1970_and_hardly_in_the_future(cloud: Sandbox, app: App) -> None:
    """Ten minutes ahead at most."""
    app.call("POST", PLAIN, params={"id": "a"}, json={"value": 1})
    now = cloud.clock.now()
    assert app.call("GET", f"{PLAIN}/a@latest:{rfc3339(now + 500)}").json()["value"] == 1
    for wrong in (rfc3339(now + 700), "1970-01-01T00:00:00Z", "1969-01-01T00:00:00Z"):
        assert error(app.call("GET", f"{PLAIN}/a@latest:{wrong}")) == (400, "INVALID_ARGUMENT")


def test_revisions_stay_in_order_when_the_clock_is_set_back(cloud: Sandbox, app: App) -> None:
    """What is written after is listed as written after."""
    app.call("POST", PLAIN, params={"id": "a"}, json={"value": 0})
    for value in range(1, 4):
        cloud.clock.set(cloud.clock.now() - DAY)
        app.call("PATCH", f"{PLAIN}/a", json={"value": value})
    listed = app.call("GET", f"{PLAIN}/a:listRevisions", params={"maxPageSize": 100}).json()
    paths = [each["path"] for each in listed["dataStoreEntries"]]
    values = [app.call("GET", f"/cloud/v2/{path}").json()["value"] for path in paths]
    assert values == [3, 2, 1, 0]


def test_a_whole_filter_may_stand_in_quotes(app: App) -> None:
    """Roblox's own example of a filter for revisions does."""
    made = app.call("POST", PLAIN, params={"id": "a"}, json={"value": 0}).json()
    bounds = f'"revision_create_time >= {made["createTime"]} && revision_create_time <= '
    answer = app.call(
        "GET", f"{PLAIN}/a:listRevisions", params={"filter": f'{bounds}{made["createTime"]}"'}
    )
    assert len(answer.json()["dataStoreEntries"]) == 1


# --- state files


def test_stores_survive_in_a_file(cloud: Sandbox, app: App) -> None:
    """Deleted ones stay deleted, with their times and entries; so does the snapshot's."""
    created = app.call("GET", STORES).json()["dataStores"]
    app.call("POST", PLAIN, params={"id": "a"}, json={"value": [1], "users": ["users/7"]})
    app.call("DELETE", f"{PLAIN}/a")
    gone = app.call("DELETE", COINS).json()
    taken = app.call("POST", f"{STORES}:snapshot", json={}).json()
    kept = dump(cloud.state)
    cloud.reset()
    load(cloud.state, kept, alone=True)
    listed = app.call("GET", STORES, params={"showDeleted": "true"}).json()["dataStores"]
    assert listed[0] == gone
    assert listed[1] == created[1]
    assert app.call("POST", f"{COINS}:undelete", json={}).json() == created[0]
    read = app.call("GET", entry("player/1000001", store="coins"))
    assert read.json()["value"] == 25
    assert len(app.call("GET", f"{PLAIN}/a:listRevisions").json()["dataStoreEntries"]) == 2
    again = app.call("POST", f"{STORES}:snapshot", json={}).json()
    assert again == taken | {"newSnapshotTaken": False}


def test_this_librarys_calls(client: Client, cloud: Sandbox) -> None:
    """Whole stores, snapshots and the operations without a scope, held against the document."""
    universe = client.universe(3000001)
    store = universe.data_store("coins")
    assert store.delete_store().expires_at is not None
    with pytest.raises(errors.NotFound):
        store.get("player/1000001")
    assert [each.state for each in universe.data_stores(show_deleted=True)] == ["DELETED", "ACTIVE"]
    assert store.undelete_store().expires_at is None
    assert universe.snapshot_data_stores().new_snapshot_taken
    assert not universe.snapshot_data_stores().new_snapshot_taken
    with pytest.raises(errors.Conflict):
        store.create("player/1000001", 5)
    calls, here = api.data_stores, {"universe_id": 3000001, "data_store_id": "things"}
    where: Any = here | {"entry_id": "é"}
    in_store: Any = here
    client.send(calls.create_default_scope_entry(**where, value=1, users=[7], attributes={"a": 1}))
    client.send(calls.update_default_scope_entry(**where, value=2))
    assert client.send(calls.increment_default_scope_entry(**where, amount=3)).value == 5
    assert client.send(calls.get_default_scope_entry(**where)).value == 5
    listed = client.send(calls.list_default_scope_entries(**in_store)).items
    assert [each.id for each in listed] == ["é"]
    revisions = client.send(calls.list_default_scope_entry_revisions(**where)).items
    assert len(revisions) == 3
    client.send(calls.delete_default_scope_entry(**where))
    assert cloud.count(operation="delete_default_scope_entry", status=200) == 1
