"""Publishing messages to a universe's servers, in both versions of the API."""

from __future__ import annotations

import msgspec
from flask import Response

from rblx_oauth.sandbox.behaviour.values import check_length
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.parsing import json_body

__all__ = ["BEHAVIOURS"]

_TOPIC_LENGTH = 80
_MESSAGE_LENGTH = 1024


class _Body(msgspec.Struct):
    topic: str
    message: str


class _BodyV1(msgspec.Struct):
    message: str


def _publish(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Body)
    _add(exchange, body.topic, body.message)
    return {}


def _publish_v1(exchange: Exchange) -> object:
    body = json_body(exchange.request, _BodyV1)
    _add(exchange, exchange.arguments["topic"], body.message)
    return Response(status=200)


def _add(exchange: Exchange, topic: str, text: str) -> None:
    check_length("topic", topic, _TOPIC_LENGTH)
    check_length("message", text, _MESSAGE_LENGTH)
    state = exchange.state
    message = Message(
        universe_id=exchange.arguments["universe_id"],
        topic=topic,
        message=text,
        at=state.clock.now(),
    )
    with state.lock:
        state.messages.append(message)


BEHAVIOURS = {
    "publish_message_v1": Behaviour(_publish_v1),
    "publish_universe_message": Behaviour(_publish),
}
