"""Scopes: tidied before they are asked for, read as they were granted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from rblx_oauth.catalog import known_scopes
from rblx_oauth.errors import ConfigurationError

_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")


def requested_scopes(
    scopes: str | Iterable[str],
    *,
    allow_unknown: bool = False,
    remedy: str = "allow_unknown_scopes=True",
) -> tuple[str, ...]:
    """The scopes to ask for: ``openid`` first, each once, in the order given.

    ``openid`` is always among them (OpenID Connect Core 3.1.2.1): who logged
    in is what everything else hangs on, and only an id_token proves it. It is
    also what ``profile`` needs.

    Args:
        scopes: Names, or one string of names with spaces between.
        allow_unknown: Ask for scopes that the catalogue does not know.
        remedy: How the caller says that.

    Raises:
        ConfigurationError: A name is malformed, or unknown.
    """
    names = scopes.split() if isinstance(scopes, str) else [str(name) for name in scopes]
    ordered = tuple(dict.fromkeys(["openid", *names]))
    for name in ordered:
        # RFC 6749 3.3: printable ASCII without space, quote or backslash.
        if not _TOKEN.match(name):
            raise ConfigurationError("a scope must be a word such as 'universe:write'")
    if not allow_unknown:
        _check_known(ordered, remedy)
    return ordered


def granted_scopes(scope: str | None, *, otherwise: Iterable[str]) -> frozenset[str]:
    """The scopes of a token answer; `otherwise` when it names none (RFC 6749 5.1)."""
    return frozenset(otherwise if scope is None else scope.split())


def _check_known(scopes: Iterable[str], remedy: str) -> None:
    known = known_scopes()
    for name in scopes:
        if name not in known:
            near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ConfigurationError(
                f"unknown scope {name!r}.{hint} ({remedy} asks for scopes newer than this library)"
            )
