"""Walking a listing: when to go on, and what to ask for."""

from __future__ import annotations

from rblx_oauth.errors import ProtocolError


class Walk:
    """Where the walk through one listing stands.

    An empty page that has a token is not the end; a page without one is.

    Args:
        limit: Items to give in all; None for every one.
        page_size: Items to ask for at a time.

    Attributes:
        token: Asks for the next page; None before the first.

    Raises:
        ValueError: A number is out of range.
        TypeError: It is not an int.
    """

    def __init__(self, *, limit: int | None, page_size: int, max_page_size: int) -> None:
        check_page_size(page_size, max_page_size)
        if limit is not None:
            _check("limit", limit, 0, None)
        self._left = limit
        self._page_size = page_size
        self.token: str | None = None

    @property
    def page_size(self) -> int:
        """Items to ask for now: never more than are wanted."""
        return self._page_size if self._left is None else max(1, min(self._page_size, self._left))

    def wants_more(self) -> bool:
        """Whether another page is to be fetched."""
        return self._left != 0

    def turn(self, count: int, next_token: str) -> int:
        """Take in a page of `count` items.

        Returns:
            How many of its items are wanted.

        Raises:
            ProtocolError: It asks for itself again, which would never end.
        """
        if next_token and next_token == self.token:
            raise ProtocolError("a page of a listing names itself as the next one")
        self.token = next_token or None
        wanted = count if self._left is None else min(self._left, count)
        if self._left is not None:
            self._left -= wanted
        if self.token is None:
            self._left = 0
        return wanted


def check_page_size(size: int, most: int) -> int:
    """`size`, if a page may be asked to hold so many items.

    Raises:
        ValueError: It is out of range.
        TypeError: It is not an int.
    """
    _check("page_size", size, 1, most)
    return size


def _check(name: str, value: int, least: int, most: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int")
    if value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"at least {least}"
        raise ValueError(f"{name} must be {bounds}")
