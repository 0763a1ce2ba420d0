"""JSON in and out: values checked before they leave, answers checked as they come."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec

from rblx_oauth.models.base import ResourceId

T = TypeVar("T")


def encode_value(value: object, *, what: str = "value") -> bytes:
    """A value as JSON.

    Raises:
        TypeError: Something in it is not JSON; the message names where.
        ValueError: A number is not finite or too large, text is not Unicode, or
            it is nested too deeply to be written.
    """
    try:
        _check(value, what)
        return msgspec.json.encode(value, enc_hook=_plain)
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply, or holds itself") from None
    except UnicodeEncodeError:
        raise ValueError(
            f"{what} holds text that is not valid Unicode (a lone surrogate)"
        ) from None


def _check(value: object, path: str) -> None:
    # msgspec would turn NaN into null, and bytes, dates and sets into something JSON.
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise ValueError(f"{path} is an integer of more than 64 bits")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{path} is {value}, which JSON cannot say")
    elif isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{path} has a key of type {type(key).__name__}: keys are strings")
            _check(each, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            _check(each, f"{path}[{index}]")
    else:
        raise TypeError(f"{path} is a {type(value).__name__}, which is not JSON")


def _plain(value: object) -> object:
    """A subclass of a JSON type, such as `ResourceId`, as that type."""
    return next(base(value) for base in (str, int, float) if isinstance(value, base))


_DECODERS: dict[type, Callable[[bytes], object]] = {}


def decoder(model: type[T]) -> Callable[[bytes], T]:
    """Decodes and validates a body as a `model`, in one pass."""
    decode = _DECODERS.get(model)
    if decode is None:
        # Not strict: Roblox writes ids as strings, the models as ints.
        made = msgspec.json.Decoder(model, strict=False, dec_hook=_convert)
        decode = _DECODERS[model] = made.decode
    return cast("Callable[[bytes], T]", decode)


def _convert(kind: type, value: object) -> object:
    if kind is object:
        return value
    if kind is ResourceId:
        return ResourceId.from_path(value)
    raise NotImplementedError(kind)


def nothing(body: bytes) -> None:
    """Decodes what says nothing."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a listing.

    Attributes:
        items: What it holds; may be empty without being the last.
        next_token: Asks for the next page; empty on the last.
    """

    items: Sequence[T]
    next_token: str = ""


def page_decoder(model: type[T], field: str) -> Callable[[bytes], Page[T]]:
    """Decodes a page whose items are in the member `field` (token: ``nextPageToken``)."""
    decode_shape = decoder(_page_shape(model, field))  # type: ignore[arg-type] # it is hashable

    def decode(body: bytes) -> Page[T]:
        page = decode_shape(body)
        return Page(page.items, page.next_token or "")

    return decode


class _PageShape(msgspec.Struct):
    items: Sequence[Any]
    next_token: str | None


@cache
def _page_shape(model: Hashable, field: str) -> type[_PageShape]:
    shape = msgspec.defstruct(
        "Page",
        [
            ("items", list[model], msgspec.field(name=field, default_factory=list)),  # type: ignore[valid-type]
            ("next_token", str | None, msgspec.field(name="nextPageToken", default=None)),
        ],
    )
    return cast("type[_PageShape]", shape)
