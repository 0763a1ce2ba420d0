"""Walking a listing: when to go on, and how to ask for the next page.

The catalogue says how each listing is turned: by a token that an answer gives,
by how many items to leave out, or by counting pages.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.catalog import Operation, Paging, Parameter
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import Page
from rblx_oauth.errors import ProtocolError

T = TypeVar("T")

_ONE_PAGE = Paging()

MOST_EMPTY = 10_000
"""Empty pages in a row that a walk goes past before it takes them for endless."""


class Walk:
    """Where the walk through one listing stands.

    An empty page that has a token is not the end; a page without one is.

    Args:
        operation: The listing.
        limit: Items to give in all; None for every one.
        page_size: Items to ask for at a time; None leaves it to Roblox.
        most: Items that a page may hold; None where that is not known.

    Attributes:
        token: Asks for the next page; None before the first.

    Raises:
        ValueError: A number is out of range.
        TypeError: It is not an int.
    """

    def __init__(
        self,
        operation: Operation,
        *,
        limit: int | None,
        page_size: int | None,
        most: int | None,
    ) -> None:
        check_page_size(page_size, most)
        if limit is not None:
            _check("limit", limit, 0, None)
        # Where pages are counted, all have one size: it says where each begins.
        self._counted = (operation.paging or _ONE_PAGE).style == "number"
        if self._counted and page_size is not None and limit is not None:
            page_size = max(1, min(page_size, limit))
        self._operation = operation.name
        self._left = limit
        self._page_size = page_size
        self._empty = 0
        self.token: str | None = None

    @property
    def page_size(self) -> int | None:
        """Items to ask for now: never more than are wanted."""
        if self._page_size is None or self._left is None or self._counted:
            return self._page_size
        return max(1, min(self._page_size, self._left))

    def wants_more(self) -> bool:
        """Whether another page is to be fetched."""
        return self._left != 0

    def turn(self, count: int, next_token: str) -> int:
        """Take in a page of `count` items.

        Returns:
            How many of its items are wanted.

        Raises:
            ProtocolError: It asks for itself again, or is one of very many that
                were empty, which would never end.
        """
        if next_token and next_token == self.token:
            raise self._endless("a page of the listing names itself as the next one")
        self._empty = 0 if count else self._empty + 1
        if next_token and self._empty > MOST_EMPTY:
            raise self._endless(
                f"{MOST_EMPTY:,} pages in a row were empty, and there is yet another"
            )
        self.token = next_token or None
        wanted = count if self._left is None else min(self._left, count)
        if self._left is not None:
            self._left -= wanted
        if self.token is None:
            self._left = 0
        return wanted

    def _endless(self, why: str) -> ProtocolError:
        return ProtocolError(f"{self._operation}: {why}", operation=self._operation)


def turned(call: Call[Page[T]], size: int | None, token: str | None) -> Call[Page[T]]:
    """`call` for the page of a token, or for the first without one.

    Args:
        call: A call of a listing; its other arguments stay.
        size: Items that the page may hold; None leaves it to Roblox.
        token: The `Page.next_token` of the page before.
    """
    paging = call.operation.paging or _ONE_PAGE
    token_at, size_at = _places(call.operation)
    changed = {}
    if token_at is not None and token is not None:
        changed[token_at.wire] = token if paging.style == "token" else int(token)
    if size_at is not None and size is not None:
        changed[size_at.wire] = _allowed(size_at, size)
    if not changed:
        return call
    if isinstance(call.body, bytes) and token_at is not None and token_at.place == "json":
        members: dict[str, object] = plain(call.body)
        return msgspec.structs.replace(call, body=msgspec.json.encode(members | changed))
    kept = tuple(pair for pair in call.query if pair[0] not in changed)
    added = tuple((wire, str(value)) for wire, value in changed.items())
    return msgspec.structs.replace(call, query=kept + added)


def completed(page: Page[T], operation: Operation, token: str | None) -> Page[T]:
    """A page with the token of the next one, where the answer itself gives none.

    Args:
        page: As the answer gave it.
        operation: The listing.
        token: What asked for this page.
    """
    paging = operation.paging or _ONE_PAGE
    if paging.style == "token" or not page.items:
        return page
    step = len(page.items) if paging.style == "offset" else 1
    first = 0 if paging.style == "offset" else 1
    return Page(page.items, str(int(token or first) + step))


def _places(operation: Operation) -> tuple[Parameter | None, Parameter | None]:
    """The parameters that carry a token and a page's size."""
    paging = operation.paging or _ONE_PAGE
    named = {each.name: each for each in operation.parameters}
    return named.get(paging.token), named.get(paging.size)


def _allowed(parameter: Parameter, size: int) -> int:
    """The smallest size that Roblox takes and that holds `size` items, or the largest."""
    sizes = sorted(int(value) for value in parameter.values)
    if not sizes:
        return size
    return next((each for each in sizes if each >= size), sizes[-1])


def check_page_size(size: int | None, most: int | None) -> int | None:
    """`size`, if a page may be asked to hold so many items.

    Raises:
        ValueError: It is out of range.
        TypeError: It is not an int.
    """
    if size is not None:
        _check("page_size", size, 1, most)
    return size


def _check(name: str, value: int, least: int, most: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"at least {least}"
        raise ValueError(f"{name} must be {bounds}")
