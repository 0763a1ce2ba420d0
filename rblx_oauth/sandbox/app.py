"""Puts the sandbox's parts into one Flask application."""

from __future__ import annotations

from collections.abc import Iterable
from io import RawIOBase
from typing import IO, TYPE_CHECKING

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.catalog import operations
from rblx_oauth.sandbox import beyond
from rblx_oauth.sandbox.behaviour import BEHAVIOURS
from rblx_oauth.sandbox.chain import Chain
from rblx_oauth.sandbox.content_views import content_views
from rblx_oauth.sandbox.drawing import picture_views
from rblx_oauth.sandbox.guard import host_objection
from rblx_oauth.sandbox.oauth.consent import consent_views
from rblx_oauth.sandbox.oauth.minting import Mint
from rblx_oauth.sandbox.oauth.server import Server
from rblx_oauth.sandbox.oauth.views import oauth_views
from rblx_oauth.sandbox.page import page_views
from rblx_oauth.sandbox.recorder import Record
from rblx_oauth.sandbox.routing import raw_path
from rblx_oauth.sandbox.state import State
from rblx_oauth.sandbox.storage import storage_views

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["create_app"]

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def create_app(state: State, base: str) -> Flask:
    """The sandbox as a Flask application.

    Args:
        state: What it serves and changes.
        base: Its own address without a trailing slash, e.g. ``http://127.0.0.1:5001``.
    """
    app = Flask(__name__, static_folder="static", static_url_path="/_sandbox/static")
    server = app.extensions["oauth_server"] = Server(state, Mint(state, f"{base}/oauth/"))
    served = (*operations().values(), *beyond.OPERATIONS)
    chain = Chain(state, served, BEHAVIOURS | beyond.BEHAVIOURS)
    port = base.rpartition(":")[2]
    app.register_blueprint(oauth_views(server))
    # Browsers share cookies between the ports of a host, hence the port in the name.
    app.register_blueprint(consent_views(server, f"sandbox_session_{port}"))
    app.register_blueprint(page_views(state, base))
    app.register_blueprint(content_views(state))
    app.register_blueprint(storage_views(state))
    app.register_blueprint(picture_views())

    @app.before_request
    def dispatch() -> AnyResponse | None:
        g.path = raw_path(request.environ["REQUEST_URI"])
        objection = host_objection(request)
        if objection:
            g.reason = objection
            return Response(f"{objection}\n", 403, mimetype="text/plain")
        if g.path == "/":
            return redirect("/_sandbox/")
        if g.path.startswith("/_sandbox/"):
            return None
        if g.path.startswith("/oauth/"):
            g.operation = g.path.removeprefix("/oauth/")
            return state.faults.strike(request, g.operation)
        return chain.answer(request, g.path)

    @app.after_request
    def finish(response: Response) -> Response:
        if response.mimetype == "text/html":
            for name, value in _PAGE_HEADERS.items():
                response.headers.setdefault(name, value)
        response = state.faults.distort(response)
        if not g.path.startswith("/_sandbox/"):
            state.requests.add(_record(state, response))
        return response

    app.wsgi_app = _drained(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app


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
