"""Memory stores: what queues and sorted maps have in common, and flushing both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rblx_oauth import Client, api, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.test_memory_maps import MAP, keys, put
from tests.sandbox.test_memory_queues import MEMORY, QUEUE, UNIVERSE, add, discard, error, read

__all__ = ["client"]


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
