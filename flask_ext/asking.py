"""Login addresses, and what they ask for. Only this site can write one that asks for more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Self

import msgspec
from flask import request, url_for
from itsdangerous import BadSignature, Signer

from flask_ext.readers import ALLOW_UNKNOWN
from flask_ext.state import current_state
from rblx_oauth._decoding import decoder
from rblx_oauth.oauth.authorization import check_prompt
from rblx_oauth.oauth.scopes import requested_scopes

BLUEPRINT = "roblox"


class Ask(msgspec.Struct, frozen=True):
    """Scopes wanted beside those of every login, and a prompt for Roblox's page."""

    scopes: tuple[str, ...] = ()
    prompt: str | None = None

    @classmethod
    def of(cls, scopes: Iterable[str], prompt: str | None = None) -> Self:
        """These scopes in an order of their own, so that the same wish is the same address."""
        return cls(tuple(sorted(scopes)), prompt)


NOTHING = Ask()


def login_url(
    next: str | None = None,  # noqa: A002 (the parameter's name in the address)
    *,
    scopes: Iterable[str] = (),
    prompt: str | None = None,
) -> str:
    """The address that sends a person to Roblox and brings them back to `next`.

    Args:
        next: Path and query of a page of this site; the front page by default.
        scopes: Scopes to ask for beside those the person has granted.
        prompt: ``consent`` to let them pick again, ``select_account``, ...

    Raises:
        ConfigurationError: A scope or the prompt is unknown.
    """
    ask = Ask.of(scopes, prompt)
    requested_scopes(
        ask.scopes,
        allow_unknown=current_state().settings.allow_unknown_scopes,
        remedy=ALLOW_UNKNOWN,
    )
    check_prompt(prompt)
    return address(next, ask)


def address(target: str | None, ask: Ask) -> str:
    """`login_url` for what was asked before, or was granted: newer than the catalogue, perhaps."""
    # Signed, because a link from elsewhere must not make people consent to what this site
    # never meant to ask.
    signed = _signer().sign(msgspec.json.encode(ask)).decode() if ask != NOTHING else None
    return url_for(f"{BLUEPRINT}.login", next=target, ask=signed)


def asked() -> Ask:
    """What this request to the login address asks for; nothing if it was not written here."""
    try:
        return decoder(Ask)(_signer().unsign(request.args.get("ask", "")))
    except (BadSignature, UnicodeEncodeError, msgspec.DecodeError):
        return NOTHING


def _signer() -> Signer:
    keys = current_state().settings.secret_keys
    return Signer(
        list(reversed(keys)),
        salt="rblx-oauth ask",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
