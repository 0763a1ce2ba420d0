"""Why a connection failed, in words that give nothing away.

Exceptions of the HTTP libraries quote whole URLs and proxy addresses; what is
said here is chosen from the list below, and they are never chained.
"""

from __future__ import annotations

import os
import socket
import ssl
from urllib.parse import urlsplit

from rblx_oauth.core.message import Request
from rblx_oauth.errors import (
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    ProtocolError,
    ResponseTooLarge,
)

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for one TCP connection."""

LONGEST = 1e6
"""Seconds: what is longer, infinity too, is more than a socket or an event loop can be told."""


def host_of(request: Request) -> str:
    """The host and port that a request goes to."""
    return urlsplit(request.url).netloc.rpartition("@")[2]


def connect_failed(request: Request, error: BaseException | None) -> ConnectFailed:
    """No connection could be made."""
    return ConnectFailed(
        f"no connection to {_target(request)}: {reason(error)}", operation=request.operation
    )


def connection_lost(request: Request) -> ConnectionLost:
    """It broke before the answer was complete."""
    return ConnectionLost(
        f"the connection to {_target(request)} broke before the answer was complete",
        operation=request.operation,
    )


def deadline_exceeded(request: Request, timeout: float) -> DeadlineExceeded:
    """The time for the exchange is over."""
    return DeadlineExceeded(
        f"no complete answer from {_target(request)} within {timeout:.3g} s",
        operation=request.operation,
    )


def not_http(request: Request) -> ProtocolError:
    """What came back is not HTTP."""
    return ProtocolError(
        f"what {_target(request)} answered is not HTTP", operation=request.operation
    )


def endless(request: Request) -> ProtocolError:
    """It does not say where its body ends, which a sink must know."""
    return ProtocolError(
        f"{_target(request)} did not say how long its answer is, "
        "so that a broken one could not be told from a whole one",
        operation=request.operation,
    )


def too_large(request: Request, cap: int) -> ResponseTooLarge:
    """It announced more than the cap."""
    return ResponseTooLarge(
        f"{_target(request)} announced an answer of more than {cap} bytes",
        operation=request.operation,
    )


def reason(error: BaseException | None) -> str:
    """Why a connection failed, in fixed words: the innermost known cause in the chain."""
    chain: list[BaseException] = []
    while error is not None:
        chain.insert(0, error)
        error = error.__cause__ or error.__context__
    for each in chain:
        match each:
            case socket.gaierror():
                return "its name does not resolve"
            case ConnectionRefusedError():
                return "connection refused"
            case ssl.SSLCertVerificationError(verify_message=str(why)):
                return f"its certificate is not trusted ({why})"
            case ssl.SSLError():
                return "the TLS handshake failed"
            case TimeoutError():
                return "timed out"
    for each in chain:
        if isinstance(each, OSError) and each.errno:
            return os.strerror(each.errno).lower()
    return "it could not be set up"


def _target(request: Request) -> str:
    named = f" ({request.operation})" if request.operation else ""
    return host_of(request) + named
