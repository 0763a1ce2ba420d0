"""Where what scripts are given is uploaded, and what they give is fetched from.

Roblox keeps such files elsewhere, behind addresses that are good for whoever has them. Here they
are pages of the sandbox's own: no credential is asked for, and no limit counts.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Request, Response, abort, request

from rblx_oauth.sandbox.luau import LuauShelf
from rblx_oauth.sandbox.state import State

__all__ = ["INPUT_SECONDS", "OUTPUT_SECONDS", "storage_url", "storage_views"]

INPUT_SECONDS = 900.0
"""For so long an input is good."""
OUTPUT_SECONDS = 900.0
"""For so long after a script has ended its output can be fetched."""


def storage_url(request: Request, key: str, signature: str) -> str:
    """The address of a file.

    Args:
        request: Any request to this sandbox.
        key: The id of the input or task.
        signature: What opens it.
    """
    return f"{request.host_url}_sandbox/storage/{key}?signature={signature}"


def storage_views(state: State) -> Blueprint:
    """The blueprint under ``/_sandbox/storage/``."""
    views = Blueprint("storage", __name__, url_prefix="/_sandbox/storage")

    @views.put("/<key>")
    def upload(key: str) -> Response:
        kept = state.shelves.of(LuauShelf).inputs.get(key) or abort(404)
        _check(kept.signature, kept.created + INPUT_SECONDS)
        request.max_content_length = kept.size
        content = request.get_data(cache=False)
        if len(content) != kept.size:
            abort(400, f"the file has {len(content)} bytes, not the {kept.size} that were said")
        kept.content = content
        return Response(status=200)

    @views.get("/<key>")
    def fetch(key: str) -> Response:
        task = state.shelves.of(LuauShelf).tasks.get(key) or abort(404)
        _check(task.signature, task.ends + OUTPUT_SECONDS)
        if not task.wants_output or state.clock.now() < task.ends:
            abort(404)
        return Response(task.answer.binary_output, mimetype="application/octet-stream")

    def _check(signature: str, until: float) -> None:
        given = request.args.get("signature", "")
        if not secrets.compare_digest(given.encode(), signature.encode()):
            abort(403, "the signature is not that of this address")
        if state.clock.now() >= until:
            abort(403, "the address is no longer good")

    return views
