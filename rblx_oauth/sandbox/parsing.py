"""Reading what a request brings: JSON bodies and query parameters."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, TypeVar, get_args

import msgspec
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from rblx_oauth._decoding import decoder, plain
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Int32", "Int64", "json_body", "query_flag", "query_size", "raw_body", "without_nulls"]

T = TypeVar("T")
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number of 32 bits."""
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number of 64 bits, as most of Roblox's ids are."""
_PROTOBUF = "/cloud/v2/"
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
        try:
            return decoder(shape)(content)
        except msgspec.ValidationError:
            if b"null" not in content or not request.path.startswith(_PROTOBUF):
                raise
        kept = without_nulls(plain(content), shape)
        return decoder(shape)(msgspec.json.encode(kept))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal.invalid(f"the body is not as expected: {error}") from None


def without_nulls(value: object, shape: object) -> object:
    """An object without the members that are null and, by its `shape`, cannot be.

    In the JSON of Protocol Buffers, which the second version of Open Cloud speaks, null is as good
    as absent.
    """
    kinds = (shape, *get_args(shape))
    structs = [
        each for each in kinds if isinstance(each, type) and issubclass(each, msgspec.Struct)
    ]
    if not isinstance(value, dict) or len(structs) != 1:
        return value
    types = {each.encode_name: each.type for each in msgspec.structs.fields(structs[0])}
    return {
        name: without_nulls(member, types.get(name))
        for name, member in value.items()
        if member is not None or NoneType in get_args(types.get(name))
    }


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
