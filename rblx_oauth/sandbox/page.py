"""The sandbox's own page, and the API that tests look and reach in through."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox import sections, summary
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.drawing import avatar_colour
from rblx_oauth.sandbox.faults.table import kind_lines
from rblx_oauth.sandbox.faults.views import fault_api, take_form
from rblx_oauth.sandbox.guard import origin_objection
from rblx_oauth.sandbox.oauth.api import token_api
from rblx_oauth.sandbox.state import State

__all__ = ["page_views"]

T = TypeVar("T")
_SHOWN_REQUESTS = 50


class _Time(msgspec.Struct, forbid_unknown_fields=True):
    advance: float | None = None
    set: str | None = None


class _Revoke(msgspec.Struct, forbid_unknown_fields=True):
    user: int | str
    client_id: str = ""


def page_views(state: State) -> Blueprint:
    """The blueprint under ``/_sandbox/``."""
    views = Blueprint("page", __name__, url_prefix="/_sandbox")

    def shown(*, refused: str = "") -> str:
        with state.lock:
            recent = list(state.requests)[-_SHOWN_REQUESTS:]
            return render_template(
                "page.html",
                state=state,
                rfc3339=rfc3339,
                requests=recent[::-1],
                summary=summary,
                kinds=kind_lines(),
                refused=refused,
            )

    @views.get("/")
    def page() -> str:
        return shown()

    @views.post("/faults")
    def change_faults() -> AnyResponse | tuple[str, int]:
        objection = origin_objection(request)
        if objection:
            return _wrong(403, objection)
        try:
            take_form(state.faults, request.form)
        except ValueError as error:
            return shown(refused=str(error)), 400
        return redirect("/_sandbox/#faults", 303)

    @views.get("/avatars/<user_id>.svg")
    def avatar(user_id: str) -> AnyResponse:
        user = state.users.get(user_id) or abort(404)
        red, green, blue = avatar_colour(int(user.id))
        initial = next((each for each in user.name if each.isalnum()), "?").upper()
        svg = render_template("avatar.svg", colour=f"rgb({red} {green} {blue})", initial=initial)
        return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    views.register_blueprint(_api(state))
    return views


def _api(state: State) -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.before_request
    def own_pages_only() -> AnyResponse | None:
        objection = origin_objection(request)
        return _wrong(403, objection) if objection else None

    api.register_blueprint(fault_api(state.faults))
    api.register_blueprint(token_api())

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
            return _wrong(400, str(error))
        return jsonify({})

    @api.get("/requests")
    def requests() -> AnyResponse:
        return _json(list(state.requests))

    @api.get("/messages")
    def messages() -> AnyResponse:
        return _json(list(state.messages))

    @api.post("/clock")
    def clock() -> AnyResponse:
        try:
            now = _moved(state, _body(_Time))
        except ValueError as error:
            return _wrong(400, str(error))
        return jsonify(now=now)

    @api.post("/settings")
    def settings() -> AnyResponse:
        try:
            with state.lock:
                state.settings.update(_body(dict[str, object]))
        except ValueError as error:
            return _wrong(400, str(error))
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
            return _wrong(400, str(error))
        with state.lock:
            return jsonify(ended=state.oauth.end_by_person(str(body.user), body.client_id))

    return api


def _moved(state: State, time: _Time) -> float:
    if (time.set is None) == (time.advance is None):
        raise ValueError('give either "advance", in seconds, or "set", an RFC 3339 timestamp')
    if time.set is not None:
        return state.clock.set(parse_rfc3339(time.set))
    return state.clock.advance(time.advance or 0.0)


def _body(shape: type[T]) -> T:
    return msgspec.json.decode(request.get_data(), type=shape)


def _json(value: object) -> AnyResponse:
    return Response(msgspec.json.encode(value), mimetype="application/json")


def _wrong(status: int, why: str) -> AnyResponse:
    response = jsonify(error=why)
    response.status_code = status
    return response
