"""The API beside the page: what tests in any language look and reach in through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec
from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox import sections, summary
from rblx_oauth.sandbox.clock import parse_rfc3339
from rblx_oauth.sandbox.faults.views import fault_api
from rblx_oauth.sandbox.guard import origin_objection
from rblx_oauth.sandbox.oauth.api import token_api
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.state import State
from rblx_oauth.sandbox.webhook_views import webhook_api

if TYPE_CHECKING:
    from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["api_views", "wrong"]

T = TypeVar("T")


class _Time(msgspec.Struct, forbid_unknown_fields=True):
    advance: float | None = None
    set: str | None = None


class _Revoke(msgspec.Struct, forbid_unknown_fields=True):
    user: int | str
    client_id: str = ""


def api_views(shell: Shell, server: Callable[[], Server]) -> Blueprint:
    """The blueprint of ``/api``; `server` gives the one that issues tokens."""
    api = Blueprint("api", __name__, url_prefix="/api")
    state = shell.state

    @api.before_request
    def own_pages_only() -> AnyResponse | None:
        objection = origin_objection(request)
        return wrong(403, objection) if objection else None

    api.register_blueprint(fault_api(state.faults))
    api.register_blueprint(token_api(server))
    api.register_blueprint(webhook_api(state.webhooks))

    @api.get("/pulse")
    def pulse() -> AnyResponse:
        return _json(shell.pulse())

    @api.get("/state")
    def whole() -> AnyResponse:
        with state.lock:
            return _json(summary.whole(state))

    @api.get("/snapshot")
    def snapshot() -> AnyResponse:
        return _json(sections.dump(state))

    @api.post("/load")
    def load() -> AnyResponse:
        try:
            sections.load(state, _body(object))
        except ValueError as error:
            return wrong(400, str(error))
        return jsonify({})

    @api.get("/requests")
    def requests() -> AnyResponse:
        return _json(state.requests.after(_seen()))

    @api.get("/messages")
    def messages() -> AnyResponse:
        with state.lock:
            return _json(state.messages[_seen() :])

    @api.post("/clock")
    def clock() -> AnyResponse:
        try:
            now = _moved(state, _body(_Time))
        except ValueError as error:
            return wrong(400, str(error))
        return jsonify(now=now)

    @api.post("/settings")
    def settings() -> AnyResponse:
        try:
            with state.lock:
                state.settings.update(_body(dict[str, object]))
        except ValueError as error:
            return wrong(400, str(error))
        return _json(state.settings)

    @api.post("/reset")
    def reset() -> AnyResponse:
        state.reset()
        return jsonify({})

    @api.post("/grants/revoke")
    def revoke() -> AnyResponse:
        try:
            body = _body(_Revoke)
        except ValueError as error:
            return wrong(400, str(error))
        with state.lock:
            return jsonify(ended=state.oauth.end_by_person(str(body.user), body.client_id))

    return api


def _moved(state: State, time: _Time) -> float:
    if (time.set is None) == (time.advance is None):
        raise ValueError('give either "advance", in seconds, or "set", an RFC 3339 timestamp')
    if time.set is not None:
        return state.clock.set(parse_rfc3339(time.set))
    return state.clock.advance(time.advance or 0.0)


def _seen() -> int:
    """How many the caller has seen before."""
    return max(0, request.args.get("after", 0, type=int))


def _body(shape: type[T]) -> T:
    return decoder(shape)(request.get_data())


def _json(value: object) -> AnyResponse:
    return Response(msgspec.json.encode(value), mimetype="application/json")


def wrong(status: int, why: str) -> AnyResponse:
    """A refusal, as this API gives it."""
    response = jsonify(error=why)
    response.status_code = status
    return response
