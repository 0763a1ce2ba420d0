"""Page tokens that remember what they were given for."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b

import msgspec

from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["read_page_token", "write_page_token"]


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
        mark, position = msgspec.json.decode(
            base64.urlsafe_b64decode(token), type=tuple[str, tuple[str, ...]]
        )
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Refusal.invalid("pageToken is not one that a listing gave") from None
    if mark != _mark(request) or len(position) != size:
        raise Refusal.invalid("pageToken was given for other parameters; start from the first page")
    return position
