"""Who may talk to a sandbox: programs on this machine, and pages of its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

__all__ = ["LOOPBACK", "host_objection", "origin_objection", "page_origin"]

LOOPBACK = "127.0.0.1"
_LOOPBACK_NAMES = {LOOPBACK, "localhost", "::1"}


def host_objection(request: Request) -> str:
    """Why the Host header is refused, or an empty string.

    A page of another site can point a name of its own at 127.0.0.1 (DNS rebinding) and would then
    be same-origin with the sandbox. The name gives it away.
    """
    try:
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        host = None
    if host in _LOOPBACK_NAMES:
        return ""
    return "the sandbox answers only to the host names 127.0.0.1 and localhost"


def page_origin(request: Request) -> str:
    """The origin of the page on this machine that sent the request, or an empty string."""
    origin = request.headers.get("Origin", "")
    try:
        parts = urlsplit(origin)
        return origin if parts.scheme and parts.hostname in _LOOPBACK_NAMES else ""
    except ValueError:
        return ""


def origin_objection(request: Request) -> str:
    """Why a browser's request to change the sandbox is refused, or an empty string.

    Programs send neither header. Another site on this machine is another origin too.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return "the sandbox's own API does not answer to pages of other sites"
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        return "the sandbox's own API does not answer to pages of other sites"
    return ""
