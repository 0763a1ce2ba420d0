"""What may be written to a log."""

from __future__ import annotations

_LONGEST = 500
"""Characters of Roblox's words that are kept."""


def words(value: object) -> str:
    """A string or number of an answer as one short printable line, fit for a log."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    line = "".join(each if each.isprintable() else " " for each in str(value)[:_LONGEST])
    return line.strip()
