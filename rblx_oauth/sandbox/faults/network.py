"""Faults of the network: no connection, broken connections, slow ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Event
from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec
from flask import Request, Response

from rblx_oauth.sandbox.faults.kind import Kind, Seconds
from rblx_oauth.sandbox.faults.web import connection_of, dripping

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from rblx_oauth.sandbox.state import State

__all__ = ["Refused", "ResetBeforeAnswer", "ResetInBody", "SlowBody", "SlowHead"]

Processed = Annotated[
    bool, msgspec.Meta(description="whether the request was carried out before that")
]
Spread = Annotated[Seconds, msgspec.Meta(description="from the first byte to the last")]
_STUMP = b'{"this answer breaks off": "her'


class Refused(Kind):
    """f01: see `rblx_oauth.sandbox.faults.web.WebServer.refuse`."""

    name: ClassVar[str] = "f01"
    summary: ClassVar[str] = "connections are refused, open ones closed"
    times: ClassVar[int | None] = None
    by_request: ClassVar[bool] = False

    seconds: Annotated[Seconds, msgspec.Meta(description="until it listens again")] = 1.0


class ResetBeforeAnswer(Kind):
    """f02: whether the request was carried out, its sender cannot know."""

    name: ClassVar[str] = "f02"
    summary: ClassVar[str] = "the connection is reset before any answer"

    processed: Processed = False

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Nothing is carried out unless it is to be."""
        return None if self.processed else Response()

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """No answer."""
        response.close()
        return _Reset(status=0)


class ResetInBody(Kind):
    """f03: the head of the answer arrives, the body in part."""

    name: ClassVar[str] = "f03"
    summary: ClassVar[str] = "the connection is reset in the middle of the answer's body"

    processed: Processed = True

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Nothing is carried out unless it is to be."""
        return None if self.processed else Response(_STUMP, mimetype="application/json")

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """The first half of the answer; of one without a body, an announcement."""
        data = response.get_data() or b" "
        # An answer that must not have a body would be whole without it.
        status = 200 if response.status_code in (204, 304) else response.status_code
        headers = [each for each in response.headers if each[0] != "Content-Length"]
        return _Cut(data, status, headers)


class SlowHead(Kind):
    """f04: every read brings something, so that only a deadline for the whole helps."""

    name: ClassVar[str] = "f04"
    summary: ClassVar[str] = "the head of the answer comes a few bytes at a time"

    seconds: Spread = 30.0

    def after(self, response: Response, over: Event) -> Response:
        """The same answer, its head slowly."""
        return _SlowHead(response, self.seconds, over)


class SlowBody(Kind):
    """f05: as f04, after a head that came at once."""

    name: ClassVar[str] = "f05"
    summary: ClassVar[str] = "the body of the answer comes a few bytes at a time"

    seconds: Spread = 30.0

    def after(self, response: Response, over: Event) -> Response:
        """The same answer, its body slowly."""
        return _SlowBody(response, self.seconds, over)


class _Reset(Response):
    """Nothing: the connection breaks."""

    def __call__(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,  # noqa: ARG002
    ) -> Iterable[bytes]:
        connection_of(environ).reset()


class _Cut(Response):
    """The head, half of the body, and a broken connection."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        super().__call__(environ, start_response)
        return self._half(environ)

    def _half(self, environ: WSGIEnvironment) -> Iterator[bytes]:
        data = self.get_data()
        yield data[: len(data) // 2]
        connection_of(environ).reset()


class _Slow(Response):
    def __init__(self, whole: Response, seconds: float, over: Event) -> None:
        super().__init__(whole.get_data(), whole.status, whole.headers)
        self._seconds = seconds
        self._over = over


class _SlowHead(_Slow):
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection_of(environ).slow_down_once(self._seconds, self._over)
        return super().__call__(environ, start_response)


class _SlowBody(_Slow):
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection_of(environ).occupy()
        super().__call__(environ, start_response)
        return dripping(self.get_data(), self._seconds, self._over)
