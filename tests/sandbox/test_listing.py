"""Listing: pages, filters, tokens, and speed with many entries."""

from __future__ import annotations

import random
import time
from typing import Any

import msgspec
import pytest

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App, entries, entry


def walk(app: App, path: str, field: str = "dataStoreEntries", **params: str) -> list[list[Any]]:
    """Every page of a listing."""
    pages = []
    while True:
        answer = app.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()[field])
        token = answer.json().get("nextPageToken")
        if not token:
            return pages
        params["pageToken"] = token


def ids(pages: list[list[Any]]) -> list[str]:
    """The ids of all pages, in order."""
    return [each["id"] for page in pages for each in page]


def put(cloud: Sandbox, key: str, value: bytes = b"1", scope: str = "global") -> None:
    """Write an entry without going over HTTP."""
    cloud.state.data.write("3000001", "things", scope, key, msgspec.Raw(value))


def test_ten_a_page_unless_asked_for_more(app: App) -> None:
    """The default is 10 and the most is 256; zero is the default, a wrong size is refused."""
    assert [len(page) for page in walk(app, entries("coins"))] == [10] * 6
    assert [len(page) for page in walk(app, entries("coins"), maxPageSize="0")] == [10] * 6
    assert [len(page) for page in walk(app, entries("coins"), maxPageSize="25")] == [25, 25, 10]
    for number in range(300):
        put(app.cloud, f"k{number}")
    assert [len(page) for page in walk(app, entries(), maxPageSize="9999")] == [256, 44]
    for wrong in ("-1", "ten", "1.5", "²"):
        answer = app.call("GET", entries("coins"), params={"maxPageSize": wrong})
        assert answer.json()["code"] == "INVALID_ARGUMENT"


def test_a_listing_names_entries_only(app: App) -> None:
    """Only path and id are filled, and the path leads to the entry."""
    (first, *_), *_ = walk(app, entries("profiles"), filter='id.startsWith("a/")')
    assert first == {
        "path": "universes/3000001/data-stores/profiles/scopes/global/entries/"
        "a%2Fb%23c%3Fd%20e%252F",
        "id": "a/b#c?d e%2F",
    }
    assert app.call("GET", f"/cloud/v2/{first['path']}").json()["id"] == first["id"]


def test_a_prefix_filters(app: App) -> None:
    """`id.startsWith` takes a quoted string with escapes, and nothing else is understood."""
    found = ids(walk(app, entries("coins"), filter='id.startsWith("player/100000")'))
    assert found == [f"player/100000{digit}" for digit in range(1, 10)]
    put(app.cloud, 'say "hi"')
    assert ids(walk(app, entries(), filter=r'id.startsWith("say \"")')) == ['say "hi"']
    for wrong in (
        "id == 'a'",
        'id.startsWith("a',
        'id.startsWith("a") || true',
        r'id.startsWith("\q")',
    ):
        answer = app.call("GET", entries("coins"), params={"filter": wrong})
        assert answer.json()["code"] == "INVALID_ARGUMENT", wrong


def test_changing_the_filter_midway_is_refused(app: App) -> None:
    """A page token belongs to its filter, scope, store and showDeleted; the size may change."""
    token = app.call("GET", entries("coins")).json()["nextPageToken"]
    changed = [
        (entries("coins"), {"filter": 'id.startsWith("p")'}),
        (entries("coins"), {"showDeleted": "true"}),
        (entries("profiles"), {}),
        (entries("coins", scope="-"), {}),
    ]
    for path, params in changed:
        answer = app.call("GET", path, params={"pageToken": token} | params)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    bigger = app.call("GET", entries("coins"), params={"pageToken": token, "maxPageSize": "50"})
    assert len(bigger.json()["dataStoreEntries"]) == 50
    for wrong in ("nonsense", "é", token[:-3], "WyJhIl0="):
        answer = app.call("GET", entries("coins"), params={"pageToken": wrong})
        assert answer.json()["code"] == "INVALID_ARGUMENT", wrong


def test_scope_dash_lists_all_scopes(app: App) -> None:
    """`-` walks every scope, over page borders, and paths carry the real scope."""
    for scope in ("a", "b", "c"):
        for number in range(15):
            put(app.cloud, f"{number:02}", scope=scope)
    pages = walk(app, entries(scope="-"))
    found = [each["path"].split("/")[5] + each["id"] for page in pages for each in page]
    assert found == [f"{scope}{number:02}" for scope in "abc" for number in range(15)]


def test_a_missing_store_lists_nothing(app: App) -> None:
    """A store or scope that holds nothing is an empty list, not an error."""
    assert walk(app, entries("none")) == [[]]
    assert walk(app, entries("coins", scope="none")) == [[]]


def test_entries_that_come_and_go_do_not_upset_a_walk(app: App) -> None:
    """What stays is listed exactly once though others are added and deleted meanwhile."""
    first = app.call("GET", entries("coins")).json()
    app.call("DELETE", entry(first["dataStoreEntries"][-1]["id"], store="coins"))
    app.call("POST", entries("coins"), params={"id": "aaa"}, json={"value": 1})
    rest = walk(app, entries("coins"), pageToken=first["nextPageToken"])
    found = ids([first["dataStoreEntries"], *rest])
    assert found == [f"player/{1000000 + number}" for number in range(1, 61)]


def test_an_empty_page_with_a_token_is_not_the_end(app: App) -> None:
    """Many deleted entries in a row give short or empty pages that lead on."""
    data = app.cloud.state.data
    for number in range(2500):
        put(app.cloud, f"{number:04}")
        if number not in (0, 2499):
            found = data.find("3000001", "things", "global", f"{number:04}")
            assert found
            data.delete(found)
    pages = walk(app, entries())
    assert ids(pages) == ["0000", "2499"]
    assert [] in pages[:-1]


@pytest.mark.parametrize("seed", range(5))
def test_listing_agrees_with_a_plain_model(app: App, seed: int) -> None:
    """After random writes and deletes, every prefix, page size and showDeleted is as in a dict."""
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    model: dict[str, bool] = {}
    data = app.cloud.state.data
    for _ in range(300):
        key = "".join(chance.choices("ab/é😀 ", k=chance.randint(1, 4)))
        if chance.random() < 0.7:
            put(app.cloud, key)
            model[key] = True
        elif model.get(key):
            found = data.find("3000001", "things", "global", key)
            assert found
            data.delete(found)
            model[key] = False
    for _ in range(12):
        prefix = "".join(chance.choices("ab/é😀 ", k=chance.randint(0, 2)))
        deleted = chance.random() < 0.5
        wanted = sorted(
            key for key, alive in model.items() if key.startswith(prefix) and (alive or deleted)
        )
        found = ids(
            walk(
                app,
                entries(),
                filter=f"id.startsWith({msgspec.json.encode(prefix).decode()})",
                showDeleted=str(deleted).lower(),
                maxPageSize=str(chance.choice((1, 3, 10, 256))),
            )
        )
        assert found == wanted


def test_data_stores_are_listed(app: App) -> None:
    """A universe's stores come sorted, in pages, with a prefix filter."""
    base = "/cloud/v2/universes/3000001/data-stores"
    (page,) = walk(app, base, "dataStores")
    assert [each["id"] for each in page] == ["coins", "profiles"]
    assert page[0]["path"] == "universes/3000001/data-stores/coins"
    assert page[0]["state"] == "ACTIVE"
    assert ids(walk(app, base, "dataStores", maxPageSize="1")) == ["coins", "profiles"]
    assert ids(walk(app, base, "dataStores", filter='id.startsWith("p")')) == ["profiles"]
    token = app.call("GET", base, params={"maxPageSize": "1"}).json()["nextPageToken"]
    answer = app.call("GET", base, params={"pageToken": token, "filter": 'id.startsWith("p")'})
    assert answer.json()["code"] == "INVALID_ARGUMENT"


def test_a_hundred_thousand_entries_do_not_slow_it(app: App) -> None:
    """With 100,000 entries a read and a page in the middle take as long as with 100."""
    cloud = app.cloud
    keys = [f"player/{number:06}" for number in range(100_000)]
    random.Random(1).shuffle(keys)

    def seconds(method: str, path: str, **more: object) -> float:
        times = []
        for _ in range(20):
            start = time.perf_counter()
            assert app.call(method, path, **more).status_code == 200
            times.append(time.perf_counter() - start)
        return min(times)

    for key in keys[:100]:
        put(cloud, key)
    middle = {"filter": 'id.startsWith("player/05")', "maxPageSize": "10"}
    read, page = seconds("GET", entry(keys[0])), seconds("GET", entries(), params=middle)
    for key in keys[100:]:
        put(cloud, key)
    # Three times leaves room for a busy machine; a scan would be hundreds of times slower.
    assert seconds("GET", entry(keys[0])) < 3 * read + 0.002
    assert seconds("GET", entries(), params=middle) < 3 * page + 0.002
