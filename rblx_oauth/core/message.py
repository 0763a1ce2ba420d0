"""What travels between the client and a transport: requests, responses, bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeAlias, TypeVar

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


class AsyncReadable(Protocol):
    """The same of one whose reading is awaited."""

    async def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


R = TypeVar("R")


class _Once(Generic[R]):
    """Opens what can be read once only, and remembers that it was.

    Attributes:
        begun: Whether it was opened.
    """

    def __init__(self, opener: Callable[[], R]) -> None:
        self._opener = opener
        self.begun: bool = False

    def __call__(self) -> R:
        if self.begun:  # by a call that is under way at the same time
            raise ValueError("a source that can be read once only was begun already")
        self.begun = True
        return self._opener()


class Once(_Once[Readable]):
    """Opens a source that is gone once it was read: an iterator, a pipe."""


class AsyncOnce(_Once[AsyncReadable]):
    """The same for one whose reading is awaited; the sync client refuses it."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file on its way out: opened anew for each try, read in pieces, never whole.

    A part of a `Multipart`, or a whole body by itself.

    Attributes:
        open: Gives the content from its start. `Once` and `AsyncOnce` can do so
            for one try only, and their content must end where `size` says.
        size: Bytes that will be read.
        filename: The name sent along in a form; what errors call it.
        content_type: The media type sent along.
        progress: Called with (bytes sent so far, size) as the pieces go out.
    """

    open: Callable[[], Readable] | Once | AsyncOnce
    size: int
    filename: str
    content_type: str
    progress: Callable[[int, int], None] | None = None

    @property
    def once(self) -> bool:
        """Whether the content can be read once only."""
        return isinstance(self.open, _Once)

    @property
    def spent(self) -> bool:
        """Whether it can be sent no more."""
        return isinstance(self.open, _Once) and self.open.begun


@dataclass(frozen=True, slots=True)
class JsonPart:
    """A JSON document as one part of a multipart body."""

    content: bytes


Part: TypeAlias = "str | JsonPart | FilePart"
"""What one part of a form may be; a str is a plain text field."""


@dataclass(frozen=True, slots=True)
class Multipart:
    """A ``multipart/form-data`` body (RFC 7578).

    Attributes:
        parts: Parts by name, in order. Several under one name go out one after
            another (RFC 7578 4.3); None is left out.
    """

    parts: Mapping[str, Part | Sequence[Part] | None]

    def fields(self) -> Iterator[tuple[str, Part]]:
        """Each part with its name."""
        for name, given in self.parts.items():
            if isinstance(given, str | JsonPart | FilePart):
                yield name, given
            elif given is not None:
                for part in given:
                    yield name, part


Body: TypeAlias = bytes | Multipart | FilePart | None
"""What a request may carry."""


def file_parts(body: Body) -> tuple[FilePart, ...]:
    """The files that a body is made of."""
    if isinstance(body, Multipart):
        return tuple(part for _, part in body.fields() if isinstance(part, FilePart))
    return (body,) if isinstance(body, FilePart) else ()


def content_size(body: Body) -> int:
    """The bytes of a body, without what frames its parts."""
    if isinstance(body, Multipart):
        return sum(_part_size(part) for _, part in body.fields())
    return body.size if isinstance(body, FilePart) else len(body or b"")


def _part_size(part: Part) -> int:
    if isinstance(part, FilePart):
        return part.size
    return len(part.encode() if isinstance(part, str) else part.content)


class Sink(Protocol):
    """Where the body of an answer goes, a piece at a time.

    Every method but `report` may block; the async transport calls them off the
    event loop's thread, one at a time.

    Attributes:
        limit: The most bytes that it takes.
    """

    limit: int

    def begin(self, size: int | None) -> None:
        """A body begins, of `size` bytes where that is known; what came before it is void."""
        ...

    def write(self, piece: bytes, /) -> None:
        """Take the next piece."""
        ...

    def report(self) -> None:
        """Tell whoever wants to know how far it has come."""
        ...


@dataclass(slots=True)
class Request:
    """One HTTP request.

    Attributes:
        method: In capitals.
        url: Complete and already percent-encoded: it is sent as it is.
        headers: Sent as they are; the transport adds Host and what frames the body.
        body: Bytes, or what is streamed: a file, or a form with files in it.
        operation: What error messages call it.
        sink: Takes the body of a good answer (2xx), decompressed, in place of the
            `Response`; it is never in memory as a whole.
        template: The path without its arguments, for logs and traces.
        attempt: The number of the try, from 1.
    """

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: Body = field(default=None, repr=False)
    operation: str | None = None
    sink: Sink | None = field(default=None, repr=False)
    template: str | None = None
    attempt: int = 1


@dataclass(slots=True)
class Response:
    """One HTTP answer, complete; its body empty if a sink took it. Header names are lower-case."""

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
            ResponseTooLarge: The answer is over `MAX_BODY`, or over the sink's limit.
            ProtocolError: The answer is not HTTP.
            ValueError: A file can be read once only, and was; or it is not as long as
                it was said to be, in which case the connection is dropped.
            TypeError: A file's reading is awaited, and this colour cannot.
            Exception: What the caller's own file, sink or callback raised, as it is.
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
