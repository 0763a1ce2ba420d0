"""Both transports over TLS: trust, deadlines, and a proxy's tunnel."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rblx_oauth.core.message import FilePart, Multipart, Request
from rblx_oauth.errors import ConnectFailed, DeadlineExceeded
from tests.support.certificates import Authority
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, dripped, http


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom only those trust who are told to."""
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[RawServer]:
    """A raw server behind TLS."""
    with RawServer(tls=authority.issue().server_context()) as made:
        yield made


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """REQUESTS_CA_BUNDLE names the authority."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))


def test_trusted_server_is_answered(colour: Colour, secure: RawServer, trusted: None) -> None:
    """A bundle from the environment is believed; the connection is kept."""
    secure.script(http(200, b"hello"))
    transport = colour.transport()
    for _ in range(2):
        assert colour(transport.send(Request("GET", secure.url + "/x"), timeout=5)).body == b"hello"
    assert secure.connections == 1


def test_c17_unknown_certificate_is_refused(colour: Colour, secure: RawServer) -> None:
    """A certificate that nobody vouches for: no connection, nothing sent."""
    secure.script(http(200))
    with pytest.raises(ConnectFailed, match="certificate is not trusted"):
        colour(colour.transport().send(Request("GET", secure.url + "/x"), timeout=5))
    assert secure.requests == []


def test_c17_certificate_of_another_host_is_refused(
    colour: Colour, secure: RawServer, trusted: None
) -> None:
    """The name must be the one that was asked for."""
    secure.script(http(200))
    url = secure.url.replace("127.0.0.1", "localhost")
    with pytest.raises(ConnectFailed, match="certificate is not trusted"):
        colour(colour.transport().send(Request("GET", url + "/x"), timeout=5))
    assert secure.requests == []


def test_f05_deadline_holds_over_tls(colour: Colour, secure: RawServer, trusted: None) -> None:
    """A dripped body over TLS ends at the deadline too."""
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"
    secure.script(dripped(b"z" * 1000, after=head))
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        colour(colour.transport().send(Request("GET", secure.url + "/x"), timeout=0.5))
    assert time.monotonic() - began < 2


def test_silent_handshake_is_no_connection(colour: Colour, trusted: None) -> None:
    """A server that accepts and never shakes hands: surely not processed, in bounded time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
        began = time.monotonic()
        with pytest.raises(ConnectFailed, match="timed out"):
            colour(colour.transport().send(Request("GET", url), timeout=0.5))
        assert time.monotonic() - began < 2


def test_upload_over_tls(colour: Colour, secure: RawServer, trusted: None, tmp_path: Path) -> None:
    """A streamed body arrives whole through TLS."""
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 20_000)
    file = FilePart(lambda: path.open("rb"), path.stat().st_size, "film.mp4", "video/mp4")
    secure.script(http(200))
    request = Request("POST", secure.url + "/x", body=Multipart({"fileContent": file}))
    assert colour(colour.transport().send(request, timeout=20)).status == 200
    assert path.read_bytes() in secure.requests[0]


def tunnel(exchange: object, secure: RawServer) -> None:
    """Answer a CONNECT, then pass bytes on both ways."""
    client: socket.socket = exchange.sock  # type: ignore[attr-defined]
    with socket.create_connection(("127.0.0.1", secure.port)) as onward:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(onward, client), daemon=True)
        back.start()
        pump(client, onward)
        back.join(5)


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy bytes until one side closes."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_c49_https_goes_through_the_proxy_in_a_tunnel(
    colour: Colour,
    secure: RawServer,
    server: RawServer,
    trusted: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proxy sees a host and a port; path and headers stay inside TLS."""
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    answer: Callable[..., None] = lambda exchange: tunnel(exchange, secure)  # noqa: E731
    server.script(answer)
    secure.script(http(200, b"through"))
    request = Request("GET", secure.url + "/secret", {"x-api-key": "canary"})
    assert colour(colour.transport().send(request, timeout=5)).body == b"through"
    assert server.lines == [f"CONNECT 127.0.0.1:{secure.port}"]
    assert b"canary" not in server.requests[0]
    assert b"x-api-key: canary" in secure.requests[0]


@pytest.mark.parametrize("refusal", [http(407), http(502), b"nonsense\r\n\r\n"])
def test_proxy_that_refuses_is_no_connection(
    colour: Colour,
    server: RawServer,
    trusted: None,
    monkeypatch: pytest.MonkeyPatch,
    refusal: bytes,
) -> None:
    """A tunnel that is not made: surely not processed."""
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    server.script(refusal)
    with pytest.raises(ConnectFailed):
        colour(colour.transport().send(Request("GET", "https://127.0.0.1:1/x"), timeout=5))
