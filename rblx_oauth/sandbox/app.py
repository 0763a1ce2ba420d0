"""Puts the sandbox's parts into one WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from io import RawIOBase
from typing import IO, TYPE_CHECKING, Any

from flask import Flask, Request, Response, g, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.catalog import operations
from rblx_oauth.sandbox import beyond
from rblx_oauth.sandbox.behaviour import BEHAVIOURS
from rblx_oauth.sandbox.chain import Chain
from rblx_oauth.sandbox.guard import host_objection, page_origin
from rblx_oauth.sandbox.recorder import Record
from rblx_oauth.sandbox.routing import raw_path
from rblx_oauth.sandbox.state import State

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["Front"]

_EXPOSED = (
    "retry-after, www-authenticate, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset"
)

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Front:
    """The sandbox as a WSGI application: three of Flask's, two of them made when first asked for.

    A start need not wait for pages and an authorization server that most programs never see.
    (Two threads that ask at once may make two; they share the state, and differ in nothing.)

    Args:
        state: What it serves and changes.
        base: Its own address without a trailing slash, e.g. ``http://127.0.0.1:5001``.

    Attributes:
        cloud: Open Cloud.
    """

    def __init__(self, state: State, base: str) -> None:
        self._state = state
        self._base = base
        self.cloud = _cloud(state)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        path = raw_path(environ["REQUEST_URI"])
        if path.startswith("/oauth/"):
            return self.provider(environ, start_response)
        if path.startswith("/_sandbox/"):
            return self.pages(environ, start_response)
        return self.cloud(environ, start_response)

    @cached_property
    def server(self) -> Server:
        """The authorization server."""
        from rblx_oauth.sandbox.oauth.minting import Mint
        from rblx_oauth.sandbox.oauth.server import Server

        return Server(self._state, Mint(self._state, f"{self._base}/oauth/"))

    @cached_property
    def provider(self) -> Flask:
        """What is under the issuer: its endpoints and its pages."""
        from rblx_oauth.sandbox.oauth.consent import consent_views
        from rblx_oauth.sandbox.oauth.views import oauth_views, refused

        app, state = _application(self._state), self._state
        port = self._base.rpartition(":")[2]
        app.register_blueprint(oauth_views(self.server))
        # Browsers share cookies between the ports of a host, hence the port in the name.
        app.register_blueprint(consent_views(self.server, f"sandbox_session_{port}"))

        app.register_error_handler(HTTPException, refused)

        @app.before_request
        def strike() -> AnyResponse | None:
            g.operation = g.path.removeprefix("/oauth/")
            return state.faults.strike(request, g.operation)

        return app

    @cached_property
    def pages(self) -> Flask:
        """The sandbox's own pages and API."""
        from rblx_oauth.sandbox.content_views import content_views
        from rblx_oauth.sandbox.drawing import picture_views
        from rblx_oauth.sandbox.page import page_views
        from rblx_oauth.sandbox.storage import storage_views

        app = _application(self._state)
        app.register_blueprint(page_views(self._state, self._base, lambda: self.server))
        app.register_blueprint(content_views(self._state))
        app.register_blueprint(storage_views(self._state))
        app.register_blueprint(picture_views())
        return app


class _Application(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Take a view as it is: none of ours is a coroutine."""
        return func


class _Cloud(_Application):
    def create_url_adapter(self, request: Request | None) -> None:
        """Leave routing to the chain, which knows what Werkzeug's does not."""


def _cloud(state: State) -> Flask:
    app = _application(state, _Cloud)
    served = (*operations().values(), *beyond.OPERATIONS)
    chain = Chain(state, served, BEHAVIOURS | beyond.BEHAVIOURS)

    @app.before_request
    def answer() -> AnyResponse:
        return redirect("/_sandbox/") if g.path == "/" else chain.answer(request, g.path)

    return app


def _application(state: State, kind: type[Flask] = _Application) -> Flask:
    """An application that answers to loopback alone, and whose requests are recorded."""
    app = kind(__name__, static_folder="static", static_url_path="/_sandbox/static")

    @app.before_request
    def admit() -> AnyResponse | None:
        g.path = raw_path(request.environ["REQUEST_URI"])
        objection = host_objection(request)
        if not objection:
            return Response(status=204) if _is_preflight(state) else None
        g.reason = objection
        return Response(f"{objection}\n", 403, mimetype="text/plain")

    @app.after_request
    def finish(response: Response) -> Response:
        if response.mimetype == "text/html":
            for name, value in _PAGE_HEADERS.items():
                response.headers.setdefault(name, value)
        if not response.direct_passthrough and not response.get_data():
            # Programs read a body by its type, be there one or not.
            response.headers.pop("Content-Type", None)
        response = state.faults.distort(response)
        if _for_pages(state):
            _open_to_pages(response)
        if not g.path.startswith("/_sandbox/"):
            state.requests.add(_record(state, response))
        return response

    app.wsgi_app = _drained(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app


def _for_pages(state: State) -> bool:
    """Whether a page of another origin may have the answer; never one of the sandbox's own API."""
    return (
        state.settings.cors and not g.path.startswith("/_sandbox/") and bool(page_origin(request))
    )


def _is_preflight(state: State) -> bool:
    """Whether a browser asks beforehand what a page may send (Fetch 4.8)."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return asks and _for_pages(state)


def _open_to_pages(response: Response) -> None:
    headers = {
        "Allow-Origin": page_origin(request),
        "Allow-Methods": request.headers.get("Access-Control-Request-Method", ""),
        "Allow-Headers": request.headers.get("Access-Control-Request-Headers", ""),
        "Expose-Headers": _EXPOSED,
    }
    for name, value in headers.items():
        if value:
            response.headers[f"Access-Control-{name}"] = value
    response.vary.add("Origin")


def _record(state: State, response: Response) -> Record:
    return Record(
        at=state.clock.now(),
        method=request.method,
        path=g.path,
        operation=g.get("operation", ""),
        status=response.status_code,
        reason=g.get("reason", ""),
        grant_type=g.get("grant_type", ""),
        caller=g.get("caller", ""),
        fault=g.fault.name if "fault" in g else "",
    )


class _Body(RawIOBase):
    """A request's body; one that is not framed as HTTP says ends where that comes to light.

    The web server raises what would otherwise pass for a fault of the sandbox. It reads the rest
    as another request, refuses that, and closes the connection.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream: IO[bytes] | None = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        try:
            data = self._stream.read(len(view)) if self._stream else b""
        except ValueError:  # a chunk without a size, a negative Content-Length
            self._stream, data = None, b""
        view[: len(data)] = data
        return len(data)


def _drained(app: WSGIApplication) -> WSGIApplication:
    """Read what a refusal left of the body, a piece at a time.

    Otherwise the web server would read the rest of a big upload into memory at once, to keep the
    connection usable.
    """

    def drained(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        body = app(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD", "DELETE"):
            while environ["wsgi.input"].read(65536):
                pass
        return body

    return drained
