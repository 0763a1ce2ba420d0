"""What a check finds."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["ok", "warning", "error"]


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's.

    Attributes:
        level: ``error`` where something does not work or gives people away, ``warning``
            where it is weaker than it could be, else ``ok``.
        message: What was found. Never a secret.
        remedy: What to do about it; empty when nothing needs doing.
        check: Who found it.
    """

    level: Level
    message: str
    remedy: str = ""
    check: str = ""


class Unknown(Exception):
    """Raised by a check that cannot tell; says why."""


def ok(message: str) -> Finding:
    """Something good to know."""
    return Finding("ok", message)


def warning(message: str, remedy: str) -> Finding:
    """It works, but is weaker than it could be."""
    return Finding("warning", message, remedy)


def error(message: str, remedy: str) -> Finding:
    """It does not work, or gives people away."""
    return Finding("error", message, remedy)
