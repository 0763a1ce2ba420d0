"""Ordered data stores: what is sent, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from rblx_oauth import errors
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http

BASE = "/cloud/v2/universes/1/ordered-data-stores/top%2Fscores/scopes/a%20b/entries"


@pytest.fixture
def scores(make_client: MakeClient) -> Any:
    """The ordered data store ``top/scores`` of universe 1, in the scope ``a b``."""
    return make_client().universe(1).ordered_data_store("top/scores", scope="a b")


def score(key: str = "k", value: object = 1) -> bytes:
    """An entry."""
    return reply(body={"path": f"p/{key}", "id": key, "value": value})


def scored(*keys: str, after: str = "") -> bytes:
    """A page of entries."""
    entries = [{"id": key, "value": at} for at, key in enumerate(keys)]
    return reply(body={"orderedDataStoreEntries": entries, "nextPageToken": after})


def test_entries_are_read_and_written(colour: Colour, scores: Any, server: RawServer) -> None:
    """Keys, name and scope are encoded; writing creates unless told otherwise."""
    server.script(score("a/b #", 5))
    assert colour(scores.get("a/b #")).value == 5
    colour(scores.set("a/b #", -(2**63)))
    colour(scores.set("k", 0, allow_missing=False))
    assert colour(scores.create("k?", 2**63 - 1)).id == "a/b #"
    colour(scores.increment("k"))
    colour(scores.increment("k", -4))
    assert colour(scores.delete("k")) is None
    assert server.lines == [
        f"GET {BASE}/a%2Fb%20%23",
        f"PATCH {BASE}/a%2Fb%20%23?allowMissing=true",
        f"PATCH {BASE}/k?allowMissing=false",
        f"POST {BASE}?id=k%3F",
        f"POST {BASE}/k:increment",
        f"POST {BASE}/k:increment",
        f"DELETE {BASE}/k",
    ]
    assert [sent_json(each) for each in server.requests[1:6]] == [
        {"value": -(2**63)},
        {"value": 0},
        {"value": 2**63 - 1},
        {"amount": 1},
        {"amount": -4},
    ]


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("7", 7),
        ("7.0", 7),
        ('"7"', 7),
        ("1E+16", 10**16),
        ("9007199254740993", 9007199254740993),
        ("9.2233720368547758E+18", 2**63 - 1),
        ("-9.2233720368547758E+18", -(2**63)),
    ],
)
def test_values_are_integers_however_they_come(
    colour: Colour, scores: Any, server: RawServer, sent: str, value: int
) -> None:
    """Roblox calls them doubles, and writes large ones with an exponent."""
    body = f'{{"id": "k", "value": {sent}}}'.encode()
    server.script(http(200, body, content_type="application/json"))
    got = colour(scores.get("k")).value
    assert got == value
    assert type(got) is int


def test_top_is_the_highest_first(colour: Colour, scores: Any, server: RawServer) -> None:
    """No more are asked for than wanted."""
    server.script(scored("a", "b", "c", after="t"))
    assert [each.id for each in colour.list(scores.top(3))] == ["a", "b", "c"]
    assert server.lines == [f"GET {BASE}?orderBy=value%20desc&maxPageSize=3"]


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"minimum": 0}, "entry >= 0"),
        ({"maximum": 0}, "entry <= 0"),
        ({"minimum": 0, "maximum": 0}, "entry >= 0 && entry <= 0"),
        ({"minimum": -5, "maximum": 2**63 - 1}, f"entry >= -5 && entry <= {2**63 - 1}"),
    ],
)
def test_bounds_hold_at_zero(
    colour: Colour, scores: Any, server: RawServer, bounds: dict[str, int], says: str
) -> None:
    """Zero is a bound like any other."""
    server.script(scored("a"))
    colour.list(scores.entries(**bounds))
    assert dict(parse_qsl(server.lines[0].partition("?")[2])) == {
        "filter": says,
        "maxPageSize": "100",
    }


def test_listing_goes_past_an_empty_page(colour: Colour, scores: Any, server: RawServer) -> None:
    """An empty page with a token is not the end, and each page is asked for in the same order."""
    server.script(scored(after="t1"), scored("a", after="t2"), scored("b"))
    found = colour.list(scores.entries(descending=True, minimum=1, limit=5))
    assert [each.id for each in found] == ["a", "b"]
    asked = [dict(parse_qsl(line.partition("?")[2])) for line in server.lines]
    assert [each.get("pageToken") for each in asked] == [None, "t1", "t2"]
    assert {each["orderBy"] for each in asked} == {"value desc"}
    assert {each["filter"] for each in asked} == {"entry >= 1"}


def test_create_of_what_is_there_is_a_conflict(
    colour: Colour, scores: Any, server: RawServer
) -> None:
    """Roblox answers 400: a look says why, and nothing is written twice."""
    server.script(reply(400, {"code": "INVALID_ARGUMENT", "message": "exists"}), score())
    with pytest.raises(errors.Conflict):
        colour(scores.create("k", 1))
    assert [line.split(" ")[0] for line in server.lines] == ["POST", "GET"]


def test_doubtful_writes_are_not_repeated(colour: Colour, scores: Any, server: RawServer) -> None:
    """An increment or a set that may have been done is not sent again."""
    server.script(reply(503))
    for act in (lambda: scores.increment("k"), lambda: scores.set("k", 1)):
        with pytest.raises(errors.AmbiguousOutcome):
            colour(act())
    assert len(server.requests) == 2


WRONG: list[tuple[Callable[[Any], Any], str]] = [
    (lambda scores: scores.get("k" * 51), "key has 51 characters; the limit is 50"),
    (lambda scores: scores.set("", 1), "key must not be empty"),
    (lambda scores: scores.set("k", 1.5), "value must be an int"),
    (lambda scores: scores.set("k", 2**63), "value must be a 64-bit"),
    (lambda scores: scores.create("k", True), "value must be an int"),
    (lambda scores: scores.increment("k", "5"), "amount must be an int"),
    (lambda scores: scores.entries(minimum=1.0), "minimum must be an int"),
    (lambda scores: scores.entries(maximum=2**63), "maximum must be a 64-bit"),
    (lambda scores: scores.entries(minimum=2, maximum=1), "minimum must not be above maximum"),
    (lambda scores: scores.entries(page_size=101), "page_size must be from 1 to 100"),
    (lambda scores: scores.top(-1), "limit must be at least 0"),
]


@pytest.mark.parametrize(("act", "says"), WRONG, ids=[says for _, says in WRONG])
def test_wrong_arguments_are_refused_before_sending(
    colour: Colour, scores: Any, server: RawServer, act: Callable[[Any], Any], says: str
) -> None:
    """A wrong argument is named as the caller knows it, with its limit."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(act(scores))
    assert server.requests == []


def test_names_are_checked_where_they_are_given(make_client: MakeClient) -> None:
    """Fifty characters each."""
    universe = make_client().universe(1)
    with pytest.raises(ValueError, match="name has 51 characters"):
        universe.ordered_data_store("n" * 51)
    with pytest.raises(ValueError, match="scope must not be empty"):
        universe.ordered_data_store("n", scope="")
