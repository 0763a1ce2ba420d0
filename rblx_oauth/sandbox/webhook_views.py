"""Webhooks over HTTP: the API, and the forms of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth._decoding import converter, decoder
from rblx_oauth.sandbox.webhook_records import ERASURE, Delivery, Hook, Signature
from rblx_oauth.sandbox.webhooks import Webhooks

__all__ = ["take_form", "webhook_api"]

T = TypeVar("T")
_LONGEST_WAIT = 30.0
_A_MOMENT = 1.0


class _Added(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    secret: str = ""
    events: tuple[str, ...] = ()
    name: str = ""


class _Sent(msgspec.Struct, forbid_unknown_fields=True):
    event: str
    payload: dict[str, object] | None = None
    user: int | str | None = None
    games: tuple[int | str, ...] | None = None
    notification_id: str = ""
    copies: int = 1
    signature: Signature = "good"
    wait: float = 0.0


def webhook_api(webhooks: Webhooks) -> Blueprint:
    """The blueprint of ``/webhooks``."""
    api = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @api.get("")
    def show() -> AnyResponse:
        return _json(
            {
                "webhooks": [_line(each) for each in webhooks.hooks],
                "deliveries": webhooks.deliveries,
            }
        )

    @api.post("")
    def add() -> AnyResponse:
        return _answer(lambda: _line(webhooks.add(**msgspec.structs.asdict(_body(_Added)))))

    @api.delete("/<int:hook_id>")
    def remove(hook_id: int) -> AnyResponse:
        return _answer(lambda: webhooks.remove(hook_id), wrong=404)

    @api.post("/send")
    def send() -> AnyResponse:
        return _answer(lambda: {"deliveries": _send(webhooks, _body(_Sent))})

    return api


def take_form(webhooks: Webhooks, form: Mapping[str, str]) -> str:
    """Do what one of the page's forms asks for: add, remove, send, or erase with one click.

    Returns:
        What was done, for people.

    Raises:
        ValueError: It asks for what there is not.
    """
    if "url" in form:
        hook = webhooks.add(form["url"].strip(), secret=form.get("secret", ""))
        return f"{hook.url} is told of events."
    if "remove" in form:
        webhooks.remove(int(form["remove"]))
        return "It was removed."
    # The button of a person stands for everything about their erasure.
    wanted = {"event": ERASURE, "user": form["erase"]} if "erase" in form else dict(form)
    sent = _send(webhooks, converter(_Sent, strict=False)({**wanted, "wait": _A_MOMENT}))
    done = sum(each.status == "delivered" for each in sent)
    return f"{wanted['event']} was sent to {len(sent)} and taken by {done}."


def _send(webhooks: Webhooks, wanted: _Sent) -> list[Delivery]:
    sent = webhooks.send(
        wanted.event,
        wanted.payload,
        user=wanted.user,
        games=wanted.games,
        notification_id=wanted.notification_id,
        copies=wanted.copies,
        signature=wanted.signature,
    )
    if wanted.wait:
        with suppress(TimeoutError):
            webhooks.settle(min(wanted.wait, _LONGEST_WAIT))
    return sent


def _line(hook: Hook) -> dict[str, object]:
    """A webhook, without its secret."""
    line: dict[str, object] = msgspec.to_builtins(hook)
    return line | {"secret": bool(hook.secret)}


def _body(shape: type[T]) -> T:
    return decoder(shape)(request.get_data())


def _answer(act: Callable[[], object], *, wrong: int = 400) -> AnyResponse:
    try:
        return _json(act() or {})
    except ValueError as error:
        return _json({"error": str(error)}, wrong)


def _json(value: object, status: int = 200) -> AnyResponse:
    return Response(msgspec.json.encode(value), status, mimetype="application/json")
