"""Uploads whose source can be read once only: what happens when a second try is due."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from rblx_oauth import errors
from rblx_oauth.catalog import operation
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import nothing
from rblx_oauth.core.files import place_file
from tests.client.answers import reply
from tests.client.conftest import MakeClient
from tests.client.test_credentials import Source, token
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

STARTED = reply(body={"path": "operations/op-1", "done": False})
PIECES = [b"\x89PNG\r\n\x1a\n", b"\0" * 50]
SIZE = 58


def pieces(colour: Colour) -> Any:
    """An iterator of the colour."""
    return _awaited() if colour.name == "async" else iter(PIECES)


async def _awaited() -> AsyncIterator[bytes]:
    for piece in PIECES:
        yield piece


def upload(colour: Colour, client: Any) -> Any:
    """Upload it as a decal."""
    file = pieces(colour)
    assets = client.user(5).assets
    return colour(assets.create(file, type="Decal", name="Hat", filename="hat.png", size=SIZE))


def test_an_iterator_becomes_an_asset(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """With its size it is an upload like any other."""
    server.script(STARTED)
    assert upload(colour, make_client()).id == "op-1"
    assert b"\r\n\r\n" + b"".join(PIECES) + b"\r\n" in server.requests[0]


def test_without_its_size_nothing_is_sent(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """The limit is checked before a byte leaves, so the size must be said."""
    assets = make_client().user(5).assets
    with pytest.raises(ValueError, match="give size="):
        colour(assets.create(pieces(colour), type="Decal", name="Hat", filename="hat.png"))
    assert server.connections == 0


def test_a_refusal_that_would_be_tried_again_is_raised(
    colour: Colour, make_client: MakeClient, server: RawServer, clock: ManualClock
) -> None:
    """After a 429 there is nothing left to send: it is the error, at once."""
    server.script(reply(429, retry_after="1"), STARTED)
    with pytest.raises(errors.RateLimited) as caught:
        upload(colour, make_client())
    assert caught.value.retry_after == 1
    assert (len(server.requests), clock.sleeps) == (1, [])


def test_a_doubtful_end_is_ambiguous(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """As for every upload that may have been taken."""
    server.script(reply(502))
    with pytest.raises(errors.AmbiguousOutcome) as caught:
        upload(colour, make_client())
    assert isinstance(caught.value.__cause__, errors.ServerError)
    assert len(server.requests) == 1


def test_a_refused_token_is_not_renewed_in_vain(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A renewed token would have nothing to send: the 401 is the error."""
    server.script(reply(401), STARTED)
    scopes = ("asset:read", "asset:write")
    source = Source(colour, token("old", *scopes), token("new", *scopes))
    with pytest.raises(errors.Unauthorized):
        upload(colour, make_client(token=source))
    assert (len(server.requests), source.renewals) == (1, [])


@pytest.mark.parametrize("status", [502, 429])
def test_even_what_may_be_repeated_is_not(
    colour: Colour, make_client: MakeClient, server: RawServer, status: int
) -> None:
    """An operation that may be sent twice ends in its own error, never in half a body."""
    server.script(reply(status))
    body = place_file(iter([b"<roblox!", b"x"]), filename="a.rbxl", size=9)
    call = Call(operation("get_asset"), decode=nothing, path=("1",), body=body)
    with pytest.raises(errors.ApiError) as caught:
        colour(make_client().send(call))
    assert caught.value.status == status
    with pytest.raises(ValueError, match="can be read once only"):
        colour(make_client().send(call))
    assert len(server.requests) == 1
    assert server.requests[0].endswith(b"\r\n\r\n<roblox!x")


def test_what_did_not_begin_is_tried_again(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """No connection at first: nothing was read, and the second try sends all of it."""
    server.script(STARTED)
    server._listener.shutdown(socket.SHUT_RDWR)
    server._listener.close()
    client = make_client()

    def random() -> float:  # asked between the tries: from then on somebody listens again
        server._listener = socket.create_server(("127.0.0.1", server.port))
        server.__enter__()
        return 0.5

    client._sender.random = random
    assert upload(colour, client).id == "op-1"
    assert b"".join(PIECES) in server.requests[0]


def test_a_source_that_fails_says_so(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """What the iterator raises comes out as it is, and nothing is tried again."""
    server.script(STARTED)

    def broken() -> Iterator[bytes]:
        yield PIECES[0]
        raise OSError(5, "Input/output error")

    assets = make_client().user(5).assets
    with pytest.raises(OSError, match="Input/output"):
        colour(assets.create(broken(), type="Decal", name="Hat", filename="a.png", size=SIZE))
    assert server.requests == []


def test_the_sync_client_takes_no_async_iterator(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A TypeError before anything is sent; the async client takes it."""
    server.script(STARTED)
    assets = make_client().user(5).assets
    create = {"type": "Decal", "name": "Hat", "filename": "a.png", "size": SIZE}
    if colour.name == "async":
        assert colour(assets.create(_awaited(), **create)).id == "op-1"
        return
    with pytest.raises(TypeError, match="give it to AsyncClient"):
        assets.create(_awaited(), **create)
    assert server.connections == 0
