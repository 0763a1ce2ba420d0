"""Memory store sorted maps, and emptying all memory stores."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from rblx_oauth import errors
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

BASE = "/cloud/v2/universes/1/memory-store/sorted-maps/live%20board/items"


@pytest.fixture
def board(make_client: MakeClient) -> Any:
    """The sorted map ``live board`` of universe 1."""
    return make_client().universe(1).sorted_map("live board")


def item(key: str = "k", **more: object) -> bytes:
    """An item."""
    return reply(body={"id": key, "value": 1, "etag": "e", **more})


def items(*keys: str, after: str = "") -> bytes:
    """A page of items."""
    return reply(body={"items": [{"id": key} for key in keys], "nextPageToken": after})


def test_items_are_read_and_written(colour: Colour, board: Any, server: RawServer) -> None:
    """Keys are encoded; a sort key travels as what it is."""
    server.script(item("a/b #", expireTime="2024-05-05T00:00:00Z"))
    got = colour(board.get("a/b #"))
    assert (got.value, got.etag, got.sort_key) == (1, "e", None)
    assert got.expires_at == datetime(2024, 5, 5, tzinfo=UTC)
    colour(board.set("a/b #", {"hp": 0}, sort_key="bronze", ttl=timedelta(minutes=5)))
    colour(board.set("k", 0, sort_key=0, allow_missing=False))
    colour(board.create("k?", False, sort_key=-2.5))
    assert colour(board.delete("k")) is None
    assert server.lines == [
        f"GET {BASE}/a%2Fb%20%23",
        f"PATCH {BASE}/a%2Fb%20%23?allowMissing=true",
        f"PATCH {BASE}/k?allowMissing=false",
        f"POST {BASE}?id=k%3F",
        f"DELETE {BASE}/k",
    ]
    assert [sent_json(each) for each in server.requests[1:4]] == [
        {"value": {"hp": 0}, "ttl": "300s", "stringSortKey": "bronze"},
        {"value": 0, "numericSortKey": 0},
        {"value": False, "numericSortKey": -2.5},
    ]


def test_sort_keys_are_read_as_they_are(colour: Colour, board: Any, server: RawServer) -> None:
    """Zero is a number, not the lack of one."""
    server.script(item(numericSortKey=0), item(stringSortKey="z"), item(numericSortKey=1.5))
    assert [colour(board.get("k")).sort_key for _ in range(3)] == [0, "z", 1.5]


def test_create_of_what_is_there_is_a_conflict(
    colour: Colour, board: Any, server: RawServer
) -> None:
    """It is written once, and never over something."""
    server.script(reply(409, {"code": "ALREADY_EXISTS", "message": "there"}))
    with pytest.raises(errors.Conflict):
        colour(board.create("k", 1))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"after": "key-001", "before": "key-100"}, 'id > "key-001" && id < "key-100"'),
        ({"after": 'a"b\\'}, 'id > "a\\"b\\\\"'),
        ({"prefix": "player/"}, 'id > "player/" && id < "player0"'),
        ({"prefix": "\ud7ff"}, 'id > "\ud7ff" && id < "\ue000"'),
        ({"prefix": "z\U0010ffff"}, 'id > "z\U0010ffff" && id < "{"'),
        ({"prefix": "\U0010ffff"}, 'id > "\U0010ffff"'),
        ({"sort_key_after": 0}, "sortKey > 0"),
        ({"sort_key_after": -1.5, "sort_key_before": 10}, "sortKey > -1.5 && sortKey < 10"),
        ({"sort_key_before": "m", "after": "a"}, 'id > "a" && sortKey < "m"'),
    ],
)
def test_bounds_become_a_filter(
    colour: Colour, board: Any, server: RawServer, asked: dict[str, object], says: str
) -> None:
    """Strings are quoted, numbers are not, and all must hold."""
    server.script(items("a"))
    assert [each.id for each in colour.list(board.items(**asked))] == ["a"]
    query = dict(parse_qsl(server.lines[0].partition("?")[2]))
    assert query == {"filter": says, "maxPageSize": "100"}


def test_listing_goes_past_an_empty_page(colour: Colour, board: Any, server: RawServer) -> None:
    """An empty page with a token is not the end; the limit is kept."""
    server.script(items(after="t1"), items("b", "a", after="t2"))
    found = colour.list(board.items(descending=True, limit=2, page_size=50))
    assert [each.id for each in found] == ["b", "a"]
    asked = [dict(parse_qsl(line.partition("?")[2])) for line in server.lines]
    assert asked == [
        {"orderBy": "id desc", "maxPageSize": "2"},
        {"orderBy": "id desc", "maxPageSize": "2", "pageToken": "t1"},
    ]


WRONG: list[tuple[Callable[[Any], Any], str]] = [
    (lambda board: board.get(""), "key must not be empty"),
    (lambda board: board.get("k" * 128), "key has 128 characters; the limit is 127"),
    (lambda board: board.set("k", None), "value must not be None"),
    (lambda board: board.set("k", "x" * 32_767), "value takes 32769 .* the limit is 32768"),
    (lambda board: board.set("k", 1, ttl=timedelta(days=46)), "ttl is over the limit of 45 days"),
    (lambda board: board.set("k", 1, sort_key="s" * 129), "sort_key has 129 .* limit is 128"),
    (lambda board: board.set("k", 1, sort_key=""), "sort_key must not be empty"),
    (lambda board: board.set("k", 1, sort_key=True), "sort_key must be a str or a number"),
    (lambda board: board.create("k", 1, sort_key=math.inf), "sort_key is inf"),
    (lambda board: board.create("k", 1, sort_key=[1]), "sort_key must be a str or a number"),
    (lambda board: board.items(prefix="p", after="a"), "prefix cannot be given with"),
    (lambda board: board.items(sort_key_after=1, sort_key_before="b"), "both str or both numbers"),
    (lambda board: board.items(sort_key_after=math.nan), "sort_key_after is nan"),
    (lambda board: board.items(before="k" * 128), "before has 128 characters"),
    (lambda board: board.items(page_size=101), "page_size must be from 1 to 100"),
    (lambda board: board.items(limit=-1), "limit must be at least 0"),
]


@pytest.mark.parametrize(("act", "says"), WRONG, ids=[says for _, says in WRONG])
def test_wrong_arguments_are_refused_before_sending(
    colour: Colour, board: Any, server: RawServer, act: Callable[[Any], Any], says: str
) -> None:
    """A wrong argument is named as the caller knows it, with its limit."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(act(board))
    assert server.requests == []


FLUSH = {"path": "cloud/v2/universes/1/memory-store/operations/f-1"}


def test_flush_is_waited_for(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """It is begun once and polled in its own scope, and ends in nothing but its end."""
    server.script(reply(body=FLUSH), reply(body=FLUSH), reply(body={**FLUSH, "done": True}))
    universe = make_client().universe(1)
    flush = colour(universe.flush_memory_store(scope="TEST"))
    assert flush.id == "f-1"
    assert colour(flush.wait()) is True
    assert colour(universe.memory_store_flush("f-1").result()) is True
    base = "/cloud/v2/universes/1/memory-store"
    assert server.lines == [
        f"POST {base}:flush?scope=TEST",
        f"GET {base}/operations/f-1?scope=TEST",
        f"GET {base}/operations/f-1?scope=TEST",
        f"GET {base}/operations/f-1?scope=LIVE",
    ]
    with pytest.raises(ValueError, match="scope must be one of LIVE, TEST"):
        colour(universe.flush_memory_store(scope="live"))


def test_failed_flush_says_so(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """Done with an error is a failure."""
    error = {"code": "INTERNAL", "message": "broken"}
    server.script(reply(body={**FLUSH, "done": True, "error": error}))
    with pytest.raises(errors.OperationFailed, match="INTERNAL: broken"):
        colour(make_client().universe(1).memory_store_flush("f-1").wait())


def test_doubtful_flush_is_not_repeated(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A second one would empty what was written since."""
    server.script(reply(503))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(make_client().universe(1).flush_memory_store())
    assert len(server.requests) == 1
