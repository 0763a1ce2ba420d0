"""What the behaviours of the sandbox keep, family by family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, TypeVar

import msgspec

__all__ = ["Shelf", "Shelves"]

S = TypeVar("S", bound="Shelf")


class Shelf(msgspec.Struct):
    """Plain data of one family: lists, dicts and structs of text, numbers and times.

    A subclass names its section of seed and state files, and needs a default for
    every field. Nothing else is asked of it: saving, loading and resetting follow.

    Attributes:
        section: Its name in those files.
    """

    section: ClassVar[str] = ""


class Shelves:
    """One shelf of each kind, made when it is first asked for."""

    def __init__(self) -> None:
        self._kept: dict[type[Shelf], Shelf] = {}

    def of(self, kind: type[S]) -> S:
        """The shelf of that kind."""
        found = self._kept.get(kind)
        if found is None:
            found = self._kept[kind] = kind()
        assert isinstance(found, kind)  # noqa: S101 (what it was put under)
        return found

    def put(self, shelf: Shelf) -> None:
        """Replace the shelf of that kind."""
        self._kept[type(shelf)] = shelf


def kinds() -> Iterator[type[Shelf]]:
    """Every kind of shelf that some behaviour declares."""
    return (kind for kind in Shelf.__subclasses__() if kind.section)
