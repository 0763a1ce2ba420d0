"""Reading the headers of answers, and writing credentials into those of requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from rblx_oauth.core import redact
from rblx_oauth.errors import ConfigurationError

REQUEST_ID = ("x-request-id", "x-roblox-request-id")


def is_json(headers: Mapping[str, str], other: str = "") -> bool:
    """Whether the media type is JSON (RFC 8259 11, RFC 6839 3.1), or `other`.

    The oldest of Roblox's APIs say ``text/json``.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media in ("application/json", "text/json", other or "application/json") or (
        media.startswith("application/") and media.endswith("+json")
    )


def retry_after(headers: Mapping[str, str], *, now: float, limited: bool = True) -> float | None:
    """Seconds to wait before the next try; None when not said.

    ``Retry-After`` is a number of seconds or a date (RFC 9110 10.2.3). Without
    it, where a limit was passed, Roblox's ``x-ratelimit-reset`` says in how many
    seconds the limit's window ends.
    """
    for name in ("retry-after", "x-ratelimit-reset") if limited else ("retry-after",):
        value = headers.get(name, "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
            if moment.tzinfo is None:  # of the oldest form, which is in UTC too (RFC 9110 5.6.7)
                moment = moment.replace(tzinfo=UTC)
            return max(0.0, moment.timestamp() - now)
        except (ValueError, OverflowError):
            continue
    return None


def allowance(headers: Mapping[str, str]) -> tuple[float, float] | None:
    """Requests left in a limit's window, and seconds until it ends; None when not said.

    Roblox's ``x-ratelimit-remaining`` and ``x-ratelimit-reset``.
    """
    left = headers.get("x-ratelimit-remaining")
    if left is None:
        return None
    reset = headers.get("x-ratelimit-reset", "")
    if not all(each.isascii() and each.isdigit() for each in (left, reset)):
        return None
    return float(left), float(reset)


def request_id(headers: Mapping[str, str]) -> str | None:
    """Roblox's id of the request, for its support; fit for a log."""
    found = (redact.words(headers.get(name, "")[:100]) for name in REQUEST_ID)
    return next(filter(None, found), None)


def check_secret(what: str, secret: object) -> str:
    """A secret that can be sent as a header's value.

    Raises:
        ConfigurationError: It is empty or has characters that no header may
            carry; it is not quoted.
    """
    if not isinstance(secret, str) or not secret:
        raise ConfigurationError(f"{what} must be a non-empty string")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ConfigurationError(
            f"{what} has a space, a line break or another character that no key has: copy it again"
        )
    return secret
