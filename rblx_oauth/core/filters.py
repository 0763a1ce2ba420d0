"""Filters of listings, in the small part of CEL (Common Expression Language) that Roblox takes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from rblx_oauth.core.arguments import text, timestamp, whole


def literal(value: str | float) -> str:
    """A string or a number, as an expression says it: as JSON does."""
    return msgspec.json.encode(value).decode()


def all_of(*terms: str | None) -> str | None:
    """The terms that are given, all of which must hold; None without any."""
    return " && ".join(term for term in terms if term) or None


def starts_with(prefix: str, max_length: int) -> str | None:
    """Those whose id begins like this.

    Raises:
        TypeError, ValueError: `prefix` is no string, or too long.
    """
    if prefix == "":
        return None
    return f"id.startsWith({literal(text('prefix', prefix, max_length))})"


def valued(minimum: int | None, maximum: int | None) -> str | None:
    """Entries of an ordered data store by value, both bounds included.

    Raises:
        TypeError, ValueError: One is no 64-bit integer, or they leave nothing.
    """
    low = None if minimum is None else whole("minimum", minimum)
    high = None if maximum is None else whole("maximum", maximum)
    if low is not None and high is not None and low > high:
        raise ValueError("minimum must not be above maximum")
    return all_of(
        None if low is None else f"entry >= {low}",
        None if high is None else f"entry <= {high}",
    )


def revised(since: datetime | None, until: datetime | None) -> str | None:
    """Revisions by when they were made, both bounds included.

    Raises:
        TypeError, ValueError: One is no aware datetime, or they leave nothing.
    """
    first = None if since is None else timestamp("since", since)
    last = None if until is None else timestamp("until", until)
    if since is not None and until is not None and since > until:
        raise ValueError("since must not be after until")
    return all_of(
        first and f"revision_create_time >= {first}",
        last and f"revision_create_time <= {last}",
    )
