"""Memory store queues."""

from __future__ import annotations

import re

import msgspec

from rblx_oauth.sandbox.behaviour.memory import expiry, item_path, kept, memory_of, span
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.memory_queue import Queue, QueueItem
from rblx_oauth.sandbox.parsing import json_body, query_flag, query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_MOST_READ = 200
_INVISIBILITY = "30s"
_READ_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _New(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw()
    priority: float | None = None
    ttl: str | None = None


class _Discard(msgspec.Struct, rename="camel"):
    read_id: str


def _body(exchange: Exchange, item: QueueItem) -> dict[str, object]:
    return {
        "path": item_path(exchange, "queues", exchange.arguments["queue_id"], item.id),
        "id": item.id,
        "data": item.data,
        "priority": item.priority,
        "expireTime": rfc3339(item.expires),
    }


def _create(exchange: Exchange) -> object:
    wanted = json_body(exchange.request, _New)
    number = exchange.state.ids.number("memory_queue_item")
    item = QueueItem(
        id=f"{number:016x}",
        number=number,
        data=kept("data", wanted.data),
        priority=wanted.priority or 0.0,
        expires=expiry(exchange, wanted.ttl),
    )
    with exchange.state.lock:
        queues = memory_of(exchange).queues
        queues.setdefault(exchange.arguments["queue_id"], Queue()).add(item)
        return _body(exchange, item)


def _read(exchange: Exchange) -> object:
    request, now = exchange.request, exchange.state.clock.now()
    count = query_size(request, "count", default=1, most=_MOST_READ)
    all_or_nothing = query_flag(request, "allOrNothing")
    window = request.args.get("invisibilityWindow") or _INVISIBILITY
    until = now + span("invisibilityWindow", window)
    read_id = exchange.state.ids.uuid("memory_queue_read")
    with exchange.state.lock:
        queue = memory_of(exchange).queues.get(exchange.arguments["queue_id"])
        items = queue.front(count, now) if queue else []
        if all_or_nothing and len(items) < count:
            raise Refusal.not_found(f"the queue shows {len(items)} items, not {count}")
        if queue and items:
            queue.hide(items, read_id, until)
        return {"readId": read_id, "items": [_body(exchange, item) for item in items]}


def _discard(exchange: Exchange) -> object:
    read_id = json_body(exchange.request, _Discard).read_id
    if not _READ_ID.fullmatch(read_id):
        raise Refusal.invalid("readId is not one that a read gave")
    with exchange.state.lock:
        # Once its items show again, a read has no say in them any more; this is no error.
        queue = memory_of(exchange).queues.get(exchange.arguments["queue_id"])
        if queue is not None:
            queue.discard(read_id, exchange.state.clock.now())
    return {}


BEHAVIOURS = {
    "create_memory_store_queue_item": Behaviour(_create),
    "discard_memory_store_queue_items": Behaviour(_discard),
    "read_memory_store_queue_items": Behaviour(_read),
}
