"""The first version of data stores: metadata in headers, the same entries as v2."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
import requests

from rblx_oauth import Client, api, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION
from tests.sandbox.app import App, entries, entry
from tests.sandbox.documented import client

__all__ = ["client"]

UNIVERSE = 3000001
STORES = f"/datastores/v1/universes/{UNIVERSE}/standard-datastores"
ENTRY = f"{STORES}/datastore/entries/entry"
VERSIONS = f"{ENTRY}/versions"


def at(key: str = "a", **more: object) -> dict[str, Any]:
    """The query of an entry in the test store."""
    return {"datastoreName": "things", "entryKey": key} | more


def put(
    app: App, value: object, key: str = "a", headers: dict[str, str] | None = None, **query: object
) -> requests.Response:
    """Set an entry in the test store."""
    body = json.dumps(value).encode()
    return app.call("POST", ENTRY, params=at(key, **query), data=body, headers=headers or {})


def error(answer: requests.Response) -> tuple[int, str, str]:
    """Status, code and the data stores' own code of a refusal."""
    body = answer.json()
    (detail,) = body["errorDetails"]
    assert detail["errorDetailType"] == "DatastoreErrorInfo"
    assert body["message"]
    return answer.status_code, body["error"], detail["datastoreErrorCode"]


def pages(app: App, path: str, field: str, **query: object) -> list[list[Any]]:
    """Every page of a listing."""
    found = []
    while True:
        answer = app.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[field])
        query["cursor"] = answer.json()["nextPageCursor"]
        if not query["cursor"]:
            return found


def test_a_set_entry_can_be_read_in_both_versions(app: App) -> None:
    """The body is the value alone; version, times, users and attributes come in headers."""
    headers = {"roblox-entry-userids": "[1, 22]", "roblox-entry-attributes": '{"kind": "\\u00e9"}'}
    made = put(app, {"a": [1, None]}, headers=headers).json()
    assert made["deleted"] is False
    assert made["contentLength"] == len('{"a": [1, null]}')
    read = app.call("GET", ENTRY, params=at())
    assert read.content == b'{"a": [1, null]}'
    assert read.headers["Content-Type"] == "application/json"
    digest = hashlib.md5(read.content, usedforsecurity=False).digest()
    assert read.headers["content-md5"] == base64.b64encode(digest).decode()
    assert read.headers["roblox-entry-version"] == made["version"]
    assert read.headers["roblox-entry-created-time"] == made["objectCreatedTime"]
    assert read.headers["roblox-entry-version-created-time"] == made["createdTime"]
    assert json.loads(read.headers["roblox-entry-userids"]) == [1, 22]
    assert json.loads(read.headers["roblox-entry-attributes"]) == {"kind": "é"}
    newer = app.call("GET", entry("a")).json()
    assert newer["revisionId"] == made["version"]
    assert newer["users"] == ["users/1", "users/22"]
    assert newer["attributes"] == {"kind": "é"}
    app.call("PATCH", entry("a"), json={"value": "new", "users": ["users/3"]})
    again = app.call("GET", ENTRY, params=at())
    assert (again.json(), again.headers["roblox-entry-userids"]) == ("new", "[3]")


@pytest.mark.parametrize("written", ["1,22", "1 , 22", "[1,22]", "[ 1 , 22 ]"])
def test_users_are_taken_with_and_without_brackets(app: App, written: str) -> None:
    """Ids with commas, as documented, and a JSON array, as clients send it."""
    assert put(app, 1, headers={"roblox-entry-userids": written}).status_code == 200
    assert app.call("GET", entry("a")).json()["users"] == ["users/1", "users/22"]


def test_what_is_left_out_is_cleared(app: App) -> None:
    """A set and an increment without users and attributes leave none."""
    headers = {"roblox-entry-userids": "1", "roblox-entry-attributes": '{"x": 1}'}
    for increment in (False, True):
        put(app, 1, headers=headers)
        if increment:
            answer = app.call("POST", f"{ENTRY}/increment", params=at(incrementBy=1))
        else:
            answer = put(app, 2)
        assert answer.status_code == 200
        read = app.call("GET", ENTRY, params=at())
        assert read.headers["roblox-entry-userids"] == "[]"
        assert read.headers["roblox-entry-attributes"] == "{}"


def test_a_checksum_is_checked(app: App) -> None:
    """A `content-md5` that is not the body's is refused, and nothing is stored."""
    good = base64.b64encode(hashlib.md5(b"1", usedforsecurity=False).digest()).decode()
    for wrong in ("nonsense", "MQ==", good[::-1], "é"):
        answer = put(app, 1, headers={"content-md5": wrong.encode("latin-1")})  # type: ignore[dict-item]
        assert error(answer) == (400, "INVALID_ARGUMENT", "ChecksumMismatch")
    missing = app.call("GET", ENTRY, params=at(datastoreName="coins"))
    assert error(missing) == (404, "NOT_FOUND", "EntryNotFound")
    assert put(app, 1, headers={"content-md5": good}).status_code == 200


@pytest.mark.parametrize("value", ["first", 1, [1], {"a": 1}], ids=str)
def test_an_exclusive_create_does_not_overwrite(app: App, value: object) -> None:
    """412 with the entry as it is; a deleted one is created again."""
    put(app, value, headers={"roblox-entry-userids": "7"})
    answer = put(app, "second", exclusiveCreate="true")
    assert (answer.status_code, answer.json()) == (412, value)
    assert answer.headers["roblox-entry-userids"] == "[7]"
    app.call("DELETE", ENTRY, params=at())
    assert put(app, "third", exclusiveCreate="True").status_code == 200
    (refused,) = app.cloud.requests.matching(operation="set_entry_v1", status=412)
    assert refused.reason.startswith("ABORTED: ")


def test_a_version_guards_a_set(app: App) -> None:
    """Only the current `matchVersion` is overwritten, and it excludes `exclusiveCreate`."""
    version = put(app, 1).json()["version"]
    assert put(app, 2, matchVersion=version).status_code == 200
    stale = put(app, 3, matchVersion=version)
    assert (stale.status_code, stale.json()) == (412, 2)
    missing = put(app, 3, key="b", matchVersion=version)
    assert missing.status_code == 412
    both = put(app, 3, matchVersion=version, exclusiveCreate="true")
    word = "ExclusiveCreateAndMatchVersionCannotBeSet"
    assert error(both) == (400, "INVALID_ARGUMENT", word)


def test_increments(app: App) -> None:
    """From nothing, up, down, of numbers only, and not beyond 64 bits."""
    path = f"{ENTRY}/increment"
    first = app.call("POST", path, params=at(incrementBy=5))
    assert first.json() == 5
    second = app.call("POST", path, params=at(incrementBy=-7))
    assert second.json() == -2
    assert second.headers["roblox-entry-version"] > first.headers["roblox-entry-version"]
    for wrong in ("", "1.5", "one"):
        assert app.call("POST", path, params=at(incrementBy=wrong)).status_code == 400
    put(app, "text")
    answer = app.call("POST", path, params=at(incrementBy=1))
    assert error(answer) == (400, "INVALID_ARGUMENT", "ExistingValueNotNumeric")
    for edge, amount, word in (
        (2**63 - 1, 1, "IncrementValueTooLarge"),
        (-(2**63), -1, "IncrementValueTooSmall"),
    ):
        put(app, edge)
        answer = app.call("POST", path, params=at(incrementBy=amount))
        assert error(answer) == (400, "INVALID_ARGUMENT", word)
        assert app.call("GET", ENTRY, params=at()).json() == edge


def test_a_deleted_entry_is_empty_for_thirty_days(cloud: Sandbox, app: App) -> None:
    """Reading it is a 204, its versions stay, a second delete adds none; then it is gone."""
    version = put(app, 1).json()["version"]
    for _ in range(2):
        assert app.call("DELETE", ENTRY, params=at()).status_code == 204
    read = app.call("GET", ENTRY, params=at())
    assert (read.status_code, read.content) == (204, b"")
    (found,) = pages(app, VERSIONS, "versions", **at())
    assert [each["deleted"] for each in found] == [False, True]
    assert app.call("GET", f"{VERSIONS}/version", params=at(versionId=version)).json() == 1
    tombstone = app.call("GET", f"{VERSIONS}/version", params=at(versionId=found[1]["version"]))
    assert error(tombstone) == (404, "NOT_FOUND", "VersionNotFound")
    (keys,) = pages(app, f"{STORES}/datastore/entries", "keys", datastoreName="things")
    assert keys == [{"scope": "global", "key": "a"}]
    cloud.clock.advance(KEPT_AFTER_DELETION)
    for call in (("GET", ENTRY), ("DELETE", ENTRY), ("GET", VERSIONS)):
        assert error(app.call(*call, params=at())) == (404, "NOT_FOUND", "EntryNotFound")
    assert pages(app, f"{STORES}/datastore/entries", "keys", datastoreName="things") == [[]]


def test_keys_are_listed_in_pages(app: App) -> None:
    """16 a page unless told, with prefix, in one scope or all; a cursor belongs to its listing."""
    path, coins = f"{STORES}/datastore/entries", {"datastoreName": "coins"}
    assert [len(page) for page in pages(app, path, "keys", **coins)] == [16, 16, 16, 12]
    found = pages(app, path, "keys", limit=7, prefix="player/100000", **coins)
    keys = [each["key"] for page in found for each in page]
    assert keys == [f"player/100000{digit}" for digit in range(1, 10)]
    for scope in ("b", "a"):
        put(app, 1, scope=scope)
    everything = pages(app, path, "keys", datastoreName="things", allScopes="true", limit=1)
    assert everything == [[{"scope": "a", "key": "a"}], [{"scope": "b", "key": "a"}]]
    assert pages(app, path, "keys", datastoreName="things", scope="b") == [
        [{"scope": "b", "key": "a"}]
    ]
    assert pages(app, path, "keys", datastoreName="things") == [[]]
    cursor = app.call("GET", path, params=coins).json()["nextPageCursor"]
    for wrong in ({"cursor": "x"}, {"cursor": cursor, "prefix": "p"}):
        answer = app.call("GET", path, params=coins | wrong)
        assert error(answer) == (400, "INVALID_ARGUMENT", "InvalidCursor")
    missing = app.call("GET", path, params={"datastoreName": "none"})
    assert error(missing) == (404, "NOT_FOUND", "DatastoreNotFound")


def test_stores_are_listed_one_a_page_unless_told(app: App) -> None:
    """Roblox's default is one; deleted stores are left out."""
    found = pages(app, STORES, "datastores")
    assert [[each["name"] for each in page] for page in found] == [["coins"], ["profiles"]]
    assert found[0][0]["createdTime"].endswith("Z")
    (page,) = pages(app, STORES, "datastores", prefix="p", limit=50)
    assert [each["name"] for each in page] == ["profiles"]
    app.call("DELETE", f"/cloud/v2/universes/{UNIVERSE}/data-stores/profiles")
    (page,) = pages(app, STORES, "datastores", limit=50)
    assert [each["name"] for each in page] == ["coins"]
    for path in (ENTRY, VERSIONS, f"{STORES}/datastore/entries"):
        answer = app.call("GET", path, params=at(datastoreName="profiles"))
        assert error(answer) == (404, "NOT_FOUND", "DatastoreNotFound")


def test_versions_are_listed_in_either_order_and_by_time(cloud: Sandbox, app: App) -> None:
    """Oldest first unless told; both ends of a span of time are included."""
    made = []
    for value in range(20):
        made.append(put(app, value).json())
        cloud.clock.advance(60)
    found = pages(app, VERSIONS, "versions", **at())
    assert [len(page) for page in found] == [16, 4]
    assert [each for page in found for each in page] == made
    found = pages(app, VERSIONS, "versions", **at(sortOrder="Descending", limit=6))
    assert [each for page in found for each in page] == made[::-1]
    span = {"startTime": made[3]["createdTime"], "endTime": made[5]["createdTime"]}
    (page,) = pages(app, VERSIONS, "versions", **at(**span))
    assert page == made[3:6]
    (page,) = pages(app, VERSIONS, "versions", **at(endTime=rfc3339(0)))
    assert page == []


@pytest.mark.parametrize(
    ("method", "path", "query", "word"),
    [
        ("GET", ENTRY, {"datastoreName": None}, "InvalidDataStoreName"),
        ("GET", ENTRY, {"datastoreName": "x" * 51}, "InvalidDataStoreName"),
        ("GET", ENTRY, {"entryKey": None}, "InvalidEntryKey"),
        ("GET", ENTRY, {"entryKey": "x" * 51}, "InvalidEntryKey"),
        ("GET", ENTRY, {"scope": "x" * 51}, "InvalidDataStoreScope"),
        ("GET", f"{VERSIONS}/version", {}, "InvalidVersionId"),
        ("GET", f"{VERSIONS}/version", {"versionId": "x"}, "InvalidVersionId"),
        ("GET", VERSIONS, {"limit": "0"}, "InvalidLimit"),
        ("GET", VERSIONS, {"limit": "ten"}, "InvalidLimit"),
        ("GET", VERSIONS, {"startTime": "noon"}, "InvalidStartTime"),
        ("GET", VERSIONS, {"endTime": "noon"}, "InvalidEndTime"),
        ("GET", VERSIONS, {"sortOrder": "Up"}, "InvalidSortOrder"),
        ("GET", f"{STORES}/datastore/entries", {"allScopes": "perhaps"}, "Unknown"),
        ("POST", f"{ENTRY}/increment", {"incrementBy": "1.5"}, "Unknown"),
    ],
)
def test_a_wrong_parameter_is_named(
    app: App, method: str, path: str, query: dict[str, Any], word: str
) -> None:
    """400, with the data stores' own code for what is wrong."""
    put(app, 1)
    answer = app.call(method, path, params=at() | query)
    assert error(answer) == (400, "INVALID_ARGUMENT", word)


@pytest.mark.parametrize(
    ("body", "headers", "word"),
    [
        (b"{", {}, "ContentNotJson"),
        (b"", {}, "ContentNotJson"),
        (b"null", {}, "ContentNotJson"),
        (b'"\xff"', {}, "ContentNotJson"),
        (b"1e999", {}, "ContentNotJson"),
        (b"[" * 5000 + b"]" * 5000, {}, "ContentNotJson"),
        (b'"' + b"x" * 4_194_303 + b'"', {}, "ContentTooBig"),
        (b"x" * 9_000_000, {}, "ContentTooBig"),
        (b"1", {"roblox-entry-userids": "one"}, "InvalidUserIds"),
        (b"1", {"roblox-entry-userids": "[1"}, "InvalidUserIds"),
        (b"1", {"roblox-entry-userids": "1,2,3,4,5"}, "InvalidUserIds"),
        (b"1", {"roblox-entry-userids": "1,"}, "InvalidUserIds"),
        (b"1", {"roblox-entry-attributes": "[]"}, "InvalidAttributes"),
        (b"1", {"roblox-entry-attributes": "{"}, "InvalidAttributes"),
        (b"1", {"roblox-entry-attributes": json.dumps({"x": "y" * 300})}, "InvalidAttributes"),
    ],
)
def test_a_wrong_body_or_header_is_named(
    app: App, body: bytes, headers: dict[str, str], word: str
) -> None:
    """400, with the data stores' own code, and nothing is stored."""
    answer = app.call("POST", ENTRY, params=at(), data=body, headers=headers)
    assert error(answer) == (400, "INVALID_ARGUMENT", word)
    assert app.call("GET", ENTRY, params=at()).status_code == 404


def test_credentials_and_universes_are_told_apart_in_its_own_shape(app: App) -> None:
    """A universe of others is 403 Forbidden; a token is the gateway's 401."""
    other = ENTRY.replace(str(UNIVERSE), "3000004")
    assert error(app.call("GET", other, params=at())) == (403, "PERMISSION_DENIED", "Forbidden")
    assert "errors" in app.call("GET", ENTRY, app.login(), params=at()).json()


def test_a_universe_reads_and_writes_300_times_a_minute(cloud: Sandbox, app: App) -> None:
    """Each is a 429 beyond; other universes, and the second version, are not held up."""
    for method, query in (("POST", at(incrementBy=1)), ("GET", at())):
        path = f"{ENTRY}/increment" if method == "POST" else ENTRY
        answers = [app.call(method, path, params=query) for _ in range(301)]
        assert {each.status_code for each in answers[:300]} == {200}
        assert error(answers[-1]) == (429, "RESOURCE_EXHAUSTED", "TooManyRequests")
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].headers["x-ratelimit-remaining"] == "0"
    assert app.call("GET", entry("a")).json()["value"] == 300
    other = ENTRY.replace(str(UNIVERSE), "3000002")
    assert app.call("GET", other, params=at("player/1000001", datastoreName="coins")).json() == 25
    cloud.clock.advance(60)
    assert app.call("GET", ENTRY, params=at()).status_code == 200


def test_a_universe_writes_ten_megabytes_a_minute_and_reads_twenty(app: App) -> None:
    """Values count as long as they are; what would be too much is not written."""
    big = "x" * 4_000_000
    answers = [put(app, big, key=key) for key in "abc"]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert put(app, 1, key="small").status_code == 200
    answers = [app.call("GET", ENTRY, params=at("b")) for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 5 + [429]
    app.cloud.settings.rate_limits = False
    assert put(app, big, key="c").status_code == 200


def test_this_librarys_calls(client: Client, cloud: Sandbox) -> None:
    """All eight operations, as the generated functions send and read them."""
    v1 = api.data_stores_v1
    here: Any = {"universe_id": UNIVERSE, "data_store_name": "things", "entry_key": "é/?&"}
    made = client.send(
        v1.set_entry_v1(**here, value={"a": "é"}, users=[7], attributes={"x": "é"}, scope="s")
    )
    read = client.send(v1.get_entry_v1(**here, scope="s"))
    assert read == {"a": "é"}
    assert client.send(v1.increment_entry_v1(**here, increment_by=3)) == 3
    with pytest.raises(errors.Conflict):
        client.send(v1.set_entry_v1(**here, value=1, exclusive_create=True))
    versions = client.send(v1.list_entry_versions_v1(**here, scope="s")).items
    assert [each.version for each in versions] == [made.version]
    old = client.send(v1.get_entry_version_v1(**here, version_id=made.version, scope="s"))
    assert old == {"a": "é"}
    keys = client.send(
        v1.list_entries_v1(universe_id=UNIVERSE, data_store_name="things", all_scopes=True)
    )
    assert [(each.scope, each.key) for each in keys.items] == [("global", "é/?&"), ("s", "é/?&")]
    stores = client.send(v1.list_data_stores_v1(universe_id=UNIVERSE, limit=9))
    assert [each.name for each in stores.items] == ["coins", "profiles", "things"]
    assert stores.items[0].created_at is not None
    client.send(v1.delete_entry_v1(**here))
    with pytest.raises(errors.NotFound):
        client.send(v1.get_entry_v1(**here))
    assert cloud.count(operation="get_entry_v1", status=204) == 1


def test_the_second_version_lists_what_the_first_wrote(app: App) -> None:
    """One model serves both."""
    put(app, 1, key="from v1")
    found = app.call("GET", entries()).json()["dataStoreEntries"]
    assert [each["id"] for each in found] == ["from v1"]
