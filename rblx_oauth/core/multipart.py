"""Framing of streamed bodies (forms: RFC 7578), without reading a file.

The pieces are bytes to be sent as they are, and files to be sent in between;
the length of it all is known before the first byte goes out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rblx_oauth.core.message import Body, FilePart, JsonPart, Multipart, file_parts
from rblx_oauth.core.reading import blocking_opener


@dataclass(frozen=True, slots=True)
class Framed:
    """A streamed body ready to be sent.

    Attributes:
        content_type: Of all of it; a form's with the boundary.
        length: Bytes in all.
        pieces: Bytes and files, in order.
    """

    content_type: str
    length: int
    pieces: tuple[bytes | FilePart, ...]


def frame(body: Multipart | FilePart) -> Framed:
    """A file as it is, or the parts of a form with a fresh boundary."""
    if isinstance(body, FilePart):
        return Framed(body.content_type, body.size, (body,))
    boundary = secrets.token_hex(16)
    pieces: list[bytes | FilePart] = []
    for name, part in body.fields():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(part, FilePart):
            head += f'; filename="{_quoted(part.filename)}"\r\nContent-Type: {part.content_type}'
        elif isinstance(part, JsonPart):
            head += "\r\nContent-Type: application/json"
        # A text field has no type of its own: plain text, in UTF-8 (RFC 7578 4.4, 5.1.2).
        pieces += [f"{head}\r\n\r\n".encode(), _content(part), b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    length = sum(each.size if isinstance(each, FilePart) else len(each) for each in pieces)
    return Framed(f"multipart/form-data; boundary={boundary}", length, tuple(pieces))


def _content(part: str | JsonPart | FilePart) -> bytes | FilePart:
    if isinstance(part, str):
        return part.encode()
    return part.content if isinstance(part, JsonPart) else part


def _quoted(name: str) -> str:
    """A name inside double quotes, escaped as HTML's form submission does it."""
    # A file's name on a disk need not be Unicode; what is not becomes a question mark.
    legible = name.encode(errors="replace").decode()
    return legible.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


class CallerFailed(Exception):
    """The caller's own file, sink or callback raised; `Exchange.failure` is what.

    It stands for that on its way through the HTTP libraries, which would take an
    `OSError` for a failure of the connection.
    """


class Exchange:
    """The caller's side of one try: what goes out, and what their own code raised.

    Args:
        body: What to send.
        awaits: Whether files may be sent whose reading is awaited.

    Attributes:
        headers: Those that frame the body.
        data: The body, unless it is streamed.
        framed: Its pieces, if it is streamed.
        failure: What the caller's own file, sink or callback raised.

    Raises:
        ValueError: A file can be read once only, and was.
        TypeError: A file's reading is awaited.
    """

    def __init__(self, body: Body, *, awaits: bool) -> None:
        self.headers: dict[str, str] = {}
        self.data: bytes | None = None
        self.framed: Framed | None = None
        self.failure: Exception | None = None
        if isinstance(body, Multipart | FilePart):
            for part in file_parts(body):
                if part.spent:
                    raise ValueError(
                        f"{part.filename} can be read once only, and was: make it anew"
                    )
                if not awaits:
                    blocking_opener(part)
            self.framed = frame(body)
            self.headers["Content-Type"] = self.framed.content_type
            self.headers["Content-Length"] = str(self.framed.length)
        else:
            self.data = body

    @contextmanager
    def callers_code(self) -> Iterator[None]:
        """Keep what the block raises as `failure`; in its place comes `CallerFailed`."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 (raised again by the transport)
            self.failure = error
            raise CallerFailed from None
