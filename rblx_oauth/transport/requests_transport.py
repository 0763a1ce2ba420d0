"""The sync transport: the connection pools of ``requests``, called directly.

``requests.Session`` merges settings, environment, cookies and redirects anew
for every call, which is most of what a small call costs, and none of it is
wanted here. This takes its adapter's pool for an origin once, and from then on
a call is one exchange on a kept connection.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

from urllib3 import HTTPConnectionPool, Retry, Timeout
from urllib3.exceptions import (
    HTTPError,
    InvalidChunkLength,
    InvalidHeader,
    ProtocolError as BrokenExchange,
    TimeoutError as ExchangeTimeout,
)
from urllib3.response import BaseHTTPResponse

from rblx_oauth.core.body import ACCEPT_ENCODING, BodyDecoder, BodyReader, has_end
from rblx_oauth.core.message import MAX_BODY, Request, Response, Sink
from rblx_oauth.core.multipart import CallerFailed, Exchange, Framed
from rblx_oauth.core.reading import FileReader
from rblx_oauth.errors import RobloxError
from rblx_oauth.transport import faults
from rblx_oauth.transport.pools import NoConnection, PooledAdapter

PIECE = 256 * 1024
"""Bytes of a file, or of a long answer, that are in memory at a time."""

_ONCE = Retry(False, redirect=False)


class RequestsTransport:
    """Carries requests over kept connections; see `rblx_oauth.core.message.Transport`.

    May be used from many threads, and after a fork (a child opens connections
    of its own). Proxies and trusted certificates come from the environment, as
    ``requests`` reads it.
    """

    def __init__(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._adapter: PooledAdapter | None = None
        self._pools: dict[str, HTTPConnectionPool] = {}

    def send(self, request: Request, *, timeout: float) -> Response:
        """Send once; see `rblx_oauth.core.message.Transport.send`."""
        pool, target = self._route(request.url)
        exchange = Exchange(request.body, awaits=False)
        framed = exchange.framed
        try:
            answer = pool.urlopen(
                request.method,
                target,
                body=exchange.data if framed is None else _stream(exchange, framed),
                headers={"Accept-Encoding": ACCEPT_ENCODING, **request.headers, **exchange.headers},
                retries=_ONCE,
                redirect=False,
                assert_same_host=False,
                timeout=Timeout(total=min(timeout, faults.LONGEST)),
                preload_content=False,
                decode_content=False,
            )
            return Response(
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                _body(answer, request, exchange),
            )
        except (NoConnection, HTTPError, HTTPException, OSError, CallerFailed) as error:
            failure = _translate(error, request, timeout)
        # Outside the handler: what was caught quotes the URL and must not be chained.
        raise exchange.failure or failure

    def close(self) -> None:
        """Let go of every connection."""
        adapter, self._adapter = self._adapter, None
        self._pools.clear()
        if adapter is not None:
            adapter.close()

    def _route(self, url: str) -> tuple[HTTPConnectionPool, str]:
        """The pool of a URL's origin, and what goes into the request line."""
        path_at = url.find("/", url.find("://") + 3)
        origin = url if path_at < 0 else url[:path_at]
        pool = self._pools.get(origin) if self._process == os.getpid() else None
        if pool is None:
            pool = self._open(origin)
        if pool.proxy is not None and origin.startswith("http:"):
            return pool, url  # forwarded by the proxy, which must know where to
        return pool, "/" if path_at < 0 else url[path_at:]

    def _open(self, origin: str) -> HTTPConnectionPool:
        if self._process != os.getpid():  # a forked child must not share its parent's sockets
            self._lock = threading.Lock()
            self._adapter, self._pools, self._process = None, {}, os.getpid()
        with self._lock:
            if self._adapter is None:
                self._adapter = PooledAdapter()
            return self._pools.setdefault(origin, self._adapter.pool(origin))


def _stream(exchange: Exchange, framed: Framed) -> Iterator[bytes]:
    """The body, a piece at a time."""
    for piece in framed.pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        with exchange.callers_code(), closing(FileReader(piece)) as reader:
            while data := reader.read(PIECE):
                yield data
                reader.report()


def _body(answer: BaseHTTPResponse, request: Request, exchange: Exchange) -> bytes:
    """The body of an answer; empty if a sink took it."""
    sink = request.sink if 200 <= answer.status < 300 else None
    coding = answer.headers.get("content-encoding")
    try:
        announced = _announced(answer, request, MAX_BODY if sink is None else sink.limit)
        if sink is not None:
            size = announced if coding is None else None
            _pour(answer, request, exchange, sink, size)
            return b""
        if coding is None and announced is not None and announced <= PIECE:
            return answer.read(decode_content=False)
        reader = BodyReader(coding, source=faults.host_of(request), operation=request.operation)
        for piece in answer.stream(PIECE, decode_content=False):
            reader.feed(piece)
        return reader.finish()
    except ValueError:  # a chunk of negative size
        answer.close()
        raise faults.not_http(request) from None
    except BaseException:
        answer.close()  # the rest of it is on the connection
        raise
    finally:
        answer.release_conn()


def _announced(answer: BaseHTTPResponse, request: Request, cap: int) -> int | None:
    """The length that the answer says its body has, within the cap."""
    length = answer.length_remaining
    if length is None and "content-length" in answer.headers:
        # No number, or beside Transfer-Encoding: where it ends is anybody's guess (RFC 9112 6.3).
        raise faults.not_http(request)
    if length is not None and length > cap:
        raise faults.too_large(request, cap)
    return length


def _pour(
    answer: BaseHTTPResponse, request: Request, exchange: Exchange, sink: Sink, size: int | None
) -> None:
    """Hand the body to a sink."""
    if not has_end(answer.headers):
        raise faults.endless(request)
    decoder = BodyDecoder(
        answer.headers.get("content-encoding"),
        source=faults.host_of(request),
        operation=request.operation,
        cap=sink.limit,
    )
    with exchange.callers_code():
        sink.begin(size)
    for data in answer.stream(PIECE, decode_content=False):
        for piece in decoder.feed(data):
            with exchange.callers_code():
                sink.write(piece)
                sink.report()
    decoder.finish()


def _translate(error: Exception, request: Request, timeout: float) -> RobloxError:
    """Our word for what went wrong."""
    if isinstance(error, NoConnection):
        return faults.connect_failed(request, error.__cause__)
    cause = error.args[-1] if isinstance(error, BrokenExchange) and error.args else error
    if isinstance(cause, TimeoutError | ExchangeTimeout):
        return faults.deadline_exceeded(request, timeout)
    if isinstance(cause, InvalidChunkLength | InvalidHeader):
        return faults.not_http(request)
    if isinstance(cause, HTTPException) and not isinstance(
        cause, RemoteDisconnected | IncompleteRead
    ):
        return faults.not_http(request)
    return faults.connection_lost(request)
