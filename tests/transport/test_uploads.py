"""Both transports, and what they stream out."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

from rblx_oauth.core.files import upload_file
from rblx_oauth.core.message import FilePart, JsonPart, Multipart, Request
from rblx_oauth.errors import ConnectFailed, DeadlineExceeded
from rblx_oauth.transport.aiohttp_transport import AiohttpTransport
from rblx_oauth.transport.requests_transport import RequestsTransport
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


def once(colour: Colour, pieces: Iterable[bytes], size: int, *, awaited: bool = False) -> FilePart:
    """A file that can be read once only; read by awaiting, if told so and the colour can."""
    source: Any = pieces
    if awaited and colour.name == "async":
        source = awaiting(pieces)
    return upload_file(
        source, formats={".bin": "a/b"}, limit=10**9, what="it", filename="a.bin", size=size
    )


async def awaiting(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, with a pause before each."""
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


@pytest.mark.parametrize("awaited", [False, True], ids=["plain", "awaited"])
def test_an_iterator_is_streamed_with_its_length(
    colour: Colour, server: RawServer, awaited: bool
) -> None:
    """However it cuts its bytes, they arrive as one body of the length that was said."""
    server.script(http(200))
    content = os.urandom(700_001)
    cuts = [0, 1, 1, 300, 600_000, 700_001]
    pieces = (content[start:end] for start, end in itertools.pairwise(cuts))
    file = once(colour, pieces, len(content), awaited=awaited)
    request = Request("POST", f"{server.url}/thing", body=file)
    assert colour(colour.transport().send(request, timeout=10)).status == 200
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == content
    assert b"content-length: 700001" in head.lower()
    assert b"content-type: a/b" in head.lower()
    assert b"transfer-encoding" not in head.lower()


def test_a_file_by_itself_tells_its_progress_to_the_end(colour: Colour, server: RawServer) -> None:
    """A raw body reports its last piece too."""
    server.script(http(200))
    seen: list[tuple[int, int]] = []
    content = os.urandom(600_000)
    file = FilePart(
        lambda: io.BytesIO(content), 600_000, "a.rbxl", "a/b", lambda *at: seen.append(at)
    )
    request = Request("POST", f"{server.url}/thing", body=file)
    for _ in range(2):
        assert colour(colour.transport().send(request, timeout=10)).status == 200
    assert seen[-1] == (600_000, 600_000)
    assert [at[0] for at in seen].count(600_000) == 2
    assert server.requests[1].endswith(content)


@pytest.mark.parametrize("awaited", [False, True], ids=["plain", "awaited"])
@pytest.mark.parametrize("raw", [False, True], ids=["form", "raw"])
@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ([b"abc", b"def"], r"a\.bin ended after 6 of 10 bytes"),
        ([], r"a\.bin ended after 0 of 10 bytes"),
        ([b"abc", b"defghij", b"k"], r"a\.bin gave more than the 10 bytes of size="),
        ([b"abcdefghijk"], r"a\.bin gave more than the 10 bytes of size="),
        ([b"abc", b"defghij", b"", b"k"], r"a\.bin gave more than the 10 bytes of size="),
    ],
    ids=["short", "empty", "long", "long_piece", "late"],
)
def test_an_iterator_of_another_length_is_an_error_that_nobody_takes_for_a_body(
    colour: Colour, server: RawServer, pieces: list[bytes], says: str, raw: bool, awaited: bool
) -> None:
    """Too few or too many bytes: named, the body never completed, the connection dropped."""
    server.script(http(200))
    transport = colour.transport()
    colour(transport.send(Request("GET", f"{server.url}/first"), timeout=5))
    file = once(colour, iter(pieces), 10, awaited=awaited)
    body = file if raw else Multipart({"file": file})
    with pytest.raises(ValueError, match=says):
        colour(transport.send(Request("POST", f"{server.url}/thing", body=body), timeout=5))
    colour(transport.send(Request("GET", f"{server.url}/last"), timeout=5))
    assert server.lines == ["GET /first", "GET /last"]
    assert server.connections == 2


@pytest.mark.parametrize("awaited", [False, True], ids=["plain", "awaited"])
def test_a_piece_that_is_not_bytes_is_a_type_error(
    colour: Colour, server: RawServer, awaited: bool
) -> None:
    """In both colours and from both kinds of iterators."""
    server.script(http(200))
    file = once(colour, iter([b"abc", "def"]), 6, awaited=awaited)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="pieces of a file must be bytes, not str"):
        colour(colour.transport().send(Request("POST", server.url, body=file), timeout=5))
    assert server.requests == []


@pytest.mark.parametrize("given", ["text", bytearray(b"abc"), None])
def test_a_file_that_reads_no_bytes_is_a_type_error(
    colour: Colour, server: RawServer, given: object
) -> None:
    """The same in both colours."""
    server.script(http(200))
    reads = type("Reads", (io.BytesIO,), {"read": lambda *_: given})
    file = FilePart(reads, 3, "hat.png", "image/png")
    with pytest.raises(TypeError, match=rf"hat\.png gave {type(given).__name__}, not bytes"):
        colour(colour.transport().send(upload_of(server.url, file), timeout=5))


def test_what_was_read_once_is_not_sent_again(colour: Colour, server: RawServer) -> None:
    """A second request with it is refused before anything is sent."""
    server.script(http(200))
    request = Request("POST", server.url, body=once(colour, iter([b"abc"]), 3, awaited=True))
    transport = colour.transport()
    colour(transport.send(request, timeout=5))
    with pytest.raises(ValueError, match=r"a\.bin can be read once only"):
        colour(transport.send(request, timeout=5))
    assert len(server.requests) == 1


def test_what_was_never_begun_may_be_sent_still(colour: Colour, server: RawServer) -> None:
    """Without a connection nothing is read, and the next try has it all."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    server.script(http(200))
    file = once(colour, iter([b"abc"]), 3, awaited=True)
    transport = colour.transport()
    with pytest.raises(ConnectFailed):
        colour(transport.send(Request("POST", nobody, body=file), timeout=5))
    colour(transport.send(Request("POST", server.url, body=file), timeout=5))
    assert server.requests[0].endswith(b"\r\n\r\nabc")


def test_the_sync_client_refuses_what_must_be_awaited(server: RawServer) -> None:
    """An async iterator given to the sync colour: a TypeError, and nothing is sent."""
    server.script(http(200))
    file = upload_file(
        awaiting([b"abc"]), formats={"": "a/b"}, limit=9, what="it", filename="a", size=3
    )
    with closing(RequestsTransport()) as transport:
        for body in (file, Multipart({"file": file})):
            with pytest.raises(TypeError, match="give it to AsyncClient"):
                transport.send(Request("POST", server.url, body=body), timeout=5)
    assert server.connections == 0
    assert not file.spent


def test_a_pipe_is_streamed(colour: Colour, server: RawServer) -> None:
    """What another program writes goes out as it comes."""
    server.script(http(200))
    with subprocess.Popen(
        ["/bin/sh", "-c", "printf abc; printf def"], stdout=subprocess.PIPE
    ) as program:
        source: Any = program.stdout
        file = upload_file(source, formats={"": "a/b"}, limit=9, what="it", filename="a", size=6)
        request = Request("POST", server.url, body=file)
        assert colour(colour.transport().send(request, timeout=5)).status == 200
    assert server.requests[0].endswith(b"\r\n\r\nabcdef")


def test_an_awaited_file_is_read_as_it_says(server: RawServer) -> None:
    """A stream of asyncio, whose read is awaited, is a source of the async colour."""
    server.script(http(200))

    async def send() -> None:
        stream = asyncio.StreamReader()
        stream.feed_data(b"abcdef")
        stream.feed_eof()
        source: Any = stream
        file = upload_file(source, formats={"": "a/b"}, limit=9, what="it", filename="a", size=6)
        transport = AiohttpTransport()
        await transport.send(Request("POST", server.url, body=file), timeout=5)
        await transport.aclose()

    asyncio.run(send())
    assert server.requests[0].endswith(b"\r\n\r\nabcdef")


@pytest.mark.parametrize("error", [ConnectionResetError, BrokenPipeError, TimeoutError])
def test_a_source_whose_own_connection_breaks_is_not_waited_for(
    colour: Colour, server: RawServer, error: type[OSError]
) -> None:
    """What a source raises ends the call at once, though the libraries swallow such errors."""
    server.script(http(200))

    def pieces() -> Iterator[bytes]:
        yield b"abc"
        raise error(104, "of the source")

    began = time.monotonic()
    file = once(colour, pieces(), 6, awaited=True)
    with pytest.raises(error, match="of the source"):
        colour(colour.transport().send(Request("POST", server.url, body=file), timeout=20))
    assert time.monotonic() - began < 5
    assert server.requests == []


def test_a_form_holds_text_and_several_files_of_one_name(colour: Colour, server: RawServer) -> None:
    """Text fields have no type and are UTF-8; a list goes out part by part; None is left out."""
    server.script(http(200))
    files = [FilePart(lambda: io.BytesIO(b"1"), 1, f"{name}.png", "image/png") for name in "ab"]
    form = Multipart({"name": "Größe\r\n🎩", "empty": "", "files": files, "price": None})
    colour(colour.transport().send(Request("POST", server.url, body=form), timeout=5))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    boundary = head.lower().partition(b"boundary=")[2].split(b"\r\n")[0]
    lead = b'\r\nContent-Disposition: form-data; name="'
    assert body.split(b"--" + boundary) == [
        b"",
        lead + 'name"\r\n\r\nGröße\r\n🎩\r\n'.encode(),
        lead + b'empty"\r\n\r\n\r\n',
        lead + b'files"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n1\r\n',
        lead + b'files"; filename="b.png"\r\nContent-Type: image/png\r\n\r\n1\r\n',
        b"--\r\n",
    ]


def test_text_that_is_not_unicode_is_refused_before_sending(
    colour: Colour, server: RawServer
) -> None:
    """A lone surrogate has no UTF-8."""
    form = Multipart({"name": "\ud800"})
    with pytest.raises(ValueError, match="surrogate"):
        colour(colour.transport().send(Request("POST", server.url, body=form), timeout=5))
    assert server.connections == 0
