"""Addresses that Roblox hands out, to be fetched without a credential."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from rblx_oauth.core.url import is_loopback
from rblx_oauth.errors import ProtocolError

_ADDRESS = re.compile(
    r"(?P<origin>(?P<scheme>https?)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?)"
    r"(?P<target>/[!-~]*)?",
    re.IGNORECASE | re.ASCII,
)


def check_location(location: object, *, base: str, operation: str) -> str:
    """An address that may be fetched, without its fragment.

    It must be https, written in ASCII, with no user and no password. One of http
    is taken from this machine alone, by a client that itself talks to this
    machine: so that a sandbox's may be fetched, and nothing else ever is.

    Args:
        location: What was handed out.
        base: The client's ``api_base``.
        operation: What errors call it.

    Raises:
        ProtocolError: It is none; it is not quoted.
    """
    found = _ADDRESS.fullmatch(location) if isinstance(location, str) else None
    if found is None:
        raise ProtocolError(f"{operation}: what should be an address is none", operation=operation)
    here = _host(base), _host(found["origin"])
    if found["scheme"].lower() != "https" and not all(map(is_loopback, here)):
        raise ProtocolError(
            f"{operation}: the address is not https, and nothing is fetched without",
            operation=operation,
        )
    return found["origin"] + (found["target"] or "/").partition("#")[0]


def redirected(url: str, location: str | None, *, base: str, operation: str) -> str:
    """Where a redirect leads; as `check_location`, but it may be relative (RFC 9110 10.2.2)."""
    try:
        target = urljoin(url, location) if location else ""
    except ValueError:
        target = ""
    return check_location(target, base=base, operation=operation)


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    found = _ADDRESS.match(url)
    return found["origin"].lower() if found else ""


def _host(url: str) -> str:
    found = _ADDRESS.match(url)
    return found["host"].strip("[]").lower() if found else ""
