"""Which credential an operation is sent with, decided before a byte leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import get_args

from rblx_oauth.catalog import Credential, Operation, operations
from rblx_oauth.errors import ConfigurationError, CredentialError, InsufficientScope

_WORDS: dict[Credential, str] = {"token": "an OAuth token", "api_key": "an API key"}


def fingerprint(secret: str) -> str:
    """Tells one credential from others, the same in every process, without giving it away."""
    return hashlib.sha256(b"rblx-oauth credential\0" + secret.encode()).hexdigest()[:16]


def check_accept(accept: Mapping[str, Credential] | None) -> dict[str, Credential]:
    """What a caller says in place of the catalogue, by operation.

    Raises:
        ConfigurationError: It is no mapping, or names no operation or no credential.
    """
    if accept is None:
        return {}
    if not isinstance(accept, Mapping):
        raise ConfigurationError(
            f"accept must be a dict of operations' names, not a {type(accept).__name__}"
        )
    for name, credential in accept.items():
        if name not in operations():
            raise ConfigurationError(f"accept: there is no operation {name!r}")
        if credential not in get_args(Credential):
            raise ConfigurationError(f'accept: {name} must be "token" or "api_key"')
    return dict(accept)


def choose(
    operation: Operation,
    *,
    has_token: bool,
    has_key: bool,
    accept: Mapping[str, Credential],
) -> Credential | None:
    """The credential to send: the token where it is accepted, else the API key.

    None where the operation is open to everyone, and is told nobody's secret.

    Raises:
        CredentialError: Nothing that the client holds is accepted.
    """
    if not operation.credentials:
        return None
    override = accept.get(operation.name)
    accepted = operation.credentials if override is None else (override,)
    if has_token and "token" in accepted:
        return "token"
    if has_key and "api_key" in accepted:
        return "api_key"
    takes = " or ".join(_WORDS[each] for each in sorted(accepted, reverse=True))
    held: dict[Credential, bool] = {"token": has_token, "api_key": has_key}
    holds = " and ".join(_WORDS[each] for each, is_held in held.items() if is_held)
    raise CredentialError(
        f"{operation.name} takes {takes}; this client holds {holds or 'neither'}",
        operation=operation.name,
    )


def check_scopes(operation: Operation, granted: frozenset[str]) -> None:
    """See that a token has every scope that an operation needs.

    Raises:
        InsufficientScope: Some are missing.
    """
    missing = [scope for scope in operation.scopes if scope not in granted]
    if missing:
        raise InsufficientScope(
            f"{operation.name}: the token was not granted {', '.join(missing)}; "
            "ask the person for it with a new authorization request",
            missing=missing,
            operation=operation.name,
        )
