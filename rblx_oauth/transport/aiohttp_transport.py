"""The async transport: aiohttp, from one event loop after another."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import closing
from http import HTTPStatus
from weakref import WeakKeyDictionary

from rblx_oauth.core.body import ACCEPT_ENCODING, BodyDecoder, BodyReader, has_end
from rblx_oauth.core.bulk import MOST_AT_ONCE
from rblx_oauth.core.message import MAX_BODY, AsyncOnce, Request, Response, Sink
from rblx_oauth.core.multipart import CallerFailed, Exchange, Framed
from rblx_oauth.core.reading import AsyncFileReader, FileReader
from rblx_oauth.errors import RobloxError
from rblx_oauth.runtime.aio import blocking
from rblx_oauth.transport import faults
from rblx_oauth.transport.environment import proxy_for, tls_context

try:
    import aiohttp
    from yarl import URL
except ImportError as error:
    raise ImportError('the async client needs aiohttp: pip install "rblx-oauth[async]"') from error

PIECE = 256 * 1024
"""Bytes of a file that are in memory at a time."""

POOL_SIZE = MOST_AT_ONCE
"""Connections open at a time, all origins together."""

_PATIENCE = 0.95
"""The share of the time that connecting may take, so that a connection that
never comes is told apart from an answer that never comes."""

_NOT_CONNECTED = (
    aiohttp.ClientConnectorError,  # the name, the TCP connection, the TLS handshake
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


class AiohttpTransport:
    """Carries requests over kept connections; see `rblx_oauth.core.message.AsyncTransport`.

    Connections belong to the event loop they were made on; each loop gets its
    own, so one transport serves one ``asyncio.run`` after another. Proxies and
    trusted certificates come from the environment, as ``requests`` reads it.
    """

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )
        self._proxies: dict[str, str | None] = {}
        self._context: ssl.SSLContext | None = None

    async def send(self, request: Request, *, timeout: float) -> Response:  # noqa: ASYNC109 (the whole exchange's)
        """Send once; see `rblx_oauth.core.message.Transport.send`."""
        exchange = Exchange(request.body, awaits=True)
        try:
            async with asyncio.timeout(timeout):
                return await self._carry(request, exchange, timeout)
        except (aiohttp.ClientError, OSError, CallerFailed) as error:
            failure = _translate(error, request, timeout)
        # Outside the handler: what was caught quotes the URL and must not be chained.
        raise exchange.failure or failure

    async def _carry(self, request: Request, exchange: Exchange, limit: float) -> Response:
        session = await self._session()
        framed = exchange.framed
        async with session.request(
            request.method,
            URL(request.url, encoded=True),
            headers={**request.headers, **exchange.headers},
            data=exchange.data if framed is None else _stream(exchange, framed),
            proxy=self._proxy(request.url),
            timeout=aiohttp.ClientTimeout(
                total=None,
                # The wait for one of the pool included.
                connect=_PATIENCE * min(limit, faults.LONGEST),
                sock_connect=_PATIENCE * min(limit, faults.CONNECT_TIMEOUT),
                ceil_threshold=faults.CONNECT_TIMEOUT,
            ),
            allow_redirects=False,
        ) as answer:
            if answer.status == HTTPStatus.SWITCHING_PROTOCOLS:  # which nobody asked for
                answer.close()
                raise faults.not_http(request)
            return Response(
                answer.status,
                {name.lower(): _read_as_latin_1(value) for name, value in answer.headers.items()},
                await _body(answer, request, exchange),
            )

    async def aclose(self) -> None:
        """Let go of every connection."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()
        await self._leave_dead_loops()

    async def _session(self) -> aiohttp.ClientSession:
        """The session of the running loop."""
        here = asyncio.get_running_loop()
        session = self._sessions.get(here)
        if session is None:
            if self._context is None:
                self._context = tls_context()
            session = self._sessions[here] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._context, limit=POOL_SIZE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": ACCEPT_ENCODING},
                auto_decompress=False,
                trust_env=False,  # it would read .netrc; the proxies are read here
            )
            # One layer retries, and it is not this one: aiohttp would silently send a
            # DELETE again after a broken kept connection. It has no public switch.
            session._retry_connection = False  # noqa: SLF001
            await self._leave_dead_loops()
        return session

    async def _leave_dead_loops(self) -> None:
        """Close what was left open on loops that run no more."""
        for loop in [each for each in self._sessions if each.is_closed()]:
            session = self._sessions.pop(loop)
            connector = session.connector
            session.detach()
            if connector is not None:
                await connector.close()

    def _proxy(self, url: str) -> str | None:
        path_at = url.find("/", url.find("://") + 3)
        origin = url if path_at < 0 else url[:path_at]
        if origin not in self._proxies:
            self._proxies[origin] = proxy_for(origin)
        return self._proxies[origin]


def _read_as_latin_1(value: str) -> str:
    """A header's value as `requests` reads it, so that both colours say the same."""
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("latin-1")


async def _stream(exchange: Exchange, framed: Framed) -> AsyncIterator[bytes]:
    """The body, a piece at a time; what blocks is read off the event loop's thread."""
    for piece in framed.pieces:
        if isinstance(piece, bytes):
            yield piece
        elif isinstance(piece.open, AsyncOnce):
            with exchange.callers_code():
                awaited = AsyncFileReader(piece, piece.open)
                while data := await awaited.read(PIECE):
                    yield data
                    awaited.report()
        else:
            with (
                exchange.callers_code(),
                closing(await asyncio.to_thread(FileReader, piece)) as reader,
            ):
                while data := await asyncio.to_thread(reader.read, PIECE):
                    yield data
                    reader.report()


async def _body(answer: aiohttp.ClientResponse, request: Request, exchange: Exchange) -> bytes:
    """The body of an answer; empty if a sink took it."""
    sink = request.sink if 200 <= answer.status < 300 else None
    cap = MAX_BODY if sink is None else sink.limit
    coding = answer.headers.get("Content-Encoding")
    try:
        if (answer.content_length or 0) > cap:
            raise faults.too_large(request, cap)
        if sink is not None:
            size = answer.content_length if coding is None else None
            await _pour(answer, request, exchange, sink, size)
            return b""
        if coding is None and answer.content_length is not None:
            return await answer.read()
        reader = BodyReader(coding, source=faults.host_of(request), operation=request.operation)
        async for piece in answer.content.iter_any():
            reader.feed(piece)
        return reader.finish()
    except (RobloxError, CallerFailed):
        answer.close()  # the rest of it is on the connection
        raise


async def _pour(
    answer: aiohttp.ClientResponse,
    request: Request,
    exchange: Exchange,
    sink: Sink,
    size: int | None,
) -> None:
    """Hand the body to a sink."""
    if not has_end(answer.headers):
        raise faults.endless(request)
    decoder = BodyDecoder(
        answer.headers.get("Content-Encoding"),
        source=faults.host_of(request),
        operation=request.operation,
        cap=sink.limit,
    )

    def take(data: bytes) -> None:
        for piece in decoder.feed(data):
            with exchange.callers_code():
                sink.write(piece)

    with exchange.callers_code():
        await blocking(sink.begin, size)
    async for data in answer.content.iter_chunked(PIECE):
        await blocking(take, data)
        with exchange.callers_code():
            sink.report()
    decoder.finish()


def _translate(error: Exception, request: Request, timeout: float) -> RobloxError:
    """Our word for what went wrong."""
    if isinstance(error, _NOT_CONNECTED):
        return faults.connect_failed(request, error)
    if isinstance(error, TimeoutError):
        return faults.deadline_exceeded(request, timeout)
    if isinstance(error, aiohttp.ClientResponseError):
        if error.request_info.method == "CONNECT":  # a proxy's answer; ours was not sent yet
            return faults.connect_failed(request, error)
        return faults.not_http(request)
    return faults.connection_lost(request)
