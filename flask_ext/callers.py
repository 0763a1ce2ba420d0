"""Who is asking: a person's browser going somewhere, or a program that wants JSON."""

from __future__ import annotations

from flask import request

JSON_TYPES = ("application/json", "application/problem+json")


def wants_json() -> bool:
    """Whether an answer should be JSON: a redirect to Roblox would help this caller nothing."""
    if request.is_json or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    accept = request.accept_mimetypes
    json, html = max(accept[name] for name in JSON_TYPES), accept["text/html"]
    if json != html:
        return json > html
    # A script's fetch() that takes anything: it cannot follow a login page either.
    return request.headers.get("Sec-Fetch-Dest") == "empty"


def is_navigation() -> bool:
    """Whether a person is going to this address in a tab of their own, so that a redirect helps.

    A browser that says so (Fetch Metadata) is believed: pictures, frames,
    scripts and pages fetched ahead must not begin a login. One that says
    nothing is taken for a person's.
    """
    if request.method != "GET" or _is_prefetch() or wants_json():
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def _is_prefetch() -> bool:
    """Whether a browser fetches this ahead, in case somebody goes there."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)
