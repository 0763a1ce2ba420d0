"""What the models share: resource ids, enums that stay open, and times."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

import msgspec

Timestamp = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware datetime; Roblox writes RFC 3339 with 0 to 9 fractional digits."""


class Model(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A resource as Open Cloud sends it. Members that are not known here are ignored."""


class ResourceId(int):
    """An id that travels as the end of a resource path: ``users/123`` is 123."""

    @classmethod
    def from_path(cls, path: object) -> Self:
        """The number that a path ends with, or that `path` is.

        Raises:
            ValueError: There is none.
        """
        digits = str(path).rpartition("/")[2]
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError("expected a resource path that ends with a number")
        return cls(digits)


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
