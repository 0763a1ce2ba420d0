"""Both transports, against a server that behaves and misbehaves by script."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import threading
import time
import traceback
from pathlib import Path

import pytest

from rblx_oauth.core.message import Request
from rblx_oauth.errors import (
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    ResponseTooLarge,
    RobloxError,
)
from rblx_oauth.transport import aiohttp_transport, faults
from rblx_oauth.transport.aiohttp_transport import AiohttpTransport
from rblx_oauth.transport.requests_transport import RequestsTransport
from tests.support.colours import Colour
from tests.support.raw_server import (
    Exchange,
    RawServer,
    dripped,
    hang,
    http,
    reset,
    then_close,
    then_reset,
)

SECRET = "s3cr3t-canary-5f1c"


def request(url: str, path: str = "/thing", method: str = "GET", **more: object) -> Request:
    """A request that carries a secret in its header and query."""
    return Request(
        method,
        f"{url}{path}?q={SECRET}",
        headers={"x-api-key": SECRET},
        operation="get_thing",
        **more,  # type: ignore[arg-type]
    )


def test_answer_comes_whole(colour: Colour, server: RawServer) -> None:
    """Status, lower-case headers and body arrive; the connection is kept for the next."""
    server.script(http(404, b"nothing", X_Thing="One"))
    transport = colour.transport()
    for _ in range(3):
        answer = colour(transport.send(request(server.url), timeout=5))
        assert (answer.status, answer.headers["x-thing"], answer.body) == (404, "One", b"nothing")
    assert server.connections == 1
    assert SECRET in server.requests[0].decode()


@pytest.mark.parametrize("value", [b"caf\xc3\xa9", b"caf\xe9", b"\xff\xfe"])
def test_headers_that_are_not_ascii_are_read_alike(
    colour: Colour, server: RawServer, value: bytes
) -> None:
    """Each byte is a character (RFC 9110 5.5), and none is half of one."""
    server.script(b"HTTP/1.1 200 OK\r\nx-thing: " + value + b"\r\ncontent-length: 0\r\n\r\n")
    answer = colour(colour.transport().send(request(server.url), timeout=5))
    assert answer.headers["x-thing"] == value.decode("latin-1")


def test_chunked_and_empty_answers(colour: Colour, server: RawServer) -> None:
    """A chunked body is joined, a 204 has none."""
    server.script(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    )
    transport = colour.transport()
    assert colour(transport.send(request(server.url), timeout=5)).body == b"abcde"
    assert colour(transport.send(request(server.url), timeout=5)).body == b""


@pytest.mark.parametrize(
    "path",
    ["/a%2Fb%23c%3Fd%20e%252F", "/%2E%2E/x", "/%2E", "/k%3Aincrement:increment", "/%F0%9F%8E%A9"],
)
def test_paths_arrive_as_they_were_encoded(colour: Colour, server: RawServer, path: str) -> None:
    """No library on the way decodes, re-encodes or removes a segment."""
    server.script(http(200))
    colour(colour.transport().send(request(server.url, path), timeout=5))
    assert server.lines == [f"GET {path}?q={SECRET}"]


def test_gzip_is_inflated(colour: Colour, server: RawServer) -> None:
    """A compressed answer comes out plain."""
    server.script(http(200, gzip.compress(b"plain" * 1000), content_encoding="gzip"))
    answer = colour(colour.transport().send(request(server.url), timeout=5))
    assert answer.body == b"plain" * 1000
    assert b"Accept-Encoding: gzip\r\n" in server.requests[0]


def test_f01_connection_refused(colour: Colour) -> None:
    """Nobody listening: surely not processed, and the host is named."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1:\d+ \(get_thing\): connection refused"):
        colour(colour.transport().send(request(url), timeout=5))


def test_unknown_host_is_connect_failed(colour: Colour) -> None:
    """A name that does not resolve: surely not processed."""
    with pytest.raises(ConnectFailed, match="does not resolve"):
        colour(colour.transport().send(request("http://no-such-host.invalid"), timeout=10))


def test_tls_to_a_plain_server_is_connect_failed(colour: Colour) -> None:
    """A handshake that fails: the request was not sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_plain() -> None:
            connection, _ = listener.accept()
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")
            connection.close()

        threading.Thread(target=answer_in_plain, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ConnectFailed, match="TLS handshake"):
            colour(colour.transport().send(request(url), timeout=5))


def test_f02_reset_before_any_answer(colour: Colour, server: RawServer) -> None:
    """A reset after the request went out: it may have been processed; sent once only."""
    server.script(reset)
    with pytest.raises(ConnectionLost):
        colour(colour.transport().send(request(server.url), timeout=5))
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_f02_kept_connection_that_breaks_is_not_retried(
    colour: Colour, server: RawServer, method: str
) -> None:
    """On a kept connection too, the transport sends once, whatever the method."""
    server.script(http(200), then_close(b""))
    transport = colour.transport()
    colour(transport.send(request(server.url), timeout=5))
    with pytest.raises(ConnectionLost):
        colour(transport.send(request(server.url, method=method), timeout=5))
    assert len(server.requests) == 2


def test_stale_kept_connection_is_replaced(colour: Colour, server: RawServer) -> None:
    """A kept connection that the server closed while idle is noticed before it is used."""
    server.script(then_close(http(200, b"one")), http(200, b"two"))
    transport = colour.transport()
    assert colour(transport.send(request(server.url), timeout=5)).body == b"one"
    if colour.runner is not None:
        colour.runner.run(asyncio.sleep(0.05))  # the loop sees the close
    else:
        time.sleep(0.05)  # the close arrives
    assert colour(transport.send(request(server.url), timeout=5)).body == b"two"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nabc",
    ],
)
def test_f03_reset_in_the_body(colour: Colour, server: RawServer, head: bytes) -> None:
    """A body that breaks off is a lost connection, not a short answer."""
    transport = colour.transport()
    for end in (then_reset, then_close):
        server.script(end(head))
        with pytest.raises(ConnectionLost):
            colour(transport.send(request(server.url), timeout=5))


@pytest.mark.parametrize(
    "answer",
    [
        hang,
        dripped(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000),
        dripped(b"z" * 1000, after=b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"),
        dripped(
            b"1\r\nz\r\n" * 200, after=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        ),
    ],
    ids=["silence", "f04_slow_headers", "f05_dripped_body", "f05_dripped_chunks"],
)
def test_f04_f05_deadline_covers_the_whole_exchange(
    colour: Colour, server: RawServer, answer: object
) -> None:
    """However finely an answer is dripped, the time given ends it."""
    server.script(answer)  # type: ignore[arg-type]
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"within 0\.4 s"):
        colour(colour.transport().send(request(server.url), timeout=0.4))
    assert 0.3 < time.monotonic() - began < 1.5


def test_f08_announced_huge_body_is_not_read(colour: Colour, server: RawServer) -> None:
    """A Content-Length over the cap is refused at once."""
    server.script(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx")
    with pytest.raises(ResponseTooLarge):
        colour(colour.transport().send(request(server.url), timeout=5))


def test_f08_endless_body_stops_at_the_cap(colour: Colour, server: RawServer) -> None:
    """A body without a length is cut off at the cap."""
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    server.script(
        lambda exchange: exchange.sock.sendall(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunk * 70
        )
    )
    with pytest.raises(ResponseTooLarge, match="67108864 bytes"):
        colour(colour.transport().send(request(server.url), timeout=20))


def test_f09_gzip_bomb_stops_at_the_cap(colour: Colour, server: RawServer) -> None:
    """A small body that inflates past the cap is refused without being inflated whole."""
    bomb = gzip.compress(b"\0" * (80 * 1024 * 1024), compresslevel=9)
    assert len(bomb) < 100_000
    server.script(http(200, bomb, content_encoding="gzip"))
    with pytest.raises(ResponseTooLarge):
        colour(colour.transport().send(request(server.url), timeout=20))


def test_f10_redirects_are_not_followed(colour: Colour, server: RawServer) -> None:
    """A redirect is handed back as it came."""
    with RawServer([http(200)]) as elsewhere:
        server.script(http(302, location=elsewhere.url))
        assert colour(colour.transport().send(request(server.url), timeout=5)).status == 302
        assert elsewhere.requests == []


def test_cookies_are_not_kept(colour: Colour, server: RawServer) -> None:
    """What one answer sets, the next request does not send."""
    server.script(http(200, set_cookie="id=1; Path=/"))
    transport = colour.transport()
    for _ in range(2):
        colour(transport.send(request(server.url), timeout=5))
    assert b"cookie" not in server.requests[1].lower()


def test_c49_netrc_is_never_read(
    colour: Colour, server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password in .netrc does not travel."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script(http(200))
    colour(colour.transport().send(request(server.url), timeout=5))
    assert b"authorization" not in server.requests[0].lower()


def test_c49_proxies_of_the_environment_are_used(
    colour: Colour, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY carries the request, with the proxy's own password; NO_PROXY exempts."""
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("//", "//me:pw@"))
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "")
    server.script(http(200, b"by proxy"))
    target = request("http://apis.example.com", "/a%2Fb/%2E%2E")
    assert colour(colour.transport().send(target, timeout=5)).body == b"by proxy"
    assert server.lines == [f"GET http://apis.example.com/a%2Fb/%2E%2E?q={SECRET}"]
    assert b"proxy-authorization: basic" in server.requests[0].lower()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with RawServer([http(200, b"direct")]) as direct:
        answer = colour(colour.transport().send(request(direct.url), timeout=5))
    assert answer.body == b"direct"


def test_socks_proxy_is_refused_clearly(colour: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that neither colour can use is a configuration error."""
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY"):
        colour(colour.transport().send(request("http://apis.example.com"), timeout=5))


def test_missing_ca_bundle_is_said(colour: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE that points nowhere names itself."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
    with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE"):
        colour(colour.transport().send(request("https://127.0.0.1:1"), timeout=5))


def test_c48_errors_carry_no_secret(colour: Colour, server: RawServer) -> None:
    """No message, repr or chained exception quotes the query or the headers."""
    transport = colour.transport()
    for answer in (reset, hang, b"nonsense\r\n\r\n", http(200, b"x", content_encoding="gzip")):
        server.script(answer)
        with pytest.raises(RobloxError) as caught:
            colour(transport.send(request(server.url), timeout=0.3))
        error: BaseException | None = caught.value
        text = "".join(traceback.format_exception(error))
        while error is not None:
            text += repr(error) + str(error)
            error = error.__cause__ or error.__context__
        assert SECRET not in text
    assert SECRET not in repr(request(server.url))


def test_second_event_loop_works(server: RawServer) -> None:
    """One async transport serves one asyncio.run after another."""
    server.script(http(200, b"hello"))
    transport = AiohttpTransport()

    async def once() -> bytes:
        return (await transport.send(request(server.url), timeout=5)).body

    assert [asyncio.run(once()) for _ in range(3)] == [b"hello"] * 3
    asyncio.run(transport.aclose())


def test_waiting_for_ones_turn_is_no_failure_to_connect(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More requests than connections: the rest wait, and not only as long as for connecting."""
    monkeypatch.setattr(faults, "CONNECT_TIMEOUT", 0.2)
    monkeypatch.setattr(aiohttp_transport, "POOL_SIZE", 3)
    answer = http(200, b"hello")

    def slow(exchange: Exchange) -> None:
        exchange.sock.sendall(answer[:-5])
        exchange.drip(answer[-5:], every=0.1)

    server.script(slow)

    async def crowd() -> list[bytes]:
        transport = AiohttpTransport()
        sent = [transport.send(request(server.url), timeout=20) for _ in range(5)]
        answers = await asyncio.gather(*sent)
        await transport.aclose()
        return [each.body for each in answers]

    assert asyncio.run(crowd()) == [b"hello"] * 5


def test_forked_child_opens_its_own_connection(server: RawServer) -> None:
    """A child never talks on its parent's sockets."""
    server.script(http(200))
    transport = RequestsTransport()
    transport.send(request(server.url), timeout=5)
    child = os.fork()
    if child == 0:
        try:
            transport.send(request(server.url), timeout=5)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    transport.send(request(server.url), timeout=5)
    transport.close()
    assert server.connections == 2
