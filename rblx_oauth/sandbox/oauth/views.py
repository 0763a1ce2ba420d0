"""Roblox's OAuth paths, for programs; the pages for people are in `consent`."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.callers import TokenCaller, live_token
from rblx_oauth.sandbox.oauth.discovery import metadata
from rblx_oauth.sandbox.oauth.server import Server
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["oauth_views", "refused"]

_UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def oauth_views(server: Server) -> Blueprint:
    """The blueprint of the endpoints under the issuer."""
    views = Blueprint("oauth", __name__, url_prefix="/oauth")
    state = server.state

    @views.get("/.well-known/openid-configuration")
    def discovery() -> AnyResponse:
        return jsonify(metadata(server.mint.issuer, state.settings))

    @views.get("/v1/certs")
    def certs() -> AnyResponse:
        return jsonify(server.mint.public_keys())

    @views.post("/v1/token")
    def token() -> AnyResponse:
        g.grant_type = request.form.get("grant_type", "")
        repeated = [name for name in request.form if len(request.form.getlist(name)) > 1]
        if repeated:
            return _error(400, "invalid_request", "A parameter must not be given twice.")
        if not g.grant_type:
            missing = "Send 'grant_type' and the rest as application/x-www-form-urlencoded."
            return _error(400, "invalid_request", missing)
        # Codes and refresh tokens work once, whatever the number of threads that bring them.
        with state.lock:
            return _noted(server.create_token_response())

    @views.post("/v1/token/revoke")
    def revoke() -> AnyResponse:
        with state.lock:
            return _noted(server.create_endpoint_response("revocation"))

    @views.post("/v1/token/introspect")
    def introspect() -> AnyResponse:
        with state.lock:
            return _noted(server.create_endpoint_response("introspection"))

    @views.post("/v1/token/resources")
    def resources() -> AnyResponse:
        with state.lock:
            return _noted(server.create_endpoint_response("resources"))

    @views.route("/v1/userinfo", methods=["GET", "POST"])
    def userinfo() -> AnyResponse:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Refusal.unauthenticated("Send an access token", challenge="Bearer")
            found = live_token(state, value.strip())
        except Refusal as refusal:
            return _error(401, "invalid_token", refusal.message, refusal.headers)
        g.caller = TokenCaller(found).name
        if "openid" not in found.scopes:
            challenge = 'Bearer error="insufficient_scope", scope="openid"'
            headers = {"WWW-Authenticate": challenge}
            return _error(403, "insufficient_scope", "The token lacks scope openid.", headers)
        user = state.users[found.grant.user_id]
        return jsonify(server.mint.user_claims(user, " ".join(found.scopes)))

    @views.after_request
    def uncached(response: Response) -> Response:
        if not request.path.endswith(("/certs", "/openid-configuration")):
            response.headers.update(_UNCACHED)
        return response

    return views


def refused(error: HTTPException) -> AnyResponse:
    """The refusal of a path or a method that the provider does not have, for a program to read."""
    headers = [each for each in error.get_headers() if each[0] != "Content-Type"]
    return _error(error.code or 500, "invalid_request", error.description or "", dict(headers))


def _error(
    status: int, error: str, description: str, headers: dict[str, str] | None = None
) -> AnyResponse:
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    response.headers.update(headers or {})
    return _noted(response)


def _noted(response: AnyResponse) -> AnyResponse:
    """The same response, its refusal noted for the list of requests."""
    if response.status_code >= 400:
        body = response.get_json(silent=True) or {}
        parts = (body.get("error", ""), body.get("error_description", ""))
        g.reason = ": ".join(part for part in parts if part)
    return response
