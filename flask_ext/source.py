"""Reading one setting at a time, and remembering everything that is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TypeGuard

PREFIX = "ROBLOX_"
WORDS = {"1": True, "true": True, "yes": True, "on": True}
WORDS |= {"0": False, "false": False, "no": False, "off": False}
MOST_SECONDS = 100 * 365 * 86400
"""Longer than anybody means, and within the dates that Python and the stores can tell."""


def is_encodable(text: str) -> bool:
    """Whether it is Unicode text: without half of a surrogate pair.

    Variables of the environment that are not UTF-8 come with such halves (PEP 383).
    """
    return not any("\ud800" <= each <= "\udfff" for each in text)


def is_text(value: object) -> TypeGuard[str | bytes]:
    """Whether it is bytes, or a string that can be encoded."""
    return isinstance(value, bytes) or (isinstance(value, str) and is_encodable(value))


class Source:
    """``app.config`` first, then the environment. What is wrong lands in `problems`."""

    def __init__(self, config: Mapping[str, object]) -> None:
        self._config = config
        self._wrong: dict[str, str] = {}

    @property
    def problems(self) -> list[str]:
        """What is wrong, a sentence for each setting."""
        return [f"{name} {what}" for name, what in self._wrong.items()]

    def raw(self, name: str) -> object:
        """The value as given; None when it is unset or empty in both places."""
        return next((value for value in self._given(name) if value != ""), None)

    def is_blank(self, name: str) -> bool:
        """Whether it was set to nothing: for settings where that says something."""
        value = next(self._given(name), None)
        return isinstance(value, str) and not value.strip()

    def _given(self, name: str) -> Iterator[object]:
        values = (self._config.get(PREFIX + name), os.environ.get(PREFIX + name))
        return (value for value in values if value is not None)

    def wrong(self, name: str, what: str) -> None:
        """Note a problem with a setting; the first one tells."""
        self._wrong.setdefault(name, what)

    def is_wrong(self, name: str) -> bool:
        """Whether a problem with a setting was noted."""
        return name in self._wrong

    def text(self, name: str, default: str = "") -> str:
        """A string, stripped; a number counts as one, since client ids look like numbers."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            self.wrong(PREFIX + name, f"must be a string, not {type(value).__name__}")
            return default
        if not is_encodable(value):
            self.wrong(PREFIX + name, "must be Unicode text; in the environment, UTF-8")
            return default
        return value.strip()

    def words(self, name: str, default: Iterable[str | bytes] = ()) -> tuple[str | bytes, ...]:
        """A list as it is, or the words of a string, between spaces or commas."""
        value = self.raw(name)
        if value is None:
            return tuple(default)
        if isinstance(value, str):
            return tuple(word for word in re.split(r"[\s,]+", value) if word)
        if isinstance(value, Iterable) and not isinstance(value, bytes):
            found = tuple(value)
            if all(map(is_text, found)):
                return found
        self.wrong(PREFIX + name, "must be a list of strings, or one string with spaces between")
        return tuple(default)

    def seconds(self, name: str, default: float) -> float:
        """A number of seconds above zero, or a timedelta; a hundred years at most."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, timedelta):
            value = value.total_seconds()
        try:
            number = float(value) if isinstance(value, str | int | float) else 0.0
        except (ValueError, OverflowError):
            number = 0.0
        if not 0 < number <= MOST_SECONDS or isinstance(value, bool):
            self.wrong(
                PREFIX + name,
                "must be a number of seconds above 0, or a timedelta, and at most a hundred years",
            )
            return default
        return number

    def count(self, name: str, default: int, *, most: int) -> int:
        """A whole number from 0 to `most`."""
        text = str(self.raw(name) if self.raw(name) is not None else default).strip()
        if re.fullmatch("[0-9]{1,9}", text, re.ASCII) and int(text) <= most:
            return int(text)
        self.wrong(PREFIX + name, f"must be a whole number from 0 to {most}")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """True or False, or a word for either."""
        value = self.raw(name)
        if value is None:
            return default
        found = value if isinstance(value, bool) else WORDS.get(str(value).strip().lower())
        if found is None:
            self.wrong(PREFIX + name, f"must be true or false (one of {', '.join(WORDS)})")
            return default
        return found
