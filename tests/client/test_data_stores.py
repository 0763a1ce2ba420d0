"""Data stores: what is sent, and what comes back."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

import pytest

from rblx_oauth import api, errors
from tests.client.answers import entry, page, reply, sent_json
from tests.client.conftest import ENTRIES
from tests.support.colours import Colour
from tests.support.raw_server import RawServer


def test_get_reads_every_member(colour: Colour, store: Any, server: RawServer) -> None:
    """Python names, ints, aware times; an unknown state and unknown members survive."""
    server.script(
        reply(
            body={
                "id": "k",
                "path": "p",
                "value": {"coins": [1, 2.5, None, "x"]},
                "revisionId": "r9",
                "etag": "e9",
                "users": ["users/12", "users/13"],
                "attributes": {"a": 1},
                "state": "HIBERNATING",
                "createTime": "2024-05-05T12:34:56Z",
                "revisionCreateTime": "2024-05-05T12:34:56.123456789Z",
                "brandNew": True,
            }
        )
    )
    got = colour(store.get("k"))
    assert got.value == {"coins": [1, 2.5, None, "x"]}
    assert (got.revision, got.etag, got.users, got.attributes) == ("r9", "e9", [12, 13], {"a": 1})
    assert got.state == "HIBERNATING"
    assert got.created_at == datetime(2024, 5, 5, 12, 34, 56, tzinfo=UTC)
    assert got.revised_at.microsecond == 123457


@pytest.mark.parametrize(
    "key", ["a/b#c?d e%2F", "🎩 hat", "..", ".", "a:increment", "a&b=c+d", "%", "ключ", "\\"]
)
def test_keys_arrive_intact(colour: Colour, store: Any, server: RawServer, key: str) -> None:
    """Any Unicode is one encoded path segment, in reads and writes."""
    server.script(entry(key))
    colour(store.get(key))
    colour(store.increment(key))
    paths = [line.split(" ")[1] for line in server.lines]
    assert paths[1].endswith(":increment")
    for path in (paths[0], paths[1].removesuffix(":increment")):
        raw = path.removeprefix(ENTRIES + "/")
        assert "/" not in raw
        assert raw not in (".", "..")
        assert unquote(raw) == key


def test_key_with_at_is_read_at_latest(colour: Colour, store: Any, server: RawServer) -> None:
    """Reading a key that contains @ needs @latest; writing takes it as it is."""
    server.script(entry())
    colour(store.get("me@home"))
    colour(store.set("me@home", 1))
    colour(store.get("me", revision="r1"))
    paths = [line.split(" ")[1].removeprefix(ENTRIES) for line in server.lines]
    assert paths == ["/me%40home%40latest", "/me%40home?allowMissing=true", "/me%40r1"]


def test_writes_send_what_was_given(colour: Colour, store: Any, server: RawServer) -> None:
    """A set creates or replaces, create posts once, increment counts; users become paths."""
    server.script(entry())
    colour(store.set("k", [1], users=[5], attributes={"a": "b"}))
    colour(store.create("k 1", "v"))
    colour(store.increment("k", -3, users=(7,)))
    assert server.lines == [
        f"PATCH {ENTRIES}/k?allowMissing=true",
        f"POST {ENTRIES}?id=k%201",
        f"POST {ENTRIES}/k:increment",
    ]
    assert [sent_json(each) for each in server.requests] == [
        {"value": [1], "users": ["users/5"], "attributes": {"a": "b"}},
        {"value": "v"},
        {"amount": -3, "users": ["users/7"]},
    ]
    assert b"Content-Type: application/json" in server.requests[0]


def test_create_of_what_is_there_is_a_conflict(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """Creating writes once, and never over something."""
    server.script(reply(409, {"code": "ALREADY_EXISTS", "message": "there"}))
    with pytest.raises(errors.Conflict, match="ALREADY_EXISTS"):
        colour(store.create("k", 1))
    assert len(server.requests) == 1


def test_update_reads_changes_and_writes_guarded(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """An update keeps users and attributes, and starts over when somebody was faster."""
    server.script(
        entry(value=10, etag="e1", users=["users/5"], attributes={"a": 1}),
        reply(409, {"code": "ABORTED", "message": "etag"}),
        entry(value=20, etag="e2", users=["users/5"], attributes={"a": 1}),
        entry(value=21, etag="e3"),
    )
    seen: list[object] = []

    def add(value: Any) -> Any:
        seen.append(value)
        return value + 1

    assert colour(store.update("k", add)).value == 21
    assert seen == [10, 20]
    assert sent_json(server.requests[3]) == {
        "value": 21,
        "users": ["users/5"],
        "attributes": {"a": 1},
        "etag": "e2",
    }


def test_update_creates_what_is_missing(colour: Colour, store: Any, server: RawServer) -> None:
    """Where there is no entry, the change is given None and its result created."""
    server.script(reply(404), entry(value=1))
    colour(store.update("k", lambda value: 1 if value is None else 2))
    assert server.lines[1] == f"POST {ENTRIES}?id=k"


def test_update_in_a_universe_that_is_not_there(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """What cannot be created either is said at once."""
    server.script(reply(404))
    with pytest.raises(errors.NotFound):
        colour(store.update("k", lambda value: value or 1))
    assert len(server.requests) == 2


def test_scope_is_part_of_every_address(
    colour: Colour, make_client: Any, server: RawServer
) -> None:
    """Revisions too are read and listed in their own scope."""
    server.script(entry(), page())
    store = make_client().universe(1).data_store("a/b", scope="deep/er")
    colour(store.get("k", revision="r1"))
    assert colour.list(store.revisions("k")) == []
    for line in server.lines:
        assert "/data-stores/a%2Fb/scopes/deep%2Fer/entries/k" in line


def test_update_gives_up_after_ten_conflicts(colour: Colour, store: Any, server: RawServer) -> None:
    """Others change it every time: the conflict is raised in the end."""
    server.script(*[entry(), reply(409, {"code": "ABORTED", "message": "x"})] * 10)
    with pytest.raises(errors.Conflict):
        colour(store.update("k", lambda value: value))
    assert len(server.requests) == 20


def test_reads_as_of_a_time(colour: Colour, store: Any, server: RawServer) -> None:
    """The state that was current then is asked for in UTC, of any key."""
    server.script(entry())
    noon = datetime(2024, 12, 2, 12, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=6)))
    colour(store.get("my-entry", at=noon))
    colour(store.get("me@home", at=noon))
    names = [unquote(line.removeprefix(f"GET {ENTRIES}/")) for line in server.lines]
    assert names == [f"{key}@latest:2024-12-02T06:00:00.250000Z" for key in ("my-entry", "me@home")]


def test_create_tells_what_is_there_from_a_wrong_argument(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """Roblox answers 400 to both: a look says which it was, and nothing is written twice."""
    refusal = reply(400, {"code": "INVALID_ARGUMENT", "message": "no"})
    server.script(refusal, entry())
    with pytest.raises(errors.Conflict, match="no") as caught:
        colour(store.create("k", 1))
    assert caught.value.status == 400
    server.script(refusal, reply(404))
    with pytest.raises(errors.BadRequest):
        colour(store.create("k", 1))
    server.script(refusal, reply(403))
    with pytest.raises(errors.BadRequest):
        colour(store.create("k", 1))
    assert [line.split(" ")[0] for line in server.lines] == ["POST", "GET"] * 3


def test_update_meets_an_entry_made_meanwhile(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """Where somebody else made the entry first, the change is made to theirs."""
    server.script(
        reply(404),
        reply(400, {"code": "INVALID_ARGUMENT", "message": "exists"}),
        entry(value=7, etag="e7"),
        entry(value=7, etag="e7"),
        entry(value=8),
    )
    assert colour(store.update("k", lambda value: (value or 0) + 1)).value == 8
    sent: Any = sent_json(server.requests[-1])
    assert (sent["value"], sent["etag"]) == (8, "e7")


def test_whole_data_stores_go_and_come_back(
    colour: Colour, make_client: Any, server: RawServer
) -> None:
    """Deleting tells until when; a second try of it after a lost answer does no harm."""
    gone = {"id": "a/b", "state": "DELETED", "expireTime": "2024-06-04T00:00:00Z"}
    server.script(reply(503), reply(body=gone), reply(body={"id": "a/b", "state": "ACTIVE"}))
    store = make_client().universe(1).data_store("a/b")
    deleted = colour(store.delete_store())
    assert (deleted.state, deleted.expires_at) == ("DELETED", datetime(2024, 6, 4, tzinfo=UTC))
    assert colour(store.undelete_store()).state == "ACTIVE"
    path = "/cloud/v2/universes/1/data-stores/a%2Fb"
    assert server.lines == [f"DELETE {path}"] * 2 + [f"POST {path}:undelete"]


def test_snapshot(colour: Colour, make_client: Any, server: RawServer) -> None:
    """A snapshot tells whether it is new, and when the newest is of."""
    server.script(
        reply(body={"newSnapshotTaken": True, "latestSnapshotTime": "2024-05-05T12:00:00Z"})
    )
    taken = colour(make_client().universe(1).snapshot_data_stores())
    assert taken.new_snapshot_taken
    assert taken.latest_snapshot_time == datetime(2024, 5, 5, 12, tzinfo=UTC)
    assert server.lines == ["POST /cloud/v2/universes/1/data-stores:snapshot"]


NOW = datetime(2024, 1, 1, tzinfo=UTC)
EARLIEST = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))

WRONG = [
    (lambda store: store.get(""), "key must not be empty"),
    (lambda store: store.get("k", revision="r", at=NOW), "revision and at cannot both"),
    (lambda store: store.get("k", at=NOW.replace(tzinfo=None)), "at must have a time zone"),
    (lambda store: store.get("k", at=EARLIEST), "at is beyond the years"),
    (lambda store: store.get("k", at=datetime(1970, 1, 1, tzinfo=UTC)), "at must be after 1970"),
    (lambda store: store.get("k", at="yesterday"), "at must be a datetime"),
    (lambda store: store.delete("k" * 51), "key has 51 characters"),
    (lambda store: store.increment(""), "key must not be empty"),
    (lambda store: store.create("k" * 51, 1), "key has 51 characters"),
    (lambda store: store.revisions(""), "key must not be empty"),
    (
        lambda store: store.revisions("k", since=NOW, until=EARLIEST.replace(year=2)),
        "since must not",
    ),
    (lambda store: store.revisions("k", since=5), "since must be a datetime"),
    (lambda store: store.revisions("k", page_size=101), "page_size must be from 1 to 100"),
    (lambda store: store.get("k" * 51), "key has 51 characters; the limit is 50"),
    (lambda store: store.get(5), "key must be a str"),
    (lambda store: store.get("\ud800"), "not valid Unicode"),
    (lambda store: store.set("k" * 51, 1), "the limit is 50"),
    (lambda store: store.set("k", None), "must not be None"),
    (lambda store: store.set("k", math.nan), "value is nan"),
    (lambda store: store.set("k", {"a": [1, math.inf]}), r"value\['a'\]\[1\] is inf"),
    (lambda store: store.set("k", {1: 2}), "keys are strings"),
    (lambda store: store.set("k", {"a": {1, 2}}), r"value\['a'\] is a set"),
    (lambda store: store.set("k", b"x"), "value is a bytes"),
    (lambda store: store.set("k", 2**64), "more than 64 bits"),
    (lambda store: store.set("k", "\ud800"), "not valid Unicode"),
    (lambda store: store.set("k", "x" * 4_194_303), "4194305 bytes of JSON; the limit is 4194304"),
    (lambda store: store.set("k", 1, attributes={"a": "x" * 300}), "the limit is 300"),
    (lambda store: store.set("k", 1, attributes=[1]), "attributes must be a mapping"),
    (lambda store: store.set("k", 1, users=[0]), r"users\[0\] must be a positive"),
    (lambda store: store.set("k", 1, users=[True]), r"users\[0\] must be an int"),
    (lambda store: store.set("k", 1, users="12"), "users must be an iterable"),
    (lambda store: store.increment("k", 1.5), "amount must be an int"),
    (lambda store: store.increment("k", True), "amount must be an int"),
    (lambda store: store.increment("k", 2**63), "amount must be a 64-bit"),
    (lambda store: store.keys(page_size=257), "page_size must be from 1 to 256"),
    (lambda store: store.page(page_size=0), "page_size must be from 1 to 256"),
    (lambda store: store.keys(limit=-1), "limit must be at least 0"),
    (lambda store: store.keys(limit=True), "limit must be an int"),
    (lambda store: store.keys(prefix="k" * 51), "the limit is 50"),
]


@pytest.mark.parametrize(("act", "says"), WRONG, ids=[says for _, says in WRONG])
def test_wrong_arguments_are_refused_before_sending(
    colour: Colour, store: Any, server: RawServer, act: Any, says: str
) -> None:
    """A wrong argument is a ValueError or TypeError that names it and its limit."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(act(store))
    assert server.requests == []


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (api.data_stores_v1.get_entry_v1, ("data_store_name", "scope", "entry_key")),
        (
            api.ordered_data_stores_v1.get_ordered_entry_v1,
            ("ordered_data_store", "scope", "entry"),
        ),
    ],
)
def test_the_first_api_has_the_same_limits(function: Any, names: tuple[str, ...]) -> None:
    """Fifty characters each; one more is named before sending."""
    given = dict.fromkeys(names, "é" * 50)
    assert function(universe_id=1, **given)
    for name in names:
        with pytest.raises(ValueError, match=f"{name} has 51 characters; the limit is 50"):
            function(universe_id=1, **given | {name: "é" * 51})


def test_largest_value_is_sent(colour: Colour, store: Any, server: RawServer) -> None:
    """Exactly the limit is allowed."""
    server.script(entry())
    colour(store.set("k" * 50, "x" * 4_194_302))
    assert len(server.requests[0]) > 4_194_304
