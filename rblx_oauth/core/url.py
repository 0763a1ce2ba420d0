"""URLs: the base they start from, and arguments that arrive as they were given.

Keys of data stores may hold any Unicode, so every path segment is encoded with
nothing left as it is (RFC 3986 2.1), and a segment of dots is encoded too, lest
somebody on the way takes it for a step up the path (RFC 3986 5.2.4).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from functools import cache
from urllib.parse import quote

from rblx_oauth.errors import ConfigurationError

API_BASE = "https://apis.roblox.com"
"""Where Open Cloud is."""

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.ASCII,
)
_PLACEHOLDER = re.compile(r"\{\w+\}")


def check_base(api_base: object) -> str:
    """An origin to send credentials to, without the slash at its end.

    Raises:
        ConfigurationError: It is not an https origin, nor http to this machine.
    """
    origin = _ORIGIN.fullmatch(api_base) if isinstance(api_base, str) else None
    if origin is None or int(origin["port"] or 0) > 65535:
        raise ConfigurationError(f"api_base must be an origin alone, such as {API_BASE}")
    scheme = origin["scheme"].lower()
    if scheme != "https" and not is_loopback(origin["host"].strip("[]").lower()):
        raise ConfigurationError("api_base must be https://; http:// only to this machine")
    return f"{scheme}://{origin[0].rstrip('/').partition('://')[2]}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fill(template: str, values: Sequence[str]) -> str:
    """A path template with its placeholders filled, in order."""
    pieces = _literals(template)
    filled = [pieces[0]]
    for value, literal in zip(values, pieces[1:], strict=True):
        filled += (segment(value), literal)
    return "".join(filled)


@cache
def _literals(template: str) -> tuple[str, ...]:
    return tuple(_PLACEHOLDER.split(template))


def segment(value: str) -> str:
    """One path segment, percent-encoded."""
    encoded = quote(value, safe="")
    return encoded.replace(".", "%2E") if encoded in (".", "..") else encoded


def query(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string with its question mark; empty without pairs. Spaces become ``%20``."""
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return f"?{text}" if text else ""
