"""Publishing messages to a universe's servers."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_TOPIC_LENGTH = 80
_MESSAGE_LENGTH = 1024


class _Body(msgspec.Struct):
    topic: str
    message: str


def _publish(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Body)
    _check_length("topic", body.topic, _TOPIC_LENGTH)
    _check_length("message", body.message, _MESSAGE_LENGTH)
    state = exchange.state
    message = Message(
        universe_id=exchange.arguments["universe_id"],
        topic=body.topic,
        message=body.message,
        at=state.clock.now(),
    )
    with state.lock:
        state.messages.append(message)
    return {}


def _check_length(name: str, text: str, most: int) -> None:
    if not 1 <= len(text) <= most:
        raise Refusal.invalid(f"{name} must have 1 to {most} characters, not {len(text)}")


BEHAVIOURS = {"publish_universe_message": Behaviour(_publish)}
