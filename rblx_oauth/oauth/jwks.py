"""The provider's signing keys: which are usable, and which one a token means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from rblx_oauth.core.message import Request, Response
from rblx_oauth.errors import IdTokenError
from rblx_oauth.oauth.answers import published

OPERATION = "oauth.jwks"

Jwk = Mapping[str, object]


class _KeySet(msgspec.Struct):
    keys: list[dict[str, object]]


def jwks_request(url: str) -> Request:
    """Ask for the keys (RFC 7517 5)."""
    return Request("GET", url, {"Accept": "application/json"}, operation=OPERATION)


def read_jwks(response: Response, *, now: float) -> tuple[Jwk, ...]:
    """The usable keys of an answer.

    Raises:
        DiscoveryError: It is not a key set.
        RateLimited, ServerError: The provider cannot answer now.
    """
    answer = published(response, _KeySet, operation=OPERATION, now=now, otherwise="no usable keys")
    return tuple(key for key in answer.keys if _usable(key))


def _usable(key: Jwk) -> bool:
    # RFC 7518 6.2.1 (EC, P-256), RFC 7517 4.2-4.4 (meant for signatures, and this one).
    operations = key.get("key_ops", ["verify"])
    return (
        key.get("kty") == "EC"
        and key.get("crv") == "P-256"
        and key.get("use") == "sig"
        and key.get("alg", "ES256") == "ES256"
        and isinstance(operations, list)
        and "verify" in operations
    )


def lists(keys: Sequence[Jwk], kid: str | None) -> bool:
    """Whether a key of this id is there; a token without one can ask for no other key."""
    return kid is None or any(key.get("kid") == kid for key in keys)


def find_key(keys: Sequence[Jwk], kid: str | None) -> Jwk:
    """The one key that can have signed a token with this key id.

    Raises:
        IdTokenError: There is none, or more than one.
    """
    # OpenID Connect Core 10.1: the kid chooses; it may be left out only if there is
    # nothing to choose from.
    matching = [key for key in keys if kid is None or key.get("kid") == kid]
    if not matching:
        raise IdTokenError("the id_token is signed with a key Roblox does not list", check="kid")
    if len(matching) > 1:
        raise IdTokenError("the id_token does not say which key signed it", check="kid")
    return matching[0]
