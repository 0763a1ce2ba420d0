"""Page tokens that remember what they were given for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Found", "Page", "Position", "read_page_token", "write_page_token"]

Position = tuple[str, ...]
"""Where a listing stands: what tells the last thing it came to from all others."""

Found = Iterator[tuple[Position, object | None]]
"""What a listing comes to, with its position; ``None`` for what is not to be listed."""

_LOOKED_AT = 1000


def _mark(parts: tuple[str, ...]) -> str:
    return blake2b(msgspec.json.encode(parts), digest_size=9).hexdigest()


def write_page_token(position: tuple[str, ...], *request: str) -> str:
    """A token that goes on after `position`, for the same `request` (path and filters) only."""
    payload = msgspec.json.encode((_mark(request), position))
    return base64.urlsafe_b64encode(payload).decode()


def read_page_token(token: str, size: int, *request: str) -> tuple[str, ...] | None:
    """The position of `size` parts that a token holds; ``None`` for the first page.

    Raises:
        Refusal: 400, it is no token of ours or was given for another request.
    """
    if not token:
        return None
    try:
        mark, position = decoder(tuple[str, tuple[str, ...]])(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Refusal.invalid("pageToken is not one that a listing gave") from None
    if mark != _mark(request) or len(position) != size:
        raise Refusal.invalid("pageToken was given for other parameters; start from the first page")
    return position


class Page:
    """One page of a listing, as it fills.

    Args:
        token: The page token of the request; empty for the first page.
        parts: How many parts a position has.
        about: The path and the filters, which the token must belong to.
        size: How many items it takes.
        look: How many things it looks at: where few of them are to be listed, the page comes
            back short, or empty, with a token that leads on, as at Roblox.

    Attributes:
        after: The position to go on after; ``None`` at the beginning.
        items: What it holds.
        token: The token of the next page; empty if there is none.

    Raises:
        Refusal: 400, the token is none of ours or was given for another request.
    """

    def __init__(
        self, token: str, parts: int, about: Position, *, size: int, look: int = _LOOKED_AT
    ) -> None:
        self.after = read_page_token(token, parts, *about)
        self.items: list[object] = []
        self.token = ""
        self._about = about
        self._size = size
        self._look = look

    def fill(self, found: Iterable[tuple[Position, object | None]]) -> None:
        """Take what comes after `after`, in order; an item that is ``None`` is not listed."""
        last: Position = ()
        for looked_at, (position, item) in enumerate(found):
            if len(self.items) == self._size or looked_at == self._look:
                self.token = write_page_token(last, *self._about)
                return
            last = position
            if item is not None:
                self.items.append(item)

    def answer(self, field: str) -> dict[str, object]:
        """The page as v2 gives it: the items in `field`, and a token if there is more."""
        answer: dict[str, object] = {field: self.items}
        return answer | {"nextPageToken": self.token} if self.token else answer
