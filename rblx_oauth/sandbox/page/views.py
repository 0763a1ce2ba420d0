"""The blueprint under ``/_sandbox/``: the sections of the page, and the API beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.guard import origin_objection
from rblx_oauth.sandbox.page import (
    assets,
    catalogue,
    clock,
    data_stores,
    entries,
    faults,
    grants,
    other,
    overview,
    people,
    requests,
    saved,
    settings,
    webhooks,
)
from rblx_oauth.sandbox.page.api import api_views, wrong
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.state import State

if TYPE_CHECKING:
    from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["page_views"]

_SECTIONS = (
    overview,
    requests,
    data_stores,
    entries,
    assets,
    people,
    grants,
    other,
    catalogue,
    webhooks,
    faults,
    clock,
    settings,
    saved,
)
# Its scripts and styles are files of its own; nothing that is shown can become one.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LARGEST_FORM = 16 * 1024 * 1024  # a value of 4 MB, each byte of it percent-encoded
_READS = ("GET", "HEAD")


def page_views(state: State, base: str, server: Callable[[], Server]) -> Blueprint:
    """The blueprint.

    Args:
        state: What is shown and changed.
        base: The sandbox's own address, without a trailing slash.
        server: Gives the authorization server, which issues tokens.
    """
    views = Blueprint("page", __name__, url_prefix="/_sandbox")
    shell = Shell(state, base)

    @views.before_request
    def own_forms_only() -> AnyResponse | None:
        request.max_form_memory_size = _LARGEST_FORM
        objection = "" if request.method in _READS else origin_objection(request)
        return wrong(403, objection) if objection else None

    @views.after_request
    def guard(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = _POLICY
        return response

    @views.errorhandler(404)
    def missing(_: HTTPException) -> tuple[str, int]:
        return shell.missing(), 404

    for section in _SECTIONS:
        section.add(views, shell)
    views.register_blueprint(api_views(shell, server))
    return views
