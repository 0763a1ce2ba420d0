"""Both transports, and answers that go to a sink instead of memory."""

from __future__ import annotations

import gzip
import os

import pytest

from rblx_oauth.core.message import Request
from rblx_oauth.errors import ConnectionLost, ProtocolError, ResponseTooLarge
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http, then_close


class Heap:
    """A sink that keeps what it gets, in pieces."""

    def __init__(self, limit: int = 10_000_000) -> None:
        self.limit = limit
        self.sizes: list[int | None] = []
        self.pieces: list[bytes] = []
        self.reports = 0

    def begin(self, size: int | None) -> None:
        """Note the size."""
        self.sizes.append(size)

    def write(self, piece: bytes, /) -> None:
        """Keep a piece."""
        self.pieces.append(piece)

    def report(self) -> None:
        """Count."""
        self.reports += 1


def into(sink: Heap, url: str) -> Request:
    """A question whose answer goes to a sink."""
    return Request("GET", f"{url}/thing", operation="get_thing", sink=sink)


CONTENT = os.urandom(3_000_000)
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
WHOLE = [
    (http(200, CONTENT), CONTENT, len(CONTENT)),
    (http(200, b"small"), b"small", 5),
    (http(200), b"", 0),
    (http(201, b"made"), b"made", 4),
    (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde", None),
    (http(200, gzip.compress(CONTENT), content_encoding="gzip"), CONTENT, None),
]


@pytest.mark.parametrize(
    ("answer", "content", "size"),
    WHOLE,
    ids=["long", "small", "empty", "created", "chunked", "gzip"],
)
def test_a_good_answer_goes_to_the_sink(
    colour: Colour, server: RawServer, answer: bytes, content: bytes, size: int | None
) -> None:
    """In pieces, decoded, its size told where it is known; the connection is kept."""
    server.script(answer)
    transport = colour.transport()
    for _ in range(2):
        sink = Heap()
        response = colour(transport.send(into(sink, server.url), timeout=10))
        assert (response.status // 100, response.body) == (2, b"")
        assert b"".join(sink.pieces) == content
        assert sink.sizes == [size]
        assert all(len(piece) <= 512 * 1024 for piece in sink.pieces)
        assert bool(sink.reports) == bool(content)
    assert server.connections == 1


@pytest.mark.parametrize("status", [302, 304, 400, 404, 503])
def test_any_other_answer_comes_back_as_it_is(
    colour: Colour, server: RawServer, status: int
) -> None:
    """A redirect or a refusal is not the content: the sink hears nothing of it."""
    body = b"" if status == 304 else b"because"
    server.script(http(status, body))
    sink = Heap()
    response = colour(colour.transport().send(into(sink, server.url), timeout=5))
    assert (response.status, response.body) == (status, body)
    assert (sink.sizes, sink.pieces) == ([], [])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(200, b"x" * 1001), ResponseTooLarge),
        (http(200, gzip.compress(b"x" * 1001), content_encoding="gzip"), ResponseTooLarge),
        (CHUNKED + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", ResponseTooLarge),
        (then_close(b"HTTP/1.1 200 OK\r\n\r\nsome"), ProtocolError),
        (then_close(b"HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\n\r\nx"), ProtocolError),
        (then_close(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), ConnectionLost),
        (then_close(CHUNKED + b"3\r\nabc\r\n"), ConnectionLost),
        (http(200, gzip.compress(b"x" * 99)[:-4], content_encoding="gzip"), ProtocolError),
    ],
    ids=["long", "inflated", "chunks", "endless", "identity", "short", "cut", "cut_gzip"],
)
def test_what_is_not_whole_is_an_error_and_drops_the_connection(
    colour: Colour, server: RawServer, answer: bytes, error: type[Exception]
) -> None:
    """Over the sink's limit, or with an end that is not one."""
    server.script(answer, http(200, b"next"))
    transport = colour.transport()
    with pytest.raises(error, match=r"127\.0\.0\.1:\d+"):
        colour(transport.send(into(Heap(limit=1000), server.url), timeout=5))
    sink = Heap()
    colour(transport.send(into(sink, server.url), timeout=5))
    assert sink.pieces == [b"next"]


@pytest.mark.parametrize("where", ["begin", "write", "report"])
@pytest.mark.parametrize("error", [OSError, ConnectionResetError, ValueError, TimeoutError])
def test_what_a_sink_raises_comes_back_as_it_is(
    colour: Colour, server: RawServer, where: str, error: type[Exception]
) -> None:
    """A disk's error is not the network's; what is left on the connection is not read."""

    def broken(*_: object) -> None:
        raise error("of the sink")

    server.script(http(200, CONTENT), http(200, b"next"))
    sink = Heap()
    setattr(sink, where, broken)
    transport = colour.transport()
    with pytest.raises(error, match="of the sink"):
        colour(transport.send(into(sink, server.url), timeout=5))
    after = Heap()
    colour(transport.send(into(after, server.url), timeout=5))
    assert after.pieces == [b"next"]
    assert server.connections == 2
