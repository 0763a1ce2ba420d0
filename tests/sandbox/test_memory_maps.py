"""Memory store sorted maps: order, filters, conflicts and expiry."""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.test_memory_queues import DAY, MEMORY, UNIVERSE, error

MAP = f"{MEMORY}/sorted-maps/things/items"


def put(app: App, key: str, value: object = 1, **more: object) -> requests.Response:
    """Write an item of the test map, whether it is there or not."""
    path = f"{MAP}/{quote(key, safe='')}"
    return app.call("PATCH", path, params={"allowMissing": "true"}, json={"value": value, **more})


def keys(app: App, **query: object) -> list[str]:
    """The ids that a listing of the test map gives, page by page."""
    query = {"maxPageSize": 3} | query
    found: list[str] = []
    while True:
        answer = app.call("GET", MAP, params=query)
        assert answer.status_code == 200, answer.text
        found += [each["id"] for each in answer.json()["items"]]
        query["pageToken"] = answer.json().get("nextPageToken")
        if not query["pageToken"]:
            return found


def test_an_item_lives(app: App) -> None:
    """Created, read, changed in part, and deleted at once."""
    made = app.call(
        "POST", MAP, params={"id": "a/é"}, json={"value": {"x": 1}, "stringSortKey": "s"}
    ).json()
    assert (made["id"], made["value"], made["stringSortKey"]) == ("a/é", {"x": 1}, "s")
    assert made["path"] == (
        f"cloud/v2/universes/{UNIVERSE}/memory-store/sorted-maps/things/items/a%2F%C3%A9"
    )
    path = f"{MAP}/a%2F%C3%A9"
    assert app.call("GET", path).json() == made
    changed = app.call("PATCH", path, json={"numericSortKey": 5}).json()
    assert "stringSortKey" not in changed
    assert (changed["value"], changed["numericSortKey"]) == ({"x": 1}, 5)
    assert changed["expireTime"] == made["expireTime"]
    assert changed["etag"] != made["etag"]
    assert app.call("PATCH", path, json={"value": 2}).json()["numericSortKey"] == 5
    assert app.call("DELETE", path).status_code == 200
    for method in ("GET", "DELETE"):
        assert error(app.call(method, path)) == (404, "NOT_FOUND")


def test_an_item_is_created_once(app: App) -> None:
    """The second create is a 409; an update makes it only when told."""
    assert error(app.call("PATCH", f"{MAP}/a", json={"value": 1})) == (404, "NOT_FOUND")
    assert put(app, "a", 1).json()["value"] == 1
    answer = app.call("POST", MAP, params={"id": "a"}, json={"value": 2})
    assert error(answer) == (409, "ALREADY_EXISTS")
    assert app.call("GET", f"{MAP}/a").json()["value"] == 1
    unsaid = app.call("PATCH", f"{MAP}/b", params={"allowMissing": "true"}, json={})
    assert error(unsaid) == (400, "INVALID_ARGUMENT")


def test_map_items_expire(cloud: Sandbox, app: App) -> None:
    """After their ttl; writing them again with one makes them stay."""
    put(app, "a", ttl="10s")
    put(app, "b", ttl="10s")
    put(app, "b", ttl="100s")
    cloud.clock.advance(10)
    assert keys(app) == ["b"]
    assert error(app.call("GET", f"{MAP}/a")) == (404, "NOT_FOUND")
    assert app.call("POST", MAP, params={"id": "a"}, json={"value": 1}).status_code == 200
    cloud.clock.advance(90)
    assert keys(app) == ["a"]
    assert error(put(app, "a", ttl=f"{46 * DAY}s")) == (400, "INVALID_ARGUMENT")


def test_items_are_listed_by_sort_key_and_key(app: App) -> None:
    """Numbers first, then strings, then those without; one a page by default, 100 at most."""
    for key, sort_key in (
        ("player1", {"numericSortKey": -1}),
        ("player5", {"numericSortKey": 1}),
        ("player4", {"numericSortKey": 1.0}),
        ("player3", {"numericSortKey": 3.14}),
        ("player6", {"stringSortKey": "some"}),
        ("player0", {}),
    ):
        put(app, key, **sort_key)
    order = ["player1", "player4", "player5", "player3", "player6", "player0"]
    assert keys(app) == keys(app, orderBy="id") == order
    assert keys(app, orderBy="id desc", maxPageSize=2) == order[::-1]
    assert len(app.call("GET", MAP).json()["items"]) == 1
    for number in range(110):
        put(app, f"more{number:03}")
    page = app.call("GET", MAP, params={"maxPageSize": 999}).json()["items"]
    assert len(page) == 100
    for wrong in ("value", "id asc desc", "sortKey"):
        answer = app.call("GET", MAP, params={"orderBy": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT")


def test_filters(app: App) -> None:
    """`<` and `>` on id and sortKey, joined by `&&`; strings in quotes; nothing else."""
    for number in range(5):
        put(app, f"n{number}", numericSortKey=number)
        put(app, f"s{number}", stringSortKey=f"k{number}")
        put(app, f"x{number}")
    assert keys(app, filter='id > "n3" && id < "s2"') == ["n4", "s0", "s1"]
    assert keys(app, filter='id>"x2"') == ["x3", "x4"]
    assert keys(app, filter="sortKey > 2") == ["n3", "n4"]
    assert keys(app, filter="sortKey > 1.5 && sortKey < 4e0", orderBy="id desc") == ["n3", "n2"]
    assert keys(app, filter='sortKey < "k2"') == ["s0", "s1"]
    assert keys(app, filter='sortKey > "k3" && id < "s9"') == ["s4"]
    assert keys(app, filter='sortKey > "k" && sortKey < 3') == []
    assert keys(app, filter="sortKey > 1 && sortKey > 3") == ["n4"]
    put(app, 'say "&&" > 1')
    assert keys(app, filter=r'id > "say \"&&\"" && id < "say~"') == ['say "&&" > 1']
    for wrong in (
        "id >= 1",
        "id > 1",
        'id == "a"',
        'id > "a" ||',
        'id > "a" &&',
        'id > "a" id < "b"',
        "sortKey > x",
        "sortKey > 1.2.3",
        "value > 1",
        '"a" < id',
    ):
        answer = app.call("GET", MAP, params={"filter": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT"), wrong


def test_a_token_belongs_to_its_listing(app: App) -> None:
    """Another filter, order or map midway is refused; the page size may change."""
    for number in range(5):
        put(app, f"n{number}", numericSortKey=number / 3)
    token = app.call("GET", MAP, params={"maxPageSize": 2}).json()["nextPageToken"]
    rest = app.call("GET", MAP, params={"pageToken": token, "maxPageSize": 9}).json()
    assert [each["id"] for each in rest["items"]] == ["n2", "n3", "n4"]
    for wrong in ({"filter": "sortKey > 0"}, {"orderBy": "id desc"}):
        answer = app.call("GET", MAP, params={"pageToken": token} | wrong)
        assert error(answer) == (400, "INVALID_ARGUMENT")
    other = app.call("GET", MAP.replace("things", "leaderboard"), params={"pageToken": token})
    assert error(other) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("seed", range(3))
def test_listing_agrees_with_a_plain_model(app: App, seed: int) -> None:
    """Random items, filters and page sizes, as in a list that is sorted and searched anew."""
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    model: dict[str, tuple[int, float, str]] = {}
    for _ in range(60):
        key = "".join(chance.choices("abc", k=chance.randint(1, 2)))
        kind = chance.randint(0, 2)
        number, string = float(chance.randint(-2, 2)), chance.choice(("a", "ab", "b"))
        sort_key = ({"numericSortKey": number}, {"stringSortKey": string}, {})[kind]
        app.call("DELETE", f"{MAP}/{key}")
        put(app, key, **sort_key)
        model[key] = ((0, number, ""), (1, 0.0, string), (2, 0.0, ""))[kind]
    for _ in range(15):
        low, high = chance.choices("abc", k=2)
        bound = chance.choice((-1, 0, 1, "a", "ab"))
        terms, wanted = [], sorted((place, key) for key, place in model.items())
        if chance.random() < 0.7:
            terms += [f'id > "{low}"', f'id < "{high}"']
            wanted = [each for each in wanted if low < each[1] < high]
        if chance.random() < 0.5:
            terms.append(f'sortKey > "{bound}"' if isinstance(bound, str) else f"sortKey > {bound}")
            kind = 1 if isinstance(bound, str) else 0
            wanted = [
                each
                for each in wanted
                if each[0][0] == kind and each[0][2 if kind else 1] > bound  # type: ignore[operator]
            ]
        descending = chance.random() < 0.5
        found = keys(
            app,
            filter=" && ".join(terms),
            orderBy="id desc" if descending else "",
            maxPageSize=chance.choice((1, 2, 100)),
        )
        assert found == [key for _, key in (wanted[::-1] if descending else wanted)]


def test_wrong_items_are_refused(app: App) -> None:
    """Ids of 1 to 127 characters, one sort key of a kind, sort keys of up to 128 characters."""
    for key in ("", "x" * 128):
        answer = app.call("POST", MAP, params={"id": key}, json={"value": 1})
        assert error(answer) == (400, "INVALID_ARGUMENT")
    assert error(app.call("GET", f"{MAP}/{'x' * 128}")) == (400, "INVALID_ARGUMENT")
    assert put(app, "x" * 127).status_code == 200
    for wrong in (
        {"stringSortKey": "a", "numericSortKey": 1},
        {"stringSortKey": "x" * 129},
        {"stringSortKey": 1},
        {"numericSortKey": "1"},
        {"ttl": "0s"},
    ):
        assert error(put(app, "a", **wrong)) == (400, "INVALID_ARGUMENT")
    assert put(app, "a", stringSortKey="x" * 128).status_code == 200
