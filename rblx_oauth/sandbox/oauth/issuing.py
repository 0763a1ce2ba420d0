"""Tokens without a login: what a person and an app would have got together."""

from __future__ import annotations

from collections.abc import Iterable

from authlib.oauth2.rfc6749 import OAuth2Request

from rblx_oauth.sandbox.oauth.offers import agree, choose, objection, on_offer
from rblx_oauth.sandbox.oauth.records import AuthorizationCode
from rblx_oauth.sandbox.oauth.server import Server

__all__ = ["issue"]


def issue(
    server: Server,
    *,
    user_id: str,
    client_id: str,
    scopes: Iterable[str],
    universes: Iterable[int | str] | None = None,
    groups: Iterable[int | str] | None = None,
    creator: bool = True,
) -> dict[str, object]:
    """The token endpoint's answer for a person who has just agreed. Needs an app context.

    Raises:
        ValueError: There is no such user, app or scope, or something chosen is not on offer.
    """
    state = server.state
    with state.lock:
        user, client = state.users.get(user_id), state.clients.get(client_id)
        if user is None:
            raise ValueError(f"there is no user {user_id}")
        if client is None:
            raise ValueError(f"there is no app {client_id}")
        asked = _known(server, scopes)
        wrong = objection(state, client, user)
        if wrong:
            raise ValueError(wrong)
        offer = on_offer(state, user, asked)
        picks = choose(offer, universes=universes, groups=groups, creator=creator)
        now = state.clock.now()
        request = OAuth2Request("POST", "https://127.0.0.1/oauth/v1/token")
        request.client, request.user = client, user
        request.authorization_code = AuthorizationCode(
            value="",
            user_id=user_id,
            client_id=client_id,
            redirect_uri="",
            scope=" ".join(asked),
            nonce="",
            code_challenge="",
            code_challenge_method="",
            picks=agree(state, client, user, asked, picks),
            authenticated=now,
            expires_at=now,
            spent=True,
        )
        answer = server.generate_token("authorization_code", client, user, " ".join(asked))
        server.save_token(answer, request)
        if "openid" in asked:
            answer["id_token"] = server.id_token.encode_id_token(answer, request)
        return dict(answer)


def _known(server: Server, scopes: Iterable[str]) -> list[str]:
    """The scopes, each once, with ``openid`` before ``profile``, as this library asks for them."""
    asked = list(dict.fromkeys(scopes))
    if "profile" in asked and "openid" not in asked:
        asked.insert(0, "openid")
    if not asked:
        raise ValueError("a token needs a scope")
    for scope in asked:
        if scope not in server.scopes_supported:
            raise ValueError(f"there is no scope {scope}")
    return asked
