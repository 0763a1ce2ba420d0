"""What a browser remembers about logging in: the logins under way, and having logged out.

There is one short-lived cookie for each login under way, so that several tabs
can log in at once.
"""

from __future__ import annotations

import re

from flask import Response, request

from flask_ext.cookies import Cookies, digest
from flask_ext.transactions import SECONDS

BASE = "roblox_login_"
MOST = 8
"""Logins under way in one browser; beginning another forgets the oldest."""
LEFT = "roblox_left"
LEFT_SECONDS = 30 * 86400


def bind(cookies: Cookies, state: str, secret: str, response: Response) -> None:
    """Give the browser the secret that the login of `state` is bound to."""
    ours = re.compile(re.escape(cookies.name(BASE)) + "[0-9a-f]{16}")
    # Browsers send the oldest first (RFC 6265 5.4).
    under_way = [name for name in request.cookies if ours.fullmatch(name)]
    for name in under_way[: max(0, len(under_way) - MOST + 1)]:
        cookies.drop(response, name)
    cookies.put(response, _name(cookies, state), secret, max_age=SECONDS)


def bound_secret(cookies: Cookies, state: str) -> str | None:
    """The secret this browser holds for the login of `state`."""
    return request.cookies.get(_name(cookies, state))


def unbind(cookies: Cookies, state: str, response: Response) -> Response:
    """Take the secret back: the login is over, well or not."""
    cookies.drop(response, _name(cookies, state))
    return response


def mark_left(cookies: Cookies, response: Response) -> Response:
    """Note that the person logged out in this browser."""
    cookies.put(response, cookies.name(LEFT), "1", max_age=LEFT_SECONDS)
    return response


def has_left(cookies: Cookies) -> bool:
    """Whether the person logged out here, and nobody has logged in since.

    Roblox may still know them, and would send them back logged in without a
    question: to whoever sits at a shared computer next.
    """
    return cookies.name(LEFT) in request.cookies


def unmark_left(cookies: Cookies, response: Response) -> Response:
    """Somebody has logged in again."""
    cookies.drop(response, cookies.name(LEFT))
    return response


def _name(cookies: Cookies, state: str) -> str:
    return cookies.name(BASE) + digest(state)[:16]
