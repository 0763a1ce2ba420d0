"""What may be written to a log, or shown with the variables of a frame."""

from __future__ import annotations

_LONGEST = 500
"""Characters of Roblox's words that are kept."""


def words(value: object) -> str:
    """A string or number of an answer as one short printable line, fit for a log."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    line = "".join(each if each.isprintable() else " " for each in str(value)[:_LONGEST])
    return line.strip()


class Quiet(str):
    """A secret that a frame has to hold as text.

    Error trackers record the repr of every variable of the frames that an
    exception passed; this one shows nothing.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Quiet()"
