"""Framing of ``multipart/form-data`` (RFC 7578), without reading a file.

The pieces are bytes to be sent as they are, and files to be sent in between;
the length of it all is known before the first byte goes out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rblx_oauth.core.message import FilePart, Multipart


@dataclass(frozen=True, slots=True)
class Framed:
    """A multipart body ready to be sent.

    Attributes:
        content_type: With the boundary.
        length: Bytes in all.
        pieces: Bytes and files, in order.
    """

    content_type: str
    length: int
    pieces: tuple[bytes | FilePart, ...]


def frame(body: Multipart) -> Framed:
    """Frame the parts of `body` with a fresh boundary."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes | FilePart] = []
    for name, part in body.parts.items():
        disposition = f'form-data; name="{_quoted(name)}"'
        if isinstance(part, FilePart):
            disposition += f'; filename="{_quoted(part.filename)}"'
            content_type = part.content_type
        else:
            content_type = "application/json"
        head = (
            f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
            f"Content-Type: {content_type}\r\n\r\n"
        )
        content = part if isinstance(part, FilePart) else part.content
        pieces += [head.encode(), content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    length = sum(each.size if isinstance(each, FilePart) else len(each) for each in pieces)
    return Framed(f"multipart/form-data; boundary={boundary}", length, tuple(pieces))


def _quoted(name: str) -> str:
    """A name inside double quotes, escaped as HTML's form submission does it."""
    # A file's name on a disk need not be Unicode; what is not becomes a question mark.
    legible = name.encode(errors="replace").decode()
    return legible.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


class Outgoing:
    """The body of one try on its way out.

    Args:
        body: What to send.

    Attributes:
        headers: Those that frame it.
        data: It, unless it is streamed.
        framed: Its pieces, if it is streamed.
        failure: What the caller's own file or callback raised in mid-upload, lest
            that be taken for a failure of the connection.
    """

    def __init__(self, body: bytes | Multipart | None) -> None:
        self.headers: dict[str, str] = {}
        self.data: bytes | None = None
        self.framed: Framed | None = None
        self.failure: Exception | None = None
        if isinstance(body, Multipart):
            self.framed = frame(body)
            self.headers["Content-Type"] = self.framed.content_type
            self.headers["Content-Length"] = str(self.framed.length)
        else:
            self.data = body

    @contextmanager
    def noting_failure(self) -> Iterator[None]:
        """Keep what the block raises as `failure`."""
        try:
            yield
        except Exception as error:
            self.failure = error
            raise


class FileReader:
    """One pass over a `FilePart`: reads exactly its size, and reports progress."""

    def __init__(self, part: FilePart) -> None:
        self._part = part
        self._file = part.open()
        self._sent = 0

    def read(self, size: int) -> bytes:
        """The next piece of at most `size` bytes; empty at the end.

        Raises:
            ValueError: The file became shorter than it was said to be, or gives
                more than it is asked for.
        """
        part = self._part
        wanted = min(size, part.size - self._sent)
        piece = self._file.read(wanted)
        if not piece and self._sent < part.size:
            raise ValueError(f"{part.filename} became shorter while it was being sent")
        if len(piece) > wanted:
            raise ValueError(f"{part.filename} gave more than it was asked for")
        self._sent += len(piece)
        return piece

    def report(self) -> None:
        """Tell the progress callback how far it has come."""
        if self._part.progress is not None:
            self._part.progress(self._sent, self._part.size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
