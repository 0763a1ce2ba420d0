"""Faults in answers: bodies, types and sizes that are wrong, limits, redirects, gateways."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from email.utils import formatdate
from functools import lru_cache
from threading import Event
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec
from flask import Request, Response

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.faults.kind import Kind
from rblx_oauth.sandbox.faults.web import connection_of
from rblx_oauth.sandbox.refusals import Refusal, error_body, family_of
from rblx_oauth.sandbox.routing import raw_path

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from rblx_oauth.sandbox.state import State

__all__ = [
    "BadGateway",
    "BrokenJson",
    "GzipBomb",
    "HugeBody",
    "Limited",
    "LimitedSilently",
    "Redirected",
    "WrongType",
    "gateway_page",
]

_PIECE = b" " * 65536
_BEFORE, _AFTER = b'{"padding": "', b'"}'
_INVALID = b'{"broken": tru'

Size = Annotated[int, msgspec.Meta(ge=64, le=1 << 30)]


class BrokenJson(Kind):
    """f06: what a proxy or a crash leaves of an answer, with a length that fits."""

    name: ClassVar[str] = "f06"
    summary: ClassVar[str] = "status 200, and JSON that is cut off or invalid"

    form: Annotated[
        Literal["truncated", "invalid"],
        msgspec.Meta(description="half of the real answer, or text that never was JSON"),
    ] = "truncated"

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """No valid JSON, whatever the answer was."""
        data = response.get_data()
        half = data[: len(data) // 2]
        if self.form == "invalid" or _is_json(half):
            half = _INVALID
        return Response(half, mimetype="application/json")


class WrongType(Kind):
    """f07: as a captive portal or a misconfigured proxy answers."""

    name: ClassVar[str] = "f07"
    summary: ClassVar[str] = "the answer under another content type"

    content_type: Annotated[
        str, msgspec.Meta(pattern="^[!-~]+/[ -~]+$", description="what it says it is")
    ] = "text/html; charset=utf-8"

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """The same bytes, called something else."""
        response.content_type = self.content_type
        return response


class HugeBody(Kind):
    """f08: valid JSON, and too much of it."""

    name: ClassVar[str] = "f08"
    summary: ClassVar[str] = "status 200, and a huge body"

    size: Annotated[Size, msgspec.Meta(description="in bytes")] = 100_000_000
    announced: Annotated[
        bool, msgspec.Meta(description="whether Content-Length says so beforehand")
    ] = True

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """A body of that size, made while it is sent."""
        response.close()
        huge = _Huge(_padded(self.size), mimetype="application/json")
        if self.announced:
            huge.content_length = self.size
        return huge


class GzipBomb(Kind):
    """f09: small on the way, huge when unpacked."""

    name: ClassVar[str] = "f09"
    summary: ClassVar[str] = "status 200, and a small gzip body that unpacks to a huge one"

    size: Annotated[Size, msgspec.Meta(description="in bytes, unpacked")] = 100_000_000

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """A bomb of that size."""
        response.close()
        headers = {"Content-Encoding": "gzip"}
        return Response(_bomb(self.size), headers=headers, mimetype="application/json")


class Redirected(Kind):
    """f10: a client that follows sends its credentials to a stranger."""

    name: ClassVar[str] = "f10"
    summary: ClassVar[str] = "a redirect to another host"

    location: Annotated[str, msgspec.Meta(pattern="^https?://[!-~]+$", description="where to")] = (
        "https://elsewhere.invalid/"
    )
    status: Annotated[
        Literal[301, 302, 303, 307, 308],
        msgspec.Meta(description="307 and 308 ask for the same method and body"),
    ] = 307

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """The redirect, in place of everything."""
        return Response(status=self.status, headers={"Location": self.location})


class Limited(Kind):
    """f13: a limit that says when to come back, as Roblox's do."""

    name: ClassVar[str] = "f13"
    summary: ClassVar[str] = "429 with Retry-After"

    retry_after: Annotated[int, msgspec.Meta(ge=0, le=86_400, description="in seconds")] = 1
    form: Annotated[
        Literal["seconds", "date"],
        msgspec.Meta(description="how the header says it; a date is by the sandbox's clock"),
    ] = "seconds"

    def before(self, state: State, request: Request) -> Response | None:
        """The limit, in place of everything."""
        answer = _too_many(request)
        if self.form == "date":
            when = formatdate(state.clock.now() + self.retry_after, usegmt=True)
        else:
            when = str(self.retry_after)
        answer.headers["Retry-After"] = when
        return answer


class LimitedSilently(Kind):
    """f14: a limit that does not say when to come back."""

    name: ClassVar[str] = "f14"
    summary: ClassVar[str] = "429 without Retry-After"

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """The limit, in place of everything."""
        return _too_many(request)


class BadGateway(Kind):
    """f15: whether what is behind the gateway did the work, the gateway does not know."""

    name: ClassVar[str] = "f15"
    summary: ClassVar[str] = "a gateway's error with a page of HTML"

    status: Annotated[int, msgspec.Meta(ge=500, le=599, description="the error")] = 502
    processed: Annotated[
        bool, msgspec.Meta(description="whether the request was carried out before that")
    ] = False

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """The page in place of everything, unless something is to be carried out."""
        return None if self.processed else gateway_page(self.status)

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """The page in place of the answer."""
        if self.processed:
            response.close()
            return gateway_page(self.status)
        return response


def gateway_page(status: int) -> Response:
    """What a gateway shows to a browser, to whoever asks."""
    title = Response(status=status).status.title()
    page = f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    return Response(page, status, mimetype="text/html")


def _too_many(request: Request) -> Response:
    path = raw_path(request.environ["REQUEST_URI"])
    gateway = path.startswith("/oauth/")
    refusal = Refusal(429, "RESOURCE_EXHAUSTED", "Too many requests", gateway=gateway)
    body = msgspec.json.encode(error_body(refusal, family_of(path)))
    return Response(body, refusal.status, mimetype="application/json")


def _is_json(data: bytes) -> bool:
    try:
        plain(data)
    except msgspec.DecodeError:
        return False
    return True


class _Huge(Response):
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        connection_of(environ).occupy()
        yield from super().__call__(environ, start_response)


def _padded(size: int) -> Iterator[bytes]:
    yield _BEFORE
    left = size - len(_BEFORE) - len(_AFTER)
    while left > 0:
        piece = _PIECE[:left]
        yield piece
        left -= len(piece)
    yield _AFTER


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, mtime=0) as out:
        for piece in _padded(size):
            out.write(piece)
    return packed.getvalue()
