"""Cross-site request forgery: a token bound to the session, and what the browser says."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from flask import request

from flask_ext.asking import login_url
from flask_ext.current import Current, current
from flask_ext.demands import way_back
from flask_ext.keys import derive
from flask_ext.problems import CsrfFailed

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
BYTES = 32


def csrf_token() -> str:
    """The token to put into a form field ``csrf_token``, or a header ``X-CSRF-Token``.

    Good for the whole session, different each time it is written (so that
    compressed pages do not leak it). Empty when nobody is logged in: there is
    nothing to forge then.
    """
    if current().session is None:
        return ""
    pad = secrets.token_bytes(BYTES)
    return urlsafe_b64encode(pad + _xor(pad, _expected(current()))).decode()


def check_csrf() -> None:
    """Make sure that this request comes from a page of this site. Call it before acting.

    Raises:
        CsrfFailed: The token is missing or another session's, nobody is
            logged in, or the browser says that another site sent it. Answers 400.
    """
    here = current()
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if here.session is None or not _same_origin(here) or not _matches(given, _expected(here)):
        raise CsrfFailed(login_url=login_url(way_back()))


def _matches(given: str, expected: bytes) -> bool:
    try:
        raw = urlsafe_b64decode(given.encode("ascii"))
    except (Base64Error, ValueError):
        return False
    return len(raw) == 2 * BYTES and hmac.compare_digest(_xor(raw[:BYTES], raw[BYTES:]), expected)


def _expected(here: Current) -> bytes:
    if here.session is None:
        return b""
    return derive(here.session.session_id.encode(), "csrf")


def _same_origin(here: Current) -> bool:
    # Not sent by every browser, so each is a second fence and not the first. "null" is what
    # a page with Referrer-Policy: no-referrer sends.
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    ours = (here.state.settings.public_origin, request.host_url.rstrip("/"), "null")
    return request.headers.get("Origin", "null") in ours


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
