"""Every listing of the catalogue, walked over HTTP as it is turned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rblx_oauth import AsyncClient, Client
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._sync.resources.base import Listing
from rblx_oauth.catalog import Operation, Paging, operations
from rblx_oauth.sandbox.examples import example
from tests.api import examples
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.server import ScriptedServer, Seen, json_reply

LISTINGS = [each for each in operations().values() if each.items]


class Walked:
    """A listing at a server that answers by script."""

    def __init__(self, operation: Operation, colour: Colour, server: ScriptedServer) -> None:
        self.operation = operation
        self.server = server
        kind, listing = (Client, Listing) if colour.name == "sync" else (AsyncClient, AsyncListing)
        made: Any = kind(
            api_key="key",
            api_base=server.url,
            transport=colour.transport(),
            clock=ManualClock(),
        )
        colour.keep(made)
        self.given = examples.arguments(operation, everything=True)
        self.listing: Any = listing(made._sender, examples.function(operation)(**self.given))
        (self.item,) = self._example().values()

    def _example(self) -> dict[str, Any]:
        found = example(self.operation, {})
        assert isinstance(found, dict)
        return found

    def script(self, *pages: tuple[int, str]) -> None:
        """Answer with pages of so many items each, and the token after each."""
        self.server.queue.clear()
        self.server.seen.clear()
        following = self.operation.paging.next if self.operation.paging else ""
        for count, token in pages:
            body: dict[str, object] = {self.operation.items_field: self.item * count}
            self.server.queue.append(json_reply(body | ({following: token} if token else {})))

    def asked(self, parameter: str) -> list[Any]:
        """What each request gave for a parameter."""
        found = next(each for each in self.operation.parameters if each.name == parameter)
        if found.place == "json":
            return [json.loads(seen.body).get(found.wire) for seen in self.server.seen]
        return [_query(seen).get(found.wire) for seen in self.server.seen]

    def others(self) -> list[object]:
        """What else each request said."""
        paging = self.operation.paging or Paging()
        turning = {
            each.wire
            for each in self.operation.parameters
            if each.name in (paging.token, paging.size)
        }
        return [
            (
                seen.method,
                seen.path,
                {name: value for name, value in _query(seen).items() if name not in turning},
                {
                    name: value
                    for name, value in json.loads(seen.body or b"{}").items()
                    if name not in turning
                },
            )
            for seen in self.server.seen
        ]


def _query(seen: Seen) -> dict[str, str]:
    """The query; what is repeated comes as one text."""
    pairs = parse_qs(urlsplit(seen.target).query, keep_blank_values=True)
    return {name: "|".join(values) for name, values in pairs.items()}


@pytest.fixture(scope="module")
def scripted() -> Iterator[ScriptedServer]:
    """Answers from a queue; whoever asks for more gets an error."""
    with ScriptedServer() as made:
        yield made


@pytest.fixture(params=LISTINGS, ids=lambda each: each.name)
def walked(request: pytest.FixtureRequest, colour: Colour, scripted: ScriptedServer) -> Walked:
    """One listing after the other."""
    return Walked(request.param, colour, scripted)


def test_every_page_is_walked(walked: Walked, colour: Colour) -> None:
    """Each is asked for as the catalogue says; an empty page is no end where a token follows."""
    paging = walked.operation.paging
    if paging is None:
        pages, tokens = [(2, "")], []
    elif paging.style == "token":
        pages, tokens = [(2, "t 1"), (0, "t/2"), (1, "")], ["t 1", "t/2"]
    else:
        pages, tokens = [(2, ""), (1, ""), (0, "")], ["2", "3"]
    walked.script(*pages)
    items = colour.list(walked.listing.walk())
    assert len(items) == sum(count for count, _ in pages)
    assert len(walked.server.seen) == len(pages)
    if paging is not None:
        assert walked.asked(paging.token)[1:] == tokens
    assert all(each == walked.others()[0] for each in walked.others())


def test_a_limit_is_kept(walked: Walked, colour: Colour) -> None:
    """No item more, and no request for a page that nobody wants."""
    walked.script((2, "t"))
    assert len(colour.list(walked.listing.walk(limit=1))) == 1
    assert len(walked.server.seen) == 1
    walked.script((2, "t"))
    assert len(colour.list(walked.listing.walk(limit=2))) == 2
    assert len(walked.server.seen) == 1
    walked.script()
    assert colour.list(walked.listing.walk(limit=0)) == []
    assert walked.server.seen == []


def test_pages_are_as_large_as_wanted(walked: Walked, colour: Colour) -> None:
    """The size is sent under the listing's own name, and never more than the limit needs.

    Where pages are counted all have one size: with another, a number means another place.
    """
    paging = walked.operation.paging
    if paging is None or not paging.size:
        return
    size = next(each for each in walked.operation.parameters if each.name == paging.size)
    walked.script((3, "t"), (1, ""), (0, ""))
    colour.list(walked.listing.walk(page_size=3, limit=4))
    fewest = [min((each for each in map(int, size.values) if each >= 3), default=3)]
    rest = 3 if paging.style == "number" else 1
    fewest += [min((each for each in map(int, size.values) if each >= rest), default=rest)]
    assert [int(each) for each in walked.asked(paging.size)] == fewest


def test_one_page_is_got_by_its_token(walked: Walked, colour: Colour) -> None:
    """By hand: items, and the token of the next page; empty after the last."""
    paging = walked.operation.paging
    walked.script((1, "t"), (0, ""))
    page = colour(walked.listing.page())
    assert len(page.items) == 1
    if paging is None:
        assert page.next_token == ""
        return
    assert page.next_token == (
        "t" if paging.style == "token" else "1" if paging.style == "offset" else "2"
    )
    last = colour(walked.listing.page(page_token=page.next_token))
    assert (list(last.items), last.next_token) == ([], "")
    assert walked.asked(paging.token)[1] == page.next_token
