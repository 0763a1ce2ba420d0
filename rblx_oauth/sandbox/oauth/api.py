"""``/_sandbox/api/tokens``: tokens without a login, for tests in any language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.seed import CONFIDENTIAL_CLIENT

if TYPE_CHECKING:
    from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["token_api"]


class _Wanted(msgspec.Struct, forbid_unknown_fields=True):
    user: int | str
    client_id: str = CONFIDENTIAL_CLIENT.client_id
    scopes: tuple[str, ...] = ("openid", "profile")
    universes: tuple[int | str, ...] | None = None
    groups: tuple[int | str, ...] | None = None
    creator: bool = True


def token_api(server: Callable[[], Server]) -> Blueprint:
    """The blueprint of ``/tokens``; `server` gives the one that issues them."""
    api = Blueprint("tokens", __name__, url_prefix="/tokens")

    @api.post("")
    def give() -> AnyResponse | tuple[AnyResponse, int]:
        # Here, because the page needs no authorization server before a token is asked for.
        from rblx_oauth.sandbox.oauth.issuing import issue

        try:
            wanted = decoder(_Wanted)(request.get_data())
            answer = issue(
                server(),
                user_id=str(wanted.user),
                client_id=wanted.client_id,
                scopes=wanted.scopes,
                universes=wanted.universes,
                groups=wanted.groups,
                creator=wanted.creator,
            )
        except ValueError as error:
            return jsonify(error=str(error)), 400
        return jsonify(answer)

    return api
