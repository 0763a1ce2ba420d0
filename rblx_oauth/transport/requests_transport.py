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
from urllib3.exceptions import HTTPError, InvalidChunkLength, InvalidHeader
from urllib3.exceptions import ProtocolError as BrokenExchange
from urllib3.exceptions import TimeoutError as ExchangeTimeout
from urllib3.response import BaseHTTPResponse

from rblx_oauth.core.body import ACCEPT_ENCODING, BodyReader
from rblx_oauth.core.message import MAX_BODY, Request, Response
from rblx_oauth.core.multipart import FileReader, Framed, Outgoing
from rblx_oauth.errors import RobloxError
from rblx_oauth.transport import faults
from rblx_oauth.transport.pools import NoConnection, PooledAdapter

PIECE = 256 * 1024
"""Bytes of a file, or of a long answer, that are in memory at a time."""

_LONGEST = 1e6
"""Seconds: what is longer, infinity too, is more than a socket can be told."""

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
        upload = Outgoing(request.body)
        try:
            answer = pool.urlopen(
                request.method,
                target,
                body=upload.data if upload.framed is None else _stream(upload, upload.framed),
                headers={"Accept-Encoding": ACCEPT_ENCODING, **request.headers, **upload.headers},
                retries=_ONCE,
                redirect=False,
                assert_same_host=False,
                timeout=Timeout(total=min(timeout, _LONGEST)),
                preload_content=False,
                decode_content=False,
            )
            return Response(
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                _read(answer, request),
            )
        except (NoConnection, HTTPError, HTTPException, OSError) as error:
            failure = _translate(error, request, timeout)
        # Outside the handler: what was caught quotes the URL and must not be chained.
        raise upload.failure or failure

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


def _stream(upload: Outgoing, framed: Framed) -> Iterator[bytes]:
    """The body, a piece at a time."""
    for piece in framed.pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        with upload.noting_failure(), closing(FileReader(piece)) as reader:
            while data := reader.read(PIECE):
                yield data
                reader.report()


def _read(answer: BaseHTTPResponse, request: Request) -> bytes:
    """The whole body of an answer, within the cap."""
    coding = answer.headers.get("content-encoding")
    announced = answer.length_remaining
    if announced is None and "content-length" in answer.headers:
        # No number, or beside Transfer-Encoding: where it ends is anybody's guess (RFC 9112 6.3).
        answer.close()
        raise faults.not_http(request)
    if announced is not None:
        if announced > MAX_BODY:
            answer.close()
            raise faults.too_large(request, MAX_BODY)
        if coding is None and announced <= PIECE:
            return answer.read(decode_content=False)
    try:
        reader = BodyReader(coding, source=faults.host_of(request), operation=request.operation)
        for piece in answer.stream(PIECE, decode_content=False):
            reader.feed(piece)
        return reader.finish()
    except RobloxError:
        answer.close()  # the rest of it is on the connection
        raise
    except ValueError:  # a chunk of negative size
        answer.close()
        raise faults.not_http(request) from None
    finally:
        answer.release_conn()


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
