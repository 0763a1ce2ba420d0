"""Serves the bytes of assets: to whoever has a ticket, and as pictures to the sandbox's page."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, send_file
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.state import State

__all__ = ["content_views"]

_SHOWN = frozenset({"image/png", "image/jpeg", "image/bmp", "image/webp"})
_HEADERS = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}


def content_views(state: State) -> Blueprint:
    """The blueprint that serves them."""
    views = Blueprint("contents", __name__, url_prefix="/_sandbox")

    @views.get("/content/<ticket>")
    def content(ticket: str) -> AnyResponse:
        found = state.contents.read_ticket(ticket)
        if found is None:
            abort(404, "no such content")
        sha256, media, until = found
        if state.clock.now() >= until:
            abort(403, "this address was good for a while, and is no more")
        return _sent(sha256, media) or abort(404, "the content is gone")

    @views.get("/assets/<asset_id>/picture")
    def picture(asset_id: str) -> AnyResponse:
        with state.lock:
            asset = state.shelves.of(AssetShelf).assets.get(asset_id) or abort(404)
            shown = asset.content
        sent = shown and shown.media in _SHOWN and _sent(shown.sha256, shown.media)
        if sent:
            return sent
        colour = f"hsl({int(asset_id) * 47 % 360} 25% 40%)"
        svg = render_template("avatar.svg", colour=colour, initial=asset.type[:1])
        return AnyResponse(svg, mimetype="image/svg+xml", headers=_HEADERS)

    def _sent(sha256: str, media: str) -> AnyResponse | None:
        found = state.contents.find(sha256)
        if found is None:
            return None
        answer = send_file(found, mimetype=media, etag=sha256)
        answer.headers.update(_HEADERS)
        return answer

    return views
