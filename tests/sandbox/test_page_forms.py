"""The page's forms: what they change, what they refuse, and that they act once."""

from __future__ import annotations

import re

import msgspec
import pytest
import requests

from rblx_oauth.sandbox import Sandbox, Settings
from rblx_oauth.sandbox.clock import parse_rfc3339
from tests.sandbox.app import App, entries, entry
from tests.sandbox.page_kit import Parsed, read, said, send

ENTRY = "data-stores/3000001/entry"
NEW = "data-stores/3000001/new"
COINS = {"store": "coins", "scope": "global", "key": "player/1000001"}


def etag(cloud: Sandbox, where: dict[str, str]) -> str:
    """The mark in an entry's form."""
    answer = requests.get(f"{cloud.api_base}/_sandbox/{ENTRY}", where, timeout=10)
    fields = [each for tag, each in Parsed(answer.text).tags if each.get("name") == "etag"]
    return str(fields[0]["value"])


def test_an_entry_is_added_changed_and_deleted(cloud: Sandbox, app: App) -> None:
    """Each change is a revision, with exactly the users and attributes given."""
    where = {"store": "new one", "scope": "a/b", "key": "k?#%2F 😀"}
    path = entry(where["key"], store=where["store"], scope=where["scope"])
    typed = {"value": '{"a": [1, 2.50]}', "users": "1000001, users/2", "attributes": '{"x": 1}'}
    added = send(cloud, NEW, where | typed)
    assert said(added) == "The entry was added."
    first = app.call("GET", path).json()
    assert first["value"] == {"a": [1, 2.5]}
    assert first["users"] == ["users/1000001", "users/2"]
    assert first["attributes"] == {"x": 1}
    saved = send(cloud, ENTRY, where | {"value": "7", "etag": etag(cloud, where)})
    assert said(saved) == "The entry was saved as a new revision."
    second = app.call("GET", path).json()
    assert (second["value"], second.get("users"), second.get("attributes")) == (7, [], {})
    assert second["revisionId"] > first["revisionId"]
    deleted = send(cloud, ENTRY, where | {"action": "delete", "etag": etag(cloud, where)})
    assert said(deleted) == "The entry was deleted."
    assert app.call("GET", path).status_code == 404
    again = send(cloud, ENTRY, where | {"value": '"back"', "etag": etag(cloud, where)})
    assert again.status_code == 200
    assert app.call("GET", path).json()["value"] == "back"


def test_a_value_is_kept_without_what_was_only_laid_out(cloud: Sandbox, app: App) -> None:
    """The form shows JSON over several lines and keeps it on one; numbers stay as written."""
    where = {"store": "s", "scope": "", "key": "k"}
    value = '{"a":[1,2.50,1e3,"\\u00e9"],"b":null}'
    send(cloud, NEW, where | {"value": value})
    page = requests.get(f"{cloud.api_base}/_sandbox/{ENTRY}?store=s&key=k", timeout=10).text
    shown = page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert shown.count("\n") > 5
    unescaped = shown.replace("&#34;", '"')
    send(cloud, ENTRY, where | {"value": unescaped, "etag": etag(cloud, where)})
    v1 = "/datastores/v1/universes/3000001/standard-datastores/datastore/entries/entry"
    raw = app.call("GET", v1, params={"datastoreName": "s", "entryKey": "k"})
    assert raw.text == value


def test_what_somebody_else_changed_is_not_overwritten(cloud: Sandbox, app: App) -> None:
    """409, with what was typed still in the form, and the entry as the other one left it."""
    mark = etag(cloud, COINS)
    path = entry(COINS["key"], store="coins")
    app.call("PATCH", path, json={"value": 1})
    for action in ({"value": "[12345]"}, {"action": "delete"}):
        refused = send(cloud, ENTRY, COINS | {"etag": mark} | action)
        assert refused.status_code == 409
        assert said(refused) == "the entry has changed since you opened it"
        assert action.get("value", "") in refused.text
    assert app.call("GET", path).json()["value"] == 1


@pytest.mark.parametrize(
    ("typed", "status", "word"),
    [
        ({"value": "hello"}, 400, "must be JSON"),
        ({"value": ""}, 400, "needed"),
        ({"value": "null"}, 400, "null"),
        ({"value": "1", "users": "ada"}, 400, "by their id"),
        ({"value": "1", "attributes": "[]"}, 400, "JSON object"),
        ({"value": "1", "attributes": '{"a": "' + "x" * 300 + '"}'}, 400, "300"),
        ({"value": "1", "key": "k" * 51}, 400, "50"),
        ({"value": "1", "key": ""}, 400, "key"),
        ({"value": "1", "store": ""}, 400, "name"),
        ({"value": "1", "scope": "-"}, 400, "scope"),
        ({"value": "1", "store": "coins", "key": "player/1000001"}, 409, "already"),
        ({"value": '"' + "x" * 4_194_304 + '"'}, 400, "4194304"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    cloud: Sandbox, typed: dict[str, str], status: int, word: str
) -> None:
    """By Open Cloud's own limits, with a word about it and what was typed still there."""
    before = cloud.state.data.dump()
    refused = send(cloud, NEW, {"store": "s", "scope": "global", "key": "k"} | typed)
    assert refused.status_code == status
    assert word in said(refused)
    assert typed.get("key", "k") in refused.text
    assert msgspec.json.encode(cloud.state.data.dump()) == msgspec.json.encode(before)


def test_an_entry_of_nowhere_is_not_added(cloud: Sandbox) -> None:
    """404 for a universe that does not exist, which does not come to exist by it."""
    form = {"store": "s", "key": "k", "value": "1"}
    assert send(cloud, "data-stores/1/new", form).status_code == 404
    assert cloud.state.data.of("1") == {}


def test_a_deleted_data_store_takes_no_entry(cloud: Sandbox, app: App) -> None:
    """Its entries can be looked at, and not be changed until it is undeleted."""
    mark = etag(cloud, COINS)
    app.call("DELETE", "/cloud/v2/universes/3000001/data-stores/coins")
    assert "deleted" in read(cloud, "data-stores/3000001/entries?store=coins").text
    refused = send(cloud, ENTRY, COINS | {"etag": mark, "value": "1"})
    assert (refused.status_code, "deleted" in said(refused)) == (404, True)


def test_what_was_done_is_said_once(cloud: Sandbox) -> None:
    """A redirect leads to a page that says it; reloading that one neither repeats nor says it."""
    form = {"store": "s", "scope": "global", "key": "k", "value": "1"}
    done = send(cloud, NEW, form)
    assert [each.status_code for each in done.history] == [303]
    assert "The entry was added." in done.text
    assert "The entry was added." not in requests.get(done.url, timeout=10).text
    assert len(cloud.state.data.of("3000001")["s"]) == 1
    unknown = requests.get(f"{cloud.api_base}/_sandbox/?done=99", timeout=10)
    assert 'class="notice"' not in unknown.text


def test_notices_that_nobody_reads_do_not_pile_up(cloud: Sandbox) -> None:
    """The oldest are forgotten."""
    form = {"advance": "1"}
    seen = [
        requests.post(
            f"{cloud.api_base}/_sandbox/clock", form, allow_redirects=False, timeout=10
        ).headers["Location"]
        for _ in range(101)
    ]
    assert 'class="notice"' not in requests.get(cloud.api_base + seen[0], timeout=10).text
    assert 'class="notice"' in requests.get(cloud.api_base + seen[1], timeout=10).text


@pytest.mark.parametrize(
    "section", [ENTRY, NEW, "grants", "faults", "clock", "settings", "saved", "reset"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_forms_of_other_sites_change_nothing(
    cloud: Sandbox, app: App, section: str, headers: dict[str, str]
) -> None:
    """403, whatever they send."""
    token = app.login()
    form = COINS | {"value": "0", "name": "f14", "advance": "60", "user": "1000001"}
    form |= {"client": app.client_id, "etag": etag(cloud, COINS)}
    refused = send(cloud, section, form, headers=headers)
    assert refused.status_code == 403
    assert (cloud.clock.offset, len(cloud.faults), cloud.settings) == (0, 0, Settings())
    assert app.userinfo(token).status_code == 200
    assert app.call("GET", entry(COINS["key"], store="coins")).json()["value"] == 25


def test_an_app_is_removed(cloud: Sandbox, app: App, public_app: App) -> None:
    """As the person would in their settings; other apps of theirs stay."""
    mine, others = app.login(), public_app.login()
    page = read(cloud, "grants")
    assert page.text.count("Remove the app") == 2
    answer = send(cloud, "grants", {"user": "1000001", "client": app.client_id})
    assert "1 grant was ended" in said(answer)
    assert "revoked by the person" in answer.text
    assert app.userinfo(mine).status_code == 401
    assert public_app.userinfo(others).status_code == 200
    assert "0 grants were" in said(send(cloud, "grants", {"user": "1000001"}))
    assert public_app.userinfo(others).status_code == 200


def test_the_clock_is_moved(cloud: Sandbox, app: App) -> None:
    """On, to a moment, and back; and what it will bring is listed."""
    token = app.login()
    assert "14 min" in read(cloud, "clock").text
    answer = send(cloud, "clock", {"advance": "900"})
    assert said(answer).startswith("It is 2")
    assert "15 min ahead of the machine" in answer.text
    assert app.userinfo(token).status_code == 401
    send(cloud, "clock", {"set": "2031-02-03T04:05:06"})
    assert 0 <= cloud.clock.now() - parse_rfc3339("2031-02-03T04:05:06Z") < 10
    assert "It is 2031-02-03, 04:05" in said(send(cloud, "clock", {"advance": "0.5"}))
    send(cloud, "clock", {"back": "1"})
    assert cloud.clock.offset == 0


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ({}, "{}"),
        ({"advance": ""}, '{"advance": ""}'),
        ({"advance": "-1"}, '{"advance": -1}'),
        ({"advance": "soon"}, '{"advance": "soon"}'),
        ({"advance": "nan"}, '{"advance": NaN}'),
        ({"advance": "1e300"}, '{"advance": 1e300}'),
        ({"advance": "999999999999"}, '{"advance": 999999999999}'),
        ({"set": "tomorrow"}, '{"set": "tomorrow"}'),
        ({"set": "9999-12-31T00:00"}, '{"set": "9999-12-31T00:00Z"}'),
        ({"set": "1969-12-31T00:00"}, '{"set": "1969-12-31T00:00Z"}'),
    ],
)
def test_the_clock_does_not_move_to_where_nothing_works(
    cloud: Sandbox, form: dict[str, str], body: str
) -> None:
    """400 with a word about it, over the API too, and everything goes on."""
    refused = send(cloud, "clock", form)
    assert refused.status_code == 400
    assert said(refused)
    over_api = requests.post(f"{cloud.api_base}/_sandbox/api/clock", data=body, timeout=10)
    assert over_api.status_code == 400
    assert cloud.clock.offset == 0


def test_settings_are_switched(cloud: Sandbox) -> None:
    """Each has a field and says what it means; what the form holds is what they are."""
    page = read(cloud, "settings")
    names = set(Settings.__struct_fields__)
    assert page.fields == page.labelled == names
    for name in names:
        assert re.search(rf"\b{name}\s+\S.{{20,}}", page.text)
    form = {
        name: str(value)
        for name, value in msgspec.to_builtins(Settings()).items()
        if not isinstance(value, bool)
    }
    changes = {"token_seconds": "60", "rate_limits": "1", "picture": "none", "asset_quotas": "5"}
    answer = send(cloud, "settings", form | changes)
    assert said(answer) == "The settings were saved."
    booleans = {name: False for name in names if isinstance(getattr(Settings(), name), bool)}
    expected = {"token_seconds": 60, "picture": "none", "asset_quotas": 5}
    assert cloud.settings == Settings(**booleans | {"rate_limits": True} | expected)  # type: ignore[arg-type]
    for wrong in ({"token_seconds": "0"}, {"grace_seconds": "soon"}, {"picture": "<b>"}):
        before = msgspec.to_builtins(cloud.settings)
        refused = send(cloud, "settings", form | {"moderation_word": "kept"} | wrong)
        assert refused.status_code == 400
        assert said(refused)
        assert 'value="kept"' in refused.text
        assert msgspec.to_builtins(cloud.settings) == before


def test_a_state_is_saved_and_loaded(cloud: Sandbox, app: App) -> None:
    """What was downloaded makes another sandbox the same; a seed file is added to what is there."""
    token = app.login()
    app.call("POST", entries(), params={"id": "a"}, json={"value": 1})
    href = next(each["href"] for _, each in read(cloud, "saved").tags if "download" in each)
    state = requests.get(f"{cloud.api_base}{href}", timeout=10).content
    send(cloud, "reset", {})
    assert app.userinfo(token).status_code == 401
    seed = b"universes:\n  - {id: 3000009, name: Added, user: 1000001}\n"
    added = send(cloud, "saved", {"how": "add"}, files={"file": ("mine.yaml", seed)})
    assert said(added) == "The file was loaded."
    assert {"3000001", "3000009"} <= set(cloud.state.universes)
    send(cloud, "saved", {"how": "alone"}, files={"file": ("state.json", state)})
    assert app.userinfo(token).status_code == 200
    assert app.call("GET", entry("a")).json()["value"] == 1
    assert "3000009" not in cloud.state.universes


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("", b"", "Choose a file"),
        ("a.json", b"{", "not valid JSON"),
        ("a.yaml", b"users:\n  - name: x\n", "line 2"),
        ("a.yaml", b"nonsense: 1\n", "Unknown section"),
        ("../../a.json", b"\xff", "cannot be read"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(
    cloud: Sandbox, name: str, content: bytes, word: str
) -> None:
    """400, with the line where there is one, and nothing of it is loaded."""
    before = msgspec.json.encode(cloud.state.users)
    files = {"file": (name, content)} if name else {"other": ("", b"")}
    refused = send(cloud, "saved", {"how": "alone"}, files=files)
    assert refused.status_code == 400
    assert word in said(refused)
    assert msgspec.json.encode(cloud.state.users) == before


def test_a_reset_is_asked_for_twice(cloud: Sandbox, app: App) -> None:
    """Looking at the page that asks resets nothing; its button does."""
    token = app.login()
    assert "Reset the sandbox?" in read(cloud, "reset").text
    assert app.userinfo(token).status_code == 200
    assert said(send(cloud, "reset", {})) == "The sandbox is as it began."
    assert app.userinfo(token).status_code == 401


def test_a_fault_that_was_typed_wrong_is_still_typed(cloud: Sandbox) -> None:
    """What was chosen and typed is there to be corrected."""
    form = {"name": "f13", "operation": "get_univers", "times": "3", "options": "retry_after=9"}
    refused = send(cloud, "faults", form)
    assert "the nearest is get_universe" in said(refused)
    for kept in ('value="f13" selected', 'value="get_univers"', 'value="3"', "retry_after=9"):
        assert kept in refused.text
