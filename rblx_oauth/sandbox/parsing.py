"""Reading what a request brings: JSON bodies and query parameters."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Int32", "Int64", "json_body", "query_flag", "query_size", "raw_body"]

T = TypeVar("T")
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number of 32 bits."""
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number of 64 bits, as most of Roblox's ids are."""
_LARGEST_BODY = 8 * 1024 * 1024


def json_body(request: Request, shape: type[T], *, optional: bool = False) -> T:
    """The JSON body as a `shape`; members that it does not name are ignored.

    Args:
        request: The request.
        shape: What the body must be.
        optional: Whether no body at all means an empty object.

    Raises:
        Refusal: 400, the body is not JSON of that shape.
    """
    content = raw_body(request) or (b"{}" if optional else b"")
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal.invalid(f"the body is not as expected: {error}") from None


def raw_body(request: Request) -> bytes:
    """The body as it is.

    Raises:
        Refusal: 400, it is far too large.
    """
    request.max_content_length = _LARGEST_BODY
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        most = f"the body takes {_LARGEST_BODY} bytes at most"
        raise Refusal.invalid(most, "ContentTooBig") from None


def query_flag(request: Request, name: str) -> bool:
    """A boolean query parameter, false when absent.

    Raises:
        Refusal: 400, it is neither ``true`` nor ``false``.
    """
    text = request.args.get(name, "false").lower()
    if text not in ("true", "false"):
        raise Refusal.invalid(f"{name} must be true or false")
    return text == "true"


def query_size(request: Request, name: str, *, default: int, most: int) -> int:
    """A page size; more than `most` counts as `most`, zero as the default.

    Raises:
        Refusal: 400, it is not a whole number or negative.
    """
    text = request.args.get(name, "0")
    if not (text.isascii() and text.isdigit()):
        raise Refusal.invalid(f"{name} must be a whole number")
    return min(int(text[:9]), most) or default
