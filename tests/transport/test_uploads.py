"""Both transports, and what they stream out."""

from __future__ import annotations

import io
import os
import socket
import time
from collections.abc import Callable

import pytest

from rblx_oauth.core.message import FilePart, JsonPart, Multipart, Request
from rblx_oauth.errors import DeadlineExceeded
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http


def upload_of(url: str, file: FilePart) -> Request:
    """A request that carries a JSON part and a file."""
    parts: dict[str, JsonPart | FilePart] = {"request": JsonPart(b'{"a":1}'), "fileContent": file}
    return Request("POST", f"{url}/thing", body=Multipart(parts), operation="create_thing")


def test_upload_is_framed_and_repeatable(colour: Colour, server: RawServer) -> None:
    """A multipart body goes out with its length, escaped names and progress; twice if asked."""
    server.script(http(200))
    content, seen = os.urandom(600_000), []
    file = FilePart(
        open=lambda: io.BytesIO(content),
        size=len(content),
        filename='ha"t\udcff.png',
        content_type="image/png",
        progress=lambda *at: seen.append(at),
    )
    upload = upload_of(server.url, file)
    transport = colour.transport()
    for _ in range(2):
        assert colour(transport.send(upload, timeout=10)).status == 200
    head, _, body = server.requests[1].partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    boundary = head.lower().partition(b"boundary=")[2].split(b"\r\n")[0]
    parts = body.split(b"--" + boundary)
    assert parts[1].endswith(b'\r\n\r\n{"a":1}\r\n')
    assert b'name="fileContent"; filename="ha%22t?.png"\r\nContent-Type: image/png' in parts[2]
    assert parts[2].endswith(b"\r\n\r\n" + content + b"\r\n")
    assert parts[3] == b"--\r\n"
    assert seen[-1] == (600_000, 600_000)
    assert len(seen) > 4


def test_file_that_shrinks_is_its_own_error(colour: Colour, server: RawServer) -> None:
    """A file that became shorter is not reported as a broken connection."""
    server.script(http(200))
    file = FilePart(lambda: io.BytesIO(b"abc"), 10, "hat.png", "image/png")
    with pytest.raises(ValueError, match=r"hat\.png ended after 3 of 10 bytes"):
        colour(colour.transport().send(upload_of(server.url, file), timeout=5))


class Generous(io.BytesIO):
    """A file that gives more than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Twice as much."""
        return b"x" * (size or 0) * 2


def test_file_that_gives_too_much_is_its_own_error(colour: Colour, server: RawServer) -> None:
    """No byte goes out beyond the length that was announced: it would be the next request."""
    server.script(http(200))
    file = FilePart(Generous, 10, "hat.png", "image/png")
    with pytest.raises(ValueError, match="gave more than it was asked for"):
        colour(colour.transport().send(upload_of(server.url, file), timeout=5))


def broken(*_: object) -> None:
    """A disk that fails."""
    raise OSError(5, "Input/output error")


def tired(*_: object) -> None:
    """A callback that has had enough."""
    raise RuntimeError("had enough")


@pytest.mark.parametrize("raised", [broken, tired])
@pytest.mark.parametrize("where", ["open", "read", "progress"])
def test_what_the_caller_raises_comes_back_as_it_is(
    colour: Colour, server: RawServer, where: str, raised: Callable[..., None]
) -> None:
    """An error of the file or of the callback is not taken for a broken connection."""
    server.script(http(200))
    reads = type("Reads", (io.BytesIO,), {"read": raised if where == "read" else io.BytesIO.read})
    file = FilePart(
        open=raised if where == "open" else lambda: reads(b"abc"),  # type: ignore[arg-type]
        size=3,
        filename="hat.png",
        content_type="image/png",
        progress=raised if where == "progress" else None,
    )
    with pytest.raises((OSError, RuntimeError), match=r"Input/output|had enough"):
        colour(colour.transport().send(upload_of(server.url, file), timeout=5))


def test_deadline_covers_a_body_that_nobody_reads(colour: Colour) -> None:
    """A server that stops reading an upload does not hold it for ever."""
    size = 50_000_000
    file = FilePart(lambda: io.BytesIO(bytes(size)), size, "hat.png", "image/png")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            colour(colour.transport().send(upload_of(url, file), timeout=0.4))
        assert time.monotonic() - began < 2
