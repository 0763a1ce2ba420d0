"""Both transports, and answers that are none: interim ones, broken framing, other protocols."""

from __future__ import annotations

import gzip

import pytest

from rblx_oauth.core.message import Request
from rblx_oauth.errors import ProtocolError
from tests.support.colours import Colour
from tests.support.raw_server import Exchange, RawServer, http, then_close

JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def request(url: str) -> Request:
    """A question."""
    return Request("GET", f"{url}/thing", operation="get_thing")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        http(200, b"not gzip at all", content_encoding="gzip"),
        http(200, gzip.compress(b"whole")[:-6], content_encoding="gzip"),
        http(200, b"x", content_encoding="br"),
        JSON + b"content-length: abc\r\n\r\n{}",
        JSON + b"content-length: -1\r\n\r\n{}",
        JSON + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}x",
        JSON + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        JSON + b"transfer-encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=[
        "not_http",
        "bad_status",
        "unasked_upgrade",
        "bad_chunk",
        "huge_header",
        "not_gzip",
        "cut_gzip",
        "unasked_coding",
        "length_is_no_number",
        "negative_length",
        "two_lengths",
        "length_and_chunks",
        "negative_chunk",
    ],
)
def test_what_is_not_the_protocol_is_protocol_error(
    colour: Colour, server: RawServer, answer: bytes
) -> None:
    """Bytes that are no answer are told apart from a broken connection."""
    server.script(then_close(answer))
    with pytest.raises(ProtocolError):
        colour(colour.transport().send(request(server.url), timeout=5))


@pytest.mark.parametrize("status", [100, 102, 103])
def test_interim_answers_are_passed_over(colour: Colour, server: RawServer, status: int) -> None:
    """The answer is the one after them, and none is left for the connection's next request."""
    interim = f"HTTP/1.1 {status} Wait\r\nlink: </a>\r\n\r\n".encode()

    def late(exchange: Exchange) -> None:
        exchange.sock.sendall(interim)
        exchange.drip(interim + http(200, b"first"), every=0.001)

    server.script(late, http(200, b"second"))
    transport = colour.transport()
    for body in (b"first", b"second"):
        assert colour(transport.send(request(server.url), timeout=5)).body == body
    assert server.connections == 1
