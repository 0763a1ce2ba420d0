"""What a universe may use of the first versions of the data store APIs in a minute.

Each kind of store has limits of its own, for all keys together:
https://create.roblox.com/docs/cloud/guides/data-stores/throttling
"""

from __future__ import annotations

from collections.abc import Callable

from rblx_oauth.catalog import RateLimit
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["charge_read", "charge_written", "reading", "writing"]

Answer = Callable[[Exchange], object]

_MEGABYTE = 1024 * 1024
_REQUESTS = RateLimit(300, 60)
_READ = RateLimit(20 * _MEGABYTE, 60)
_WRITTEN = RateLimit(10 * _MEGABYTE, 60)


def reading(answer: Answer) -> Answer:
    """That behaviour, at most 300 reads a minute."""
    return _counted(answer, "reads")


def writing(answer: Answer) -> Answer:
    """That behaviour, at most 300 writes a minute."""
    return _counted(answer, "writes")


def _counted(answer: Answer, kind: str) -> Answer:
    def counted(exchange: Exchange) -> object:
        _charge(exchange, kind, _REQUESTS, 1)
        return answer(exchange)

    return counted


def charge_read(exchange: Exchange, size: int) -> None:
    """Count bytes of values that are read.

    Raises:
        Refusal: 429, it is over 20 MB in a minute.
    """
    _charge(exchange, "bytes read", _READ, size)


def charge_written(exchange: Exchange, size: int) -> None:
    """Count bytes of values that are written.

    Raises:
        Refusal: 429, it is over 10 MB in a minute.
    """
    _charge(exchange, "bytes written", _WRITTEN, size)


def _charge(exchange: Exchange, what: str, limit: RateLimit, cost: int) -> None:
    state = exchange.state
    if not state.settings.rate_limits:
        return
    kept_by = f"{exchange.operation.family}, {what}"
    universe = f"universe {exchange.arguments['universe_id']}"
    with state.lock:
        standing = state.windows.hit(kept_by, universe, limit, state.clock.now(), cost)
    if standing.exceeded:
        exchange.headers.update(standing.headers())
        said = f"over {limit.count} {what} in {limit.seconds} seconds in this universe"
        raise Refusal(429, "RESOURCE_EXHAUSTED", said)
