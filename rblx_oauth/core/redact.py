"""What may be written to a log."""

from __future__ import annotations

from collections.abc import Mapping

_LONGEST = 500
"""Characters of Roblox's words that are kept."""

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authenticate",
        "proxy-authorization",
        "set-cookie",
        "www-authenticate",
        "x-api-key",
    }
)


def headers(values: Mapping[str, str]) -> dict[str, str]:
    """Headers with those masked that may carry a secret."""
    return {
        name: "***" if name.lower() in SECRET_HEADERS else value for name, value in values.items()
    }


def words(value: object) -> str:
    """A string or number of an answer as one short printable line, fit for a log."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    line = "".join(each if each.isprintable() else " " for each in str(value)[:_LONGEST])
    return line.strip()
