"""Who is asking: a person's browser going somewhere, htmx in its place, or a program."""

from __future__ import annotations

from flask import request

JSON_TYPES = ("application/json", "application/problem+json")
DEPENDS_ON = (
    "Accept",
    "HX-Boosted",
    "HX-History-Restore-Request",
    "HX-Request",
    "Sec-Fetch-Dest",
    "X-Requested-With",
)
"""The headers looked at here, for Vary."""


def wants_json() -> bool:
    """Whether an answer should be JSON: a redirect to Roblox would help this caller nothing."""
    accept = request.accept_mimetypes
    json, html = max(accept[name] for name in JSON_TYPES), accept["text/html"]
    if is_htmx():  # its requests look like a script's, but what it is given lands in a page
        return json > html
    if request.is_json or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
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
    if request.method != "GET" or _is_prefetch() or is_htmx() or wants_json():
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def is_htmx() -> bool:
    """Whether htmx asks: it follows ``HX-Redirect`` with the whole page, whatever the status."""
    return request.headers.get("HX-Request") == "true" or restores_history()


def restores_history() -> bool:
    """Whether htmx fetches a page anew that the back button led to."""
    return request.headers.get("HX-History-Restore-Request") == "true"


def is_htmx_visit() -> bool:
    """Whether htmx goes to this address in the place of the browser, and shows it as the page."""
    boosted = request.headers.get("HX-Boosted") == "true"
    return request.method == "GET" and is_htmx() and (boosted or restores_history())


def _is_prefetch() -> bool:
    """Whether a browser fetches this ahead, in case somebody goes there."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)
