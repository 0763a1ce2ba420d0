"""Secrets of universes: sealed by the caller, opened here, never shown again."""

from __future__ import annotations

import base64
import re
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.paging import read_page_token, write_page_token
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

if TYPE_CHECKING:
    from nacl.public import PrivateKey

__all__ = ["BEHAVIOURS", "Secret", "SecretShelf"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_DOMAIN = re.compile(r"\*|(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LARGEST_PAGE = 500
_MOST = 500


class Secret(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A secret.

    Attributes:
        value: What it holds; in a file, as base64.
        text: The same as a person would write it into a seed file.
    """

    value: bytes = b""
    text: str = ""
    domain: str = ""
    created: float = 0.0
    updated: float = 0.0

    def __post_init__(self) -> None:
        self.value, self.text = self.value or self.text.encode(), ""


class SecretShelf(Shelf):
    """The secrets of each universe, by name."""

    section = "secrets"

    secrets: dict[str, dict[str, Secret]] = {}


class _Creation(msgspec.Struct):
    id: str
    secret: bytes
    key_id: str
    domain: str | None = None


class _Change(msgspec.Struct):
    secret: bytes | None = None
    key_id: str | None = None
    domain: str | UnsetType | None = UNSET


def _private_key(universe_id: str) -> PrivateKey:
    """The universe's key, which is always the same: a sandbox keeps no secrets worth the name.

    Raises:
        Refusal: 501, PyNaCl is not installed.
    """
    try:
        from nacl.public import PrivateKey
    except ImportError:
        said = "secrets need PyNaCl where the sandbox runs: pip install 'rblx-oauth[secrets]'"
        raise Refusal(501, "NOT_IMPLEMENTED", said) from None
    return PrivateKey(blake2b(f"sandbox secrets {universe_id}".encode(), digest_size=32).digest())


def _key_id(universe_id: str) -> str:
    digest = blake2b(f"sandbox key {universe_id}".encode(), digest_size=7).digest()
    return str(int.from_bytes(digest, "big"))


def _secrets(exchange: Exchange) -> dict[str, Secret]:
    shelf = exchange.state.shelves.of(SecretShelf)
    return shelf.secrets.setdefault(exchange.arguments["universe_id"], {})


def _opened(exchange: Exchange, sealed: bytes, key_id: str | None) -> bytes:
    universe_id = exchange.arguments["universe_id"]
    private = _private_key(universe_id)
    if key_id != _key_id(universe_id):
        raise Refusal.invalid("key_id is not that of the universe's public key: ask for it anew")
    from nacl.exceptions import CryptoError
    from nacl.public import SealedBox

    try:
        return bytes(SealedBox(private).decrypt(sealed))
    except (CryptoError, ValueError, TypeError):
        said = "secret is not a libsodium sealed box made with the universe's public key"
        raise Refusal.invalid(said) from None


def _check_domain(domain: str | None) -> str:
    if domain and not _DOMAIN.fullmatch(domain.lower()):
        raise Refusal.invalid("domain is a host name, perhaps with *. before it, or *, or empty")
    return domain or ""


def _body(name: str, secret: Secret) -> dict[str, object]:
    return {
        "id": name,
        "domain": secret.domain,
        "create_time": rfc3339(secret.created),
        "update_time": rfc3339(secret.updated),
    }


def _public_key(exchange: Exchange) -> object:
    universe_id = exchange.arguments["universe_id"]
    public = bytes(_private_key(universe_id).public_key)
    return {
        "id": "public-key",
        "secret": base64.b64encode(public).decode(),
        "key_id": _key_id(universe_id),
    }


def _create(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Creation)
    if not _NAME.fullmatch(body.id):
        raise Refusal.invalid("id must be 1 to 64 letters, digits and underscores, no digit first")
    now = exchange.state.clock.now()
    made = Secret(
        value=_opened(exchange, body.secret, body.key_id),
        domain=_check_domain(body.domain),
        created=now,
        updated=now,
    )
    with exchange.state.lock:
        secrets = _secrets(exchange)
        if body.id in secrets:
            raise Refusal(409, "ALREADY_EXISTS", "there is a secret of that name")
        if len(secrets) >= _MOST:
            raise Refusal.invalid(f"a universe has {_MOST} secrets at most")
        secrets[body.id] = made
    return _body(body.id, made)


def _update(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Change)
    name = exchange.arguments["secret_id"]
    value = None if body.secret is None else _opened(exchange, body.secret, body.key_id)
    with exchange.state.lock:
        secret = _found(exchange, name)
        if value is not None:
            secret.value = value
        if body.domain is not UNSET:
            secret.domain = _check_domain(body.domain)
        secret.updated = exchange.state.clock.now()
        return _body(name, secret)


def _found(exchange: Exchange, name: str) -> Secret:
    secret = _secrets(exchange).get(name)
    if secret is None:
        raise Refusal.not_found("there is no secret of that name")
    return secret


def _delete(exchange: Exchange) -> object:
    with exchange.state.lock:
        _found(exchange, exchange.arguments["secret_id"])
        del _secrets(exchange)[exchange.arguments["secret_id"]]
    return {}


def _list(exchange: Exchange) -> object:
    args, universe_id = exchange.request.args, exchange.arguments["universe_id"]
    size = int(args.get("limit") or 10)
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal.invalid(f"limit is from 1 to {_LARGEST_PAGE}", "limit")
    after = read_page_token(args.get("cursor", ""), 1, "secrets", universe_id)
    with exchange.state.lock:
        secrets = _secrets(exchange)
        names = sorted(name for name in secrets if after is None or name > after[0])
        page: dict[str, object] = {"secrets": [_body(each, secrets[each]) for each in names[:size]]}
    if len(names) > size:
        page["nextPageCursor"] = write_page_token((names[size - 1],), "secrets", universe_id)
    return page


BEHAVIOURS = {
    "create_secret": Behaviour(_create),
    "delete_secret": Behaviour(_delete),
    "get_secret_public_key": Behaviour(_public_key),
    "list_secrets": Behaviour(_list),
    "update_secret": Behaviour(_update),
}
