"""Memory stores: queues, sorted maps, expiry and flushing."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests

from rblx_oauth import Client, api, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.clock import parse_rfc3339
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

UNIVERSE = 3000001
MEMORY = f"/cloud/v2/universes/{UNIVERSE}/memory-store"
QUEUE = f"{MEMORY}/queues/things/items"
MAP = f"{MEMORY}/sorted-maps/things/items"
DAY = 86_400


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.json()["message"]
    return answer.status_code, answer.json()["code"]


def add(app: App, data: object, **more: object) -> dict[str, Any]:
    """Put an item into the test queue."""
    answer = app.call("POST", QUEUE, json={"data": data, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def read(app: App, **query: object) -> tuple[list[Any], str]:
    """What a read of the test queue gives, and its id."""
    answer = app.call("GET", f"{QUEUE}:read", params=query)
    assert answer.status_code == 200, answer.text
    return [each["data"] for each in answer.json()["items"]], answer.json()["readId"]


def discard(app: App, read_id: object) -> requests.Response:
    """Discard what a read gave."""
    return app.call("POST", f"{QUEUE}:discard", json={"readId": read_id})


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


# --- queues


def test_a_queue_gives_items_in_their_order(app: App) -> None:
    """Higher priority first, then as they came; each with a path and a time it is gone."""
    for data, priority in (("low", -1), ("b", None), ("a", 0), ("high", 2.5), ("top", 2.6)):
        made = add(app, data, priority=priority)
    assert (
        made["path"]
        == f"cloud/v2/universes/{UNIVERSE}/memory-store/queues/things/items/" + (made["id"])
    )
    assert "ttl" not in made
    assert read(app, count=9)[0] == ["top", "high", "b", "a", "low"]


def test_a_read_gives_one_item_unless_told(app: App) -> None:
    """1 by default and for 0, 200 at most, fewer where there are fewer."""
    for number in range(203):
        add(app, number)
    assert read(app)[0] == [0]
    assert read(app, count=0)[0] == [1]
    assert len(read(app, count=500)[0]) == 200
    assert read(app, count=5)[0] == [202]
    assert read(app, count=5)[0] == []
    for wrong in ("-1", "many", "1.5"):
        answer = app.call("GET", f"{QUEUE}:read", params={"count": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT")


def test_what_was_read_is_hidden_for_a_while(cloud: Sandbox, app: App) -> None:
    """30 seconds unless told; then it shows again, where it was."""
    for data in "abc":
        add(app, data)
    assert read(app, count=2)[0] == ["a", "b"]
    assert read(app, count=3, invisibilityWindow="5.5s")[0] == ["c"]
    cloud.clock.advance(6)
    assert read(app, count=3, invisibilityWindow="60s")[0] == ["c"]
    cloud.clock.advance(25)
    assert read(app, count=3)[0] == ["a", "b"]
    for wrong in ("0s", "-1s", "5", "5m", "0.0s"):
        answer = app.call("GET", f"{QUEUE}:read", params={"invisibilityWindow": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT"), wrong


def test_what_is_discarded_is_gone(cloud: Sandbox, app: App) -> None:
    """All that a read gave, and nothing else; doing it twice changes nothing."""
    for data in "abc":
        add(app, data)
    _, read_id = read(app, count=2)
    for _ in range(2):
        assert discard(app, read_id).status_code == 200
    cloud.clock.advance(60)
    assert read(app, count=9)[0] == ["c"]


def test_a_discard_that_comes_too_late_has_no_effect(cloud: Sandbox, app: App) -> None:
    """Once the items showed again they belong to whoever reads them next."""
    add(app, "a")
    _, first = read(app)
    cloud.clock.advance(31)
    _, second = read(app)
    assert discard(app, first).status_code == 200
    cloud.clock.advance(31)
    assert read(app)[0] == ["a"]
    assert discard(app, second).status_code == 200
    cloud.clock.advance(31)
    assert read(app)[0] == ["a"]
    for wrong in ("nonsense", "", None, 5):
        assert error(discard(app, wrong)) == (400, "INVALID_ARGUMENT")


def test_all_or_nothing(app: App) -> None:
    """Too few are a 404, and none of them is hidden by it."""
    for data in "ab":
        add(app, data)
    query = {"count": 3, "allOrNothing": "true"}
    assert error(app.call("GET", f"{QUEUE}:read", params=query)) == (404, "NOT_FOUND")
    assert read(app, count=2, allOrNothing="true")[0] == ["a", "b"]
    empty = app.call("GET", f"{MEMORY}/queues/none/items:read", params=query)
    assert error(empty) == (404, "NOT_FOUND")
    assert app.call("GET", f"{MEMORY}/queues/none/items:read").json()["items"] == []


def test_queue_items_expire(cloud: Sandbox, app: App) -> None:
    """After their ttl, hidden or not; after 45 days where none was given."""
    short, long = add(app, "short", ttl="10s"), add(app, "long")
    assert parse_rfc3339(short["expireTime"]) == pytest.approx(cloud.clock.now() + 10, abs=5)
    assert parse_rfc3339(long["expireTime"]) == pytest.approx(cloud.clock.now() + 45 * DAY, abs=5)
    read(app, count=2)
    cloud.clock.advance(31)
    assert read(app, count=2)[0] == ["long"]
    cloud.clock.advance(45 * DAY)
    assert read(app, count=2)[0] == []
    for wrong in ("0s", "-1s", "10", 10, "soon", f"{45 * DAY + 1}s"):
        answer = app.call("POST", QUEUE, json={"data": 1, "ttl": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT"), wrong
    assert add(app, 1, ttl=f"{45 * DAY}s")["expireTime"]


def test_values_have_up_to_32_kilobytes(app: App) -> None:
    """32,768 bytes of JSON are kept, one more is refused; so is nothing."""
    for path, member in ((QUEUE, "data"), (f"{MAP}?id=a", "value")):
        fits = app.call("POST", path, json={member: "x" * 32_766})
        assert fits.status_code == 200
        for wrong in ("x" * 32_767, None):
            answer = app.call("POST", path.replace("id=a", "id=b"), json={member: wrong})
            assert error(answer) == (400, "INVALID_ARGUMENT")
        missing = app.call("POST", path.replace("id=a", "id=b"), json={})
        assert error(missing) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("seed", range(3))
def test_a_queue_agrees_with_a_plain_model(cloud: Sandbox, app: App, seed: int) -> None:
    """Random adds, reads, discards and waits give what a list gives that is searched anew."""
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    model: list[dict[str, Any]] = []
    reads: list[str] = []
    now = 0
    for number in range(150):
        do = chance.random()
        showing = sorted(
            (each for each in model if each["hidden"] <= now < each["expires"]),
            key=lambda each: -each["priority"],
        )
        if do < 0.4:
            ttl, priority = chance.choice((20, 50, 1000)), chance.choice((0, 1, 2))
            add(app, number, ttl=f"{ttl}.5s", priority=priority)
            model.append(
                {"data": number, "hidden": 0, "expires": now + ttl + 0.5, "priority": priority}
            )
        elif do < 0.7:
            count, window = chance.randint(1, 4), chance.choice((10, 30))
            found, read_id = read(app, count=count, invisibilityWindow=f"{window}.5s")
            assert found == [each["data"] for each in showing[:count]]
            for each in showing[:count]:
                each |= {"hidden": now + window + 0.5, "read": read_id}
            reads.append(read_id)
        elif do < 0.85 and reads:
            read_id = chance.choice(reads)
            discard(app, read_id)
            model = [each for each in model if each.get("read") != read_id or each["hidden"] <= now]
        else:
            seconds = chance.choice((1, 5, 20))
            cloud.clock.advance(seconds)
            now += seconds


# --- sorted maps


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


# --- flushing


def test_a_flush_empties_everything_when_it_is_done(cloud: Sandbox, app: App) -> None:
    """Until then the operation is not done and items are there; other universes keep theirs."""
    add(app, "a")
    put(app, "a")
    begun = app.call("POST", f"{MEMORY}:flush").json()
    assert begun["done"] is False
    path = "/" + begun["path"]
    assert path.startswith(f"/cloud/v2/universes/{UNIVERSE}/memory-store/operations/")
    assert app.call("GET", path).json() == begun
    assert keys(app) == ["a"]
    cloud.clock.advance(cloud.settings.operation_seconds)
    put(app, "later")
    done = app.call("GET", path).json()
    assert done["done"] is True
    assert "@type" in done["response"]
    assert keys(app) == ["later"]
    assert read(app)[0] == []
    elsewhere = MAP.replace(str(UNIVERSE), "3000002").replace("things", "leaderboard")
    assert app.call("GET", elsewhere).json()["items"]


def test_a_flush_of_tests_leaves_the_live_ones(cloud: Sandbox, app: App) -> None:
    """What tests keep is apart; its operation is asked for in its scope."""
    put(app, "a")
    begun = app.call("POST", f"{MEMORY}:flush", params={"scope": "TEST"}).json()
    cloud.clock.advance(60)
    path = "/" + begun["path"]
    assert app.call("GET", path, params={"scope": "TEST"}).json()["done"] is True
    assert error(app.call("GET", path)) == (404, "NOT_FOUND")
    assert keys(app) == ["a"]
    wrong = app.call("POST", f"{MEMORY}:flush", params={"scope": "ALL"})
    assert error(wrong) == (400, "INVALID_ARGUMENT")
    assert error(app.call("GET", f"{MEMORY}/operations/x")) == (404, "NOT_FOUND")


# --- all together


def test_a_universe_of_others_is_shut(app: App) -> None:
    """403 for a universe that the key's owner does not own; a token is of no use."""
    for path in (f"{QUEUE}:read", MAP):
        shut = app.call("GET", path.replace(str(UNIVERSE), "3000004"))
        assert error(shut) == (403, "PERMISSION_DENIED")
        assert app.call("GET", path, app.login()).status_code == 401


def test_they_survive_in_a_file(cloud: Sandbox, app: App) -> None:
    """Hidden items stay hidden and can be discarded; maps keep their order."""
    for data in "abc":
        add(app, data)
    _, read_id = read(app, count=2)
    for number in range(3):
        put(app, f"k{number}", numericSortKey=-number)
    kept = dump(cloud.state)
    cloud.reset()
    assert keys(app) == []
    load(cloud.state, kept, alone=True)
    assert keys(app) == ["k2", "k1", "k0"]
    assert read(app, count=9)[0] == ["c"]
    discard(app, read_id)
    cloud.clock.advance(31)
    assert read(app, count=9)[0] == ["c"]


def test_this_librarys_calls(client: Client, cloud: Sandbox) -> None:
    """All ten operations, as the generated functions send and read them."""
    memory = api.memory_stores
    queue: Any = {"universe_id": UNIVERSE, "queue_id": "matchmaking"}
    minute = timedelta(minutes=1)
    client.send(memory.create_memory_store_queue_item(**queue, data=[1], priority=9, ttl=minute))
    found = client.send(
        memory.read_memory_store_queue_items(
            **queue, count=2, invisibility_window=timedelta(seconds=1.5)
        )
    )
    assert [each.data for each in found.items] == [[1], {"player": "player/1000002"}]
    assert found.items[0].expires_at is not None
    client.send(memory.discard_memory_store_queue_items(**queue, read_id=found.read_id))
    board: Any = {"universe_id": UNIVERSE, "sorted_map_id": "leaderboard"}
    top = client.send(
        memory.list_memory_store_sorted_map_items(**board, order_by="id desc", max_page_size=2)
    )
    assert [each.numeric_sort_key for each in top.items] == [12_500, 9000]
    item: Any = {**board, "item_id": "é"}
    client.send(memory.create_memory_store_sorted_map_item(**item, value=1, ttl=minute))
    with pytest.raises(errors.Conflict):
        client.send(memory.create_memory_store_sorted_map_item(**item, value=1))
    client.send(memory.update_memory_store_sorted_map_item(**item, value=2, string_sort_key="s"))
    assert client.send(memory.get_memory_store_sorted_map_item(**item)).string_sort_key == "s"
    client.send(memory.delete_memory_store_sorted_map_item(**item))
    flush = client.send(memory.flush_memory_store(universe_id=UNIVERSE))
    cloud.clock.advance(60)
    operation_id = flush.path.rpartition("/")[2]
    done = client.send(
        memory.get_memory_store_flush_operation(universe_id=UNIVERSE, operation_id=operation_id)
    )
    assert done.done
