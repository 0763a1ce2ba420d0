"""Memory store queues: order, hiding, discarding and expiry."""

from __future__ import annotations

import random
from typing import Any

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.clock import parse_rfc3339
from tests.sandbox.app import App

UNIVERSE = 3000001
MEMORY = f"/cloud/v2/universes/{UNIVERSE}/memory-store"
QUEUE = f"{MEMORY}/queues/things/items"
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
