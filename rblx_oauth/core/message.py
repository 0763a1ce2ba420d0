"""What travels between the client and a transport: requests, responses, bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

MAX_BODY = 64 * 1024 * 1024
"""The cap on one answer, in decompressed bytes; larger ones raise `ResponseTooLarge`."""


class Readable(Protocol):
    """What is needed of an open file."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...

    def close(self) -> None:
        """Be done with it."""
        ...


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file on its way out: opened anew for each try, read in pieces, never whole.

    Attributes:
        open: Gives a binary file positioned at the content's start.
        size: Bytes that will be read.
        filename: The name sent along.
        content_type: The media type sent along.
        progress: Called with (bytes sent so far, size) as the pieces go out.
    """

    open: Callable[[], Readable]
    size: int
    filename: str
    content_type: str
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class JsonPart:
    """A JSON document as one part of a multipart body."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Multipart:
    """A ``multipart/form-data`` body (RFC 7578): parts by name, in order."""

    parts: Mapping[str, JsonPart | FilePart]


@dataclass(slots=True)
class Request:
    """One HTTP request.

    Attributes:
        method: In capitals.
        url: Complete and already percent-encoded: it is sent as it is.
        headers: Sent as they are; the transport adds Host and what frames the body.
        body: Bytes, or parts that are streamed.
        operation: What error messages call it.
        template: The path without its arguments, for logs and traces.
        attempt: The number of the try, from 1.
    """

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: bytes | Multipart | None = field(default=None, repr=False)
    operation: str | None = None
    template: str | None = None
    attempt: int = 1


@dataclass(slots=True)
class Response:
    """One HTTP answer, complete. Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Carries a request to the network and brings the answer; the sync colour."""

    def send(self, request: Request, *, timeout: float) -> Response:
        """Send once. No retry, no redirect followed, no cookie kept, no ``.netrc`` read.

        Args:
            request: What to send.
            timeout: Seconds for the whole exchange, the answer's last byte included.

        Raises:
            ConnectFailed: No connection could be made.
            ConnectionLost: It broke before the answer was complete.
            DeadlineExceeded: `timeout` passed.
            ResponseTooLarge: The answer is over `MAX_BODY`.
            ProtocolError: The answer is not HTTP.
        """
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


class AsyncTransport(Protocol):
    """The same, awaited; usable from one event loop after another."""

    async def send(self, request: Request, *, timeout: float) -> Response:  # noqa: ASYNC109 (the whole exchange's)
        """As `Transport.send`."""
        ...

    async def aclose(self) -> None:
        """As `Transport.close`."""
        ...
