"""What may be written to a log."""

from __future__ import annotations

from collections.abc import Mapping

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
