"""What the models share: resource ids, enums that stay open, and times."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

import msgspec

Timestamp = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware datetime; Roblox writes RFC 3339 with 0 to 9 fractional digits."""


_DURATION = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,9}))?s")


class Model(msgspec.Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """A resource as Open Cloud sends it. Members that are not known here are ignored.

    Where a model is sent, members that were left out (None) are not sent.
    """


class ResourceId(int):
    """An id that travels as text, alone or at the end of a resource path: ``users/123`` is 123.

    It is 0 where Roblox leaves the text empty.
    """

    @classmethod
    def from_wire(cls, text: object) -> Self:
        """The number that a path ends with, or that `text` is.

        Raises:
            ValueError: There is none.
        """
        digits = str(text).rpartition("/")[2]
        if digits and not (digits.isascii() and digits.isdigit()):
            raise ValueError("expected an id, or a resource path that ends with one")
        return cls(digits or 0)


class Duration(timedelta):
    """A span of time that travels as seconds: ``1.5s``. Billionths are cut to millionths."""

    @classmethod
    def from_wire(cls, text: object) -> Self:
        """The span that `text` says.

        Raises:
            ValueError: It says none.
        """
        found = _DURATION.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError("expected a number of seconds such as 1.5s")
        micros = int((found[3] or "").ljust(6, "0")[:6])
        sign = -1 if found[1] else 1
        return cls(seconds=sign * int(found[2]), microseconds=sign * micros)


class OpenEnum(StrEnum):
    """Words that Roblox may add to: one that is not listed here survives as it came."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class SocialLink(Model, frozen=True):
    """A link with its title."""

    title: str = ""
    uri: str = ""
