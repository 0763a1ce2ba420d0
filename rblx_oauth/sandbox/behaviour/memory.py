"""Memory stores: what their queues and sorted maps have in common, and flushing them."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from rblx_oauth.models.base import Duration
from rblx_oauth.sandbox.behaviour.values import kept_json
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.memory import LONGEST, Flush, Memory, MemoryShelf
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "expiry", "item_path", "kept", "memory_of", "span"]

_VALUE_BYTES = 32 * 1024
_ANSWER = "type.googleapis.com/roblox.open_cloud.cloud.v2.FlushMemoryStoreResponse"


def memory_of(exchange: Exchange) -> Memory:
    """The memory stores of the request's universe, as they are now."""
    state = exchange.state
    return state.shelves.of(MemoryShelf).of(exchange.arguments["universe_id"], state.clock.now())


def item_path(exchange: Exchange, kind: str, name: str, item_id: str) -> str:
    """The resource path of an item. Unlike others, it begins with the version of the API."""
    universe_id = exchange.arguments["universe_id"]
    store, item = quote(name, safe=""), quote(item_id, safe="")
    return f"cloud/v2/universes/{universe_id}/memory-store/{kind}/{store}/items/{item}"


def kept(what: str, value: msgspec.Raw) -> msgspec.Raw:
    """A value that a memory store takes.

    Raises:
        Refusal: 400, it is left out (which is empty), null or too long.
    """
    return kept_json(bytes(value), most=_VALUE_BYTES, what=what)


def expiry(exchange: Exchange, ttl: str | None) -> float:
    """When an item is gone that is to be kept for `ttl`; after 45 days if nothing is said.

    Raises:
        Refusal: 400, it is no span of time, or one of nothing, or too long.
    """
    seconds = LONGEST if ttl is None else span("ttl", ttl)
    if seconds > LONGEST:
        raise Refusal.invalid(f"ttl is {LONGEST:.0f}s (45 days) at most")
    return exchange.state.clock.now() + seconds


def span(name: str, text: str) -> float:
    """A span of time above 0, in seconds.

    Raises:
        Refusal: 400, it is none.
    """
    try:
        seconds = Duration.from_wire(text).total_seconds()
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise Refusal.invalid(f"{name} must be more than 0 seconds, such as 1.5s")
    return seconds


def _flush(exchange: Exchange) -> object:
    state = exchange.state
    scope = exchange.request.args.get("scope") or "LIVE"
    flush = Flush(
        scope="TEST" if scope == "TEST" else "LIVE",
        ready_at=state.clock.now() + state.settings.operation_seconds,
    )
    operation_id = state.ids.uuid("memory_store_flush")
    with state.lock:
        memory_of(exchange).flushes[operation_id] = flush
        return _operation(exchange, operation_id)


def _get_flush(exchange: Exchange) -> object:
    with exchange.state.lock:
        return _operation(exchange, exchange.arguments["operation_id"])


def _operation(exchange: Exchange, operation_id: str) -> object:
    flush = memory_of(exchange).flushes.get(operation_id)
    scope = exchange.request.args.get("scope") or "LIVE"
    if flush is None or flush.scope != scope:
        raise Refusal.not_found(f"there is no such operation in the scope {scope}")
    universe_id = exchange.arguments["universe_id"]
    body: dict[str, object] = {
        "path": f"cloud/v2/universes/{universe_id}/memory-store/operations/{operation_id}",
        "done": flush.done,
    }
    return body | {"response": {"@type": _ANSWER}} if flush.done else body


BEHAVIOURS = {
    "flush_memory_store": Behaviour(_flush),
    "get_memory_store_flush_operation": Behaviour(_get_flush),
}
