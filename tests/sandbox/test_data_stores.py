"""Data store entries: writing, reading, guarding, counting and forgetting."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION
from tests.sandbox.app import App, entries, entry


def create(app: App, key: str, value: object, **more: object) -> requests.Response:
    """Create an entry in the test store."""
    return app.call("POST", entries(), params={"id": key}, json={"value": value, **more})


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def test_a_created_entry_can_be_read(app: App) -> None:
    """All fields come back; the value is exactly what was sent."""
    value = {"nested": [1, 2.5, None, True, "é"], "big": 12345678901234567890}
    made = create(app, "a", value, users=["users/1000001"], attributes={"kind": "test"}).json()
    read = app.call("GET", entry("a")).json()
    assert read == made
    assert read["value"] == value
    assert read["users"] == ["users/1000001"]
    assert read["attributes"] == {"kind": "test"}
    assert read["state"] == "ACTIVE"
    assert read["createTime"].endswith("Z")
    assert read["path"] == "universes/3000001/data-stores/things/scopes/global/entries/a"
    assert {"revisionId", "revisionCreateTime", "etag"} <= set(read)


def test_creating_twice_is_refused(app: App) -> None:
    """The second create is a 400, as documented, and changes nothing; after a delete it works."""
    create(app, "a", 1)
    assert error(create(app, "a", 2)) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", entry("a")).json()["value"] == 1
    app.call("DELETE", entry("a"))
    assert create(app, "a", 3).json()["value"] == 3


def test_an_update_replaces_everything(app: App) -> None:
    """There is no partial update: users and attributes left out are cleared."""
    before = create(app, "a", 1, users=["users/1"], attributes={"x": 1}).json()
    after = app.call("PATCH", entry("a"), json={"value": 2}).json()
    assert (after["value"], after["users"], after["attributes"]) == (2, [], {})
    assert after["etag"] != before["etag"]
    assert after["revisionId"] > before["revisionId"]
    assert after["createTime"] == before["createTime"]


def test_an_update_creates_only_when_told(app: App) -> None:
    """Without allowMissing a missing entry is 404."""
    assert error(app.call("PATCH", entry("a"), json={"value": 1})) == (404, "NOT_FOUND")
    allowed = {"allowMissing": "true"}
    assert app.call("PATCH", entry("a"), json={"value": 1}, params=allowed).json()["value"] == 1
    odd = app.call("PATCH", entry("a"), json={"value": 1}, params={"allowMissing": "perhaps"})
    assert error(odd) == (400, "INVALID_ARGUMENT")


def test_an_etag_guards_an_update(app: App) -> None:
    """A stale etag is 409 ABORTED; the current one goes through, once."""
    etag = create(app, "a", 1).json()["etag"]
    assert app.call("PATCH", entry("a"), json={"value": 2, "etag": etag}).status_code == 200
    stale = app.call("PATCH", entry("a"), json={"value": 3, "etag": etag})
    assert error(stale) == (409, "ABORTED")
    assert app.call("GET", entry("a")).json()["value"] == 2


def test_guarded_updates_lose_no_count(app: App) -> None:
    """Eight threads read, add one and write with the etag, again on conflict: none is lost."""
    create(app, "a", 0)

    def add() -> None:
        with App(app.cloud, app.client_id, app.secret) as twin:
            done = 0
            while done < 5:
                read = twin.call("GET", entry("a")).json()
                body = {"value": read["value"] + 1, "etag": read["etag"]}
                done += twin.call("PATCH", entry("a"), json=body).status_code == 200

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app.call("GET", entry("a")).json()["value"] == 40


def test_increments(app: App) -> None:
    """An increment creates when missing, adds integers only, and clears users and attributes."""
    path = f"{entry('a')}:increment"
    assert app.call("POST", path, json={"amount": 5}).json()["value"] == 5
    assert app.call("POST", path, json={"amount": -7}).json()["value"] == -2
    app.call("PATCH", entry("a"), json={"value": 1, "users": ["users/1"], "attributes": {"x": 1}})
    found = app.call("POST", path, json={"amount": 1, "attributes": {"y": 2}}).json()
    assert (found["users"], found["attributes"]) == ([], {"y": 2})
    for amount in (1.5, "1", None):
        assert error(app.call("POST", path, json={"amount": amount})) == (400, "INVALID_ARGUMENT")
    create(app, "text", "five")
    answer = app.call("POST", f"{entry('text')}:increment", json={"amount": 1})
    assert error(answer) == (400, "INVALID_ARGUMENT")


def test_a_deleted_entry_is_gone_in_two_steps(cloud: Sandbox, app: App) -> None:
    """Deleted: 404, its revisions readable for 30 days, then nothing."""
    revision = create(app, "a", 1).json()["revisionId"]
    assert app.call("DELETE", entry("a")).status_code == 200
    assert error(app.call("DELETE", entry("a"))) == (404, "NOT_FOUND")
    assert error(app.call("GET", entry("a"))) == (404, "NOT_FOUND")
    assert error(app.call("PATCH", entry("a"), json={"value": 2})) == (404, "NOT_FOUND")
    assert app.call("GET", f"{entry('a')}@{revision}").json()["value"] == 1
    revisions = app.call("GET", f"{entry('a')}:listRevisions").json()["dataStoreEntries"]
    assert [each["state"] for each in revisions] == ["DELETED", "ACTIVE"]
    assert app.call("GET", entries(), params={"showDeleted": "true"}).json()["dataStoreEntries"]
    cloud.clock.advance(KEPT_AFTER_DELETION)
    assert error(app.call("GET", f"{entry('a')}@{revision}")) == (404, "NOT_FOUND")
    assert app.call("GET", entries(), params={"showDeleted": "true"}).json() == {
        "dataStoreEntries": []
    }
    assert create(app, "a", 2).json()["revisionId"] > revision


def test_revisions_can_be_read_and_listed(cloud: Sandbox, app: App) -> None:
    """Newest first, without values, in pages; each can be read by its path."""
    made = [create(app, "a", 0).json()]
    for value in range(1, 25):
        cloud.clock.advance(60)
        made.append(app.call("PATCH", entry("a"), json={"value": value}).json())
    listed: list[dict[str, Any]] = []
    params = {"maxPageSize": "7"}
    while True:
        page = app.call("GET", f"{entry('a')}:listRevisions", params=params).json()
        listed += page["dataStoreEntries"]
        if not page.get("nextPageToken"):
            break
        params["pageToken"] = page["nextPageToken"]
    assert [each["revisionId"] for each in listed] == [each["revisionId"] for each in made[::-1]]
    assert all("value" not in each for each in listed)
    assert listed[3]["id"] == f"a@{listed[3]['revisionId']}"
    assert app.call("GET", "/cloud/v2/" + listed[3]["path"]).json()["value"] == 21
    middle = made[10]["revisionCreateTime"]
    bounds = f"revision_create_time >= {middle} && revision_create_time <= {middle}"
    page = app.call("GET", f"{entry('a')}:listRevisions", params={"filter": bounds}).json()
    assert [each["revisionId"] for each in page["dataStoreEntries"]] == [made[10]["revisionId"]]
    wrong = app.call("GET", f"{entry('a')}:listRevisions", params={"filter": "value > 1"})
    assert error(wrong) == (400, "INVALID_ARGUMENT")


def test_a_moment_selects_the_revision_of_then(cloud: Sandbox, app: App) -> None:
    """`@latest:TIMESTAMP` is what the entry was at that moment."""
    create(app, "a", 1)
    between = cloud.clock.advance(60)
    cloud.clock.advance(60)
    app.call("PATCH", entry("a"), json={"value": 2})
    assert app.call("GET", f"{entry('a')}@latest:{rfc3339(between)}").json()["value"] == 1
    assert app.call("GET", f"{entry('a')}@latest").json()["value"] == 2
    early = app.call("GET", f"{entry('a')}@latest:2020-01-01T00:00:00Z")
    assert error(early) == (404, "NOT_FOUND")
    for wrong in ("yesterday", "2026-01-01T00:00:00"):
        assert error(app.call("GET", f"{entry('a')}@latest:{wrong}")) == (400, "INVALID_ARGUMENT")


def test_a_key_with_an_at_sign_needs_latest_to_be_read(app: App) -> None:
    """Writing takes the key as it is; reading it bare looks for a revision of another key."""
    create(app, "mail@example", 1)
    bare = app.call("GET", entry("mail@example"))
    assert error(bare) == (404, "NOT_FOUND")
    assert "@latest" in bare.json()["message"]
    assert app.call("GET", f"{entry('mail@example')}@latest").json()["id"] == "mail@example"


@pytest.mark.parametrize("length", [0, 51])
def test_names_have_up_to_fifty_characters(app: App, length: int) -> None:
    """Keys, scopes and data store names of more or fewer characters are refused."""
    name = "é" * length
    assert error(create(app, name, 1)) == (400, "INVALID_ARGUMENT")
    if length:
        for where in ({"store": name}, {"scope": name}):
            answer = app.call("POST", entries(**where), params={"id": "a"}, json={"value": 1})
            assert error(answer) == (400, "INVALID_ARGUMENT")
        assert error(app.call("GET", entry(name))) == (400, "INVALID_ARGUMENT")


def test_values_have_up_to_four_megabytes(app: App) -> None:
    """4,194,304 bytes of JSON are stored, one more is refused, and far more is not even read."""
    assert create(app, "a", "x" * (4_194_304 - 2)).status_code == 200
    assert error(create(app, "b", "x" * (4_194_304 - 1))) == (400, "INVALID_ARGUMENT")
    assert error(create(app, "b", "x" * 9_000_000)) == (400, "INVALID_ARGUMENT")
    assert len(app.call("GET", entry("a")).json()["value"]) == 4_194_302


def test_attributes_have_up_to_300_characters(app: App) -> None:
    """The attributes count together, as JSON."""
    assert create(app, "a", 1, attributes={"x": "é" * 292}).status_code == 200
    assert error(create(app, "b", 1, attributes={"x": "é" * 293})) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "{",
        '{"value": }',
        '{"value": null}',
        '{"value": 1, "users": "users/1"}',
        '{"value": 1, "users": ["1"]}',
        '{"value": 1, "attributes": []}',
        '{"value": NaN}',
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_entry_is_refused(app: App, body: str | bytes) -> None:
    """400 INVALID_ARGUMENT, and nothing is stored."""
    headers = {"Content-Type": "application/json"}
    answer = app.call("POST", entries(), params={"id": "a"}, data=body, headers=headers)
    assert error(answer) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", entry("a")).status_code == 404


def test_the_connection_survives_a_refused_body(app: App) -> None:
    """A big body that is refused unread leaves the connection usable."""
    answer = app.call(
        "POST", entries(universe="3000004"), params={"id": "a"}, data=b"x" * 5_000_000
    )
    assert answer.status_code == 403
    assert app.call("GET", entries("coins")).status_code == 200


def test_scopes_are_apart(app: App) -> None:
    """The same key in two scopes is two entries."""
    for scope, value in (("global", 1), ("eu", 2)):
        app.call("POST", entries(scope=scope), params={"id": "a"}, json={"value": value})
    assert app.call("GET", entry("a", scope="eu")).json()["value"] == 2
    assert app.call("GET", entry("a")).json()["value"] == 1
