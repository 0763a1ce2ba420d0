"""What is not HTTP as it should be: an answer of 4xx, and nothing on the console."""

from __future__ import annotations

import socket

import pytest

from rblx_oauth.sandbox import Sandbox

PUBLISH = "POST /cloud/v2/universes/3000001:publishMessage HTTP/1.1\r\nHost: localhost\r\n"
TOKEN = "POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"


def statuses(cloud: Sandbox, text: str) -> list[int]:
    """The statuses of all that comes back for these bytes, until the sandbox has no more to say."""
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=10) as sock:
        sock.sendall(text.replace("KEY", cloud.api_key).encode("latin-1"))
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while data := sock.recv(65536):
            answer += data
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    "request_text",
    [
        PUBLISH + "x-api-key: KEY\r\n" + CHUNKED + "zz\r\n",
        PUBLISH + CHUNKED + "zz\r\n",
        TOKEN + CHUNKED + "zz\r\n",
        TOKEN + "Content-Length: -5\r\n\r\n",
        TOKEN + "Content-Length: many\r\n\r\n",
        PUBLISH + "x-api-key: KEY\r\nContent-Length: 100\r\n\r\n{}",
        "GET /cloud/v2/users/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
    ],
)
def test_broken_framing_is_a_bad_request(
    cloud: Sandbox, capfd: pytest.CaptureFixture[str], request_text: str
) -> None:
    """Chunks without a size, lengths that are none, bodies cut short, bytes of other protocols."""
    answered = statuses(cloud, request_text)
    assert answered
    assert all(400 <= status < 500 for status in answered)
    assert capfd.readouterr().err == ""


def test_a_chunked_body_is_read(cloud: Sandbox) -> None:
    """A body may come in chunks, as from a client that does not know its length."""
    body = '{"topic":"a","message":"b"}'
    chunks = f"5\r\n{body[:5]}\r\n{len(body) - 5:x}\r\n{body[5:]}\r\n0\r\n\r\n"
    assert statuses(cloud, PUBLISH + "x-api-key: KEY\r\n" + CHUNKED + chunks) == [200]
    assert [message.topic for message in cloud.messages] == ["a"]
