"""Lines that are only ever added, found by what they are about and given in pages."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Journal", "Lines"]

T = TypeVar("T")


class Lines(NamedTuple, Generic[T]):
    """One page.

    Attributes:
        found: Its lines.
        following: Where the page after it begins; None if it is the last.
        preceding: Where the page before it begins; None if it is the first.
    """

    found: list[T]
    following: int | None
    preceding: int | None


class Journal(Generic[T]):
    """An index of lines by what they are about, so that no page looks at others' lines.

    Args:
        lines: Where they are kept, oldest first; `add` appends to it.
        about: What a line can be found by, e.g. the user and the place it concerns.
    """

    def __init__(self, lines: list[T], about: Callable[[T], tuple[str, ...]]) -> None:
        self._lines = lines
        self._about = about
        self._places: dict[tuple[str, ...], list[int]] = {}
        for place in range(len(lines)):
            self._index(place)

    def add(self, line: T) -> None:
        """Write a line."""
        self._lines.append(line)
        self._index(len(self._lines) - 1)

    def _index(self, place: int) -> None:
        words = ({"", word} for word in self._about(self._lines[place]))
        for about in product(*words):
            self._places.setdefault(about, []).append(place)

    def page(
        self, about: tuple[str, ...], begin: int | None, size: int, *, newest_first: bool
    ) -> Lines[T]:
        """A page of the lines that are about all of `about`, in which "" stands for anything.

        Args:
            about: In the order in which `about` of the journal tells it.
            begin: What a page before or after this one gave; None for the first.
            size: Lines in it, at most.
            newest_first: Whether the walk goes back in time.
        """
        places = self._places.get(about, [])
        count = len(places)
        if newest_first:
            end = count if begin is None else min(begin, count)
            start = max(end - size, 0)
            found = [self._lines[place] for place in reversed(places[start:end])]
            return Lines(found, start or None, min(end + size, count) if end < count else None)
        start = min(begin or 0, count)
        end = min(start + size, count)
        found = [self._lines[place] for place in places[start:end]]
        return Lines(found, end if end < count else None, max(start - size, 0) if start else None)
