"""Listings of data stores: every page, no more than wanted, and by hand."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from rblx_oauth import errors
from tests.benchmarks.loopback import ROOT
from tests.client.answers import page, reply
from tests.client.conftest import ENTRIES
from tests.support.colours import Colour
from tests.support.raw_server import Exchange, RawServer


def test_keys_walk_every_page(colour: Colour, store: Any, server: RawServer) -> None:
    """Pages follow their tokens; an empty page with a token is not the end."""
    server.script(page("a", "b", after="t 1"), page(after="t2"), page("c"))
    assert colour.list(store.keys(prefix='pl"ay\\')) == ["a", "b", "c"]
    same = {"filter": 'id.startsWith("pl\\"ay\\\\")', "maxPageSize": "256"}
    asked = [dict(parse_qsl(line.partition("?")[2])) for line in server.lines]
    assert asked == [same, {**same, "pageToken": "t 1"}, {**same, "pageToken": "t2"}]
    assert "pageToken=t%201" in server.lines[1]


def test_limit_bounds_what_is_given_and_fetched(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """limit= stops the walk, and asks for no more than is wanted."""
    server.script(page("a", "b", after="t"), page("c", "d", after="u"))
    assert colour.list(store.keys(limit=3, page_size=2)) == ["a", "b", "c"]
    assert ["maxPageSize=2" in server.lines[0], "maxPageSize=1" in server.lines[1]] == [True] * 2
    assert len(server.requests) == 2
    assert colour.list(store.keys(limit=0)) == []
    assert len(server.requests) == 2


def test_pages_can_be_turned_by_hand(colour: Colour, store: Any, server: RawServer) -> None:
    """One page a call, with the token of the next; nothing is fetched ahead."""
    server.script(page("a", "b", after="t 1"), page("c"))
    first = colour(store.page(prefix="p", page_size=2))
    assert ([each.id for each in first.items], first.next_token) == (["a", "b"], "t 1")
    last = colour(store.page(prefix="p", page_size=2, page_token=first.next_token))
    assert ([each.id for each in last.items], last.next_token) == (["c"], "")
    same = {"filter": 'id.startsWith("p")', "maxPageSize": "2"}
    asked = [dict(parse_qsl(line.partition("?")[2])) for line in server.lines]
    assert asked == [same, {**same, "pageToken": "t 1"}]


def test_next_page_is_fetched_ahead(colour: Colour, store: Any, server: RawServer) -> None:
    """While the first page is used, the second is on its way; nothing more than that."""
    server.script(page("a", "b", after="t"), page("c", after="u"), page("d"))
    keys = store.keys()
    assert colour(anext(keys) if colour.name == "async" else next(keys)) == "a"
    colour.until(lambda: len(server.requests) == 2)
    colour(keys.aclose() if colour.name == "async" else keys.close())
    assert len(server.requests) == 2


def test_forked_child_goes_on_with_a_walk(server: RawServer) -> None:
    """The page that its parent is fetching is fetched anew, and not waited for."""
    asked_again = threading.Event()

    def late(exchange: Exchange) -> None:
        assert asked_again.wait(30)
        exchange.sock.sendall(page("b"))

    def again(exchange: Exchange) -> None:
        exchange.sock.sendall(page("b"))
        asked_again.set()

    server.script(page("a", after="t"), late, again)
    code = """
import os, sys
from rblx_oauth import Client
walk = Client(api_key="k", api_base=sys.argv[1]).universe(1).data_store("coins").keys()
print(next(walk), flush=True)
child = os.fork()
print(next(walk), flush=True)
if not child:
    os._exit(0)
assert os.wait()[1] == 0
"""
    command = [sys.executable, "-W", "ignore", "-c", code, server.url]
    found = subprocess.check_output(command, timeout=60, cwd=ROOT, text=True)
    assert "".join(found.split()) == "abb"
    assert len(server.requests) == 3


def test_listing_that_repeats_itself_ends(colour: Colour, store: Any, server: RawServer) -> None:
    """A page that names itself as the next is an error, not an endless loop."""
    server.script(page("a", after="t"))
    with pytest.raises(errors.ProtocolError, match="names itself"):
        colour.list(store.keys())


def test_error_on_a_later_page_reaches_the_caller(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """What was fetched ahead and failed fails where it is needed."""
    server.script(page("a", after="t"), reply(403, {"code": "PERMISSION_DENIED", "message": "no"}))
    with pytest.raises(errors.PermissionDenied):
        colour.list(store.keys())


def test_revisions_and_stores_are_listed(
    colour: Colour, store: Any, make_client: Any, server: RawServer
) -> None:
    """The other two listings read their own members."""
    server.script(
        reply(body={"dataStoreEntries": [{"id": "k@r2", "revisionId": "r2"}]}),
        reply(body={"dataStores": [{"id": "coins", "createTime": "2024-05-05T00:00:00Z"}]}),
        reply(body={}),
    )
    assert [each.revision for each in colour.list(store.revisions("k"))] == ["r2"]
    universe = make_client().universe(1)
    assert [each.id for each in colour.list(universe.data_stores(show_deleted=True))] == ["coins"]
    assert colour.list(universe.data_stores()) == []
    assert colour(universe.data_store_page(page_size=5)).items == []
    assert server.lines[-1].endswith("/data-stores?maxPageSize=5")
    assert server.lines[0] == f"GET {ENTRIES}/k:listRevisions?maxPageSize=100"
    assert server.lines[1].endswith("?showDeleted=true&maxPageSize=100")


def test_revisions_of_some_time(colour: Colour, store: Any, server: RawServer) -> None:
    """Both bounds, or one, go into the filter as Roblox writes it; each page is asked the same."""
    server.script(page("k@1", after="t"), page(), page(), page())
    since, until = (datetime(2000 + year, 1, 1, tzinfo=UTC) for year in (0, 1))
    assert len(colour.list(store.revisions("k", since=since, until=until))) == 1
    colour.list(store.revisions("k", since=since))
    colour.list(store.revisions("k", until=until))
    filters = [dict(parse_qsl(line.partition("?")[2]))["filter"] for line in server.lines]
    low = "revision_create_time >= 2000-01-01T00:00:00Z"
    high = "revision_create_time <= 2001-01-01T00:00:00Z"
    assert filters == [f"{low} && {high}"] * 2 + [low, high]


def test_every_scope_is_listed_together(
    colour: Colour, make_client: Any, server: RawServer
) -> None:
    """The scope - lists all of them, and is refused wherever one entry is meant."""
    server.script(page("k"))
    store = make_client().universe(1).data_store("coins", scope="-")
    assert colour.list(store.keys()) == ["k"]
    for act in (store.get, store.increment, store.delete, store.revisions):
        with pytest.raises(ValueError, match="stands for all scopes"):
            colour(act("k"))
    assert server.lines == [
        "GET /cloud/v2/universes/1/data-stores/coins/scopes/-/entries?maxPageSize=256"
    ]
