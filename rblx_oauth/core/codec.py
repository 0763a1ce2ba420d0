"""JSON in and out: values checked before they leave, answers checked as they come."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec

from rblx_oauth import _decoding
from rblx_oauth.models.base import Duration, ResourceId

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


def encode_shape(content: object, shape: Any, *, what: str) -> bytes:
    """A model, or lists and mappings of models and plain values, as JSON.

    Raises:
        TypeError: It is of another shape; the message names where.
        ValueError: Something in it cannot be written.
    """
    encoded = encode_value(_builtins(content, what), what=what)
    try:
        _decoding.decoder(shape, dec_hook=_convert)(encoded)
    except msgspec.ValidationError as error:
        # Its text has the expected type and the JSON path, never a value.
        raise TypeError(f"{what}: {error}") from None
    return encoded


def _builtins(content: object, what: str) -> object:
    """Models as JSON values; spans and moments of time as Roblox writes them."""
    try:
        plain = msgspec.to_builtins(content, builtin_types=(datetime, timedelta), enc_hook=_plain)
    except (StopIteration, UnicodeEncodeError):
        raise TypeError(f"{what} holds a {type(content).__name__}, which is not JSON") from None
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply, or holds itself") from None
    return _times(plain, what)


def _times(value: object, what: str) -> object:
    if isinstance(value, dict):
        return {name: _times(each, what) for name, each in value.items()}
    if isinstance(value, list):
        return [_times(each, what) for each in value]
    if isinstance(value, timedelta):
        return write_duration(what, value)
    return write_timestamp(what, value) if isinstance(value, datetime) else value


def write_timestamp(what: str, value: datetime) -> str:
    """A moment, as RFC 3339 writes it in UTC.

    Raises:
        ValueError: It has no time zone, so that nobody knows which moment it is; or
            it is beyond the years 1 to 9999 in UTC.
    """
    if value.utcoffset() is None:
        raise ValueError(f"{what} must have a time zone, such as datetime.now(UTC) has")
    try:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError(f"{what} is beyond the years that UTC can say") from None


def write_duration(what: str, value: timedelta) -> str:
    """A span of time, in seconds: ``1.5s``.

    Raises:
        ValueError: It is negative.
    """
    if value < timedelta():
        raise ValueError(f"{what} must not be negative")
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    return f"{value.days * 86400 + value.seconds}{fraction}s"


def _plain(value: object) -> object:
    """A subclass of a type that can be written, such as `ResourceId`, as that type."""
    if isinstance(value, timedelta):
        return timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
    return next(base(value) for base in (str, int, float) if isinstance(value, base))


_DECODERS: dict[type, Callable[[bytes], object]] = {}


def decoder(model: type[T]) -> Callable[[bytes], T]:
    """Decodes and validates a body as a `model`, in one pass.

    A member that is null where the model has no None counts as left out.
    """
    decode = _DECODERS.get(model)
    if decode is None:
        # Not strict: Roblox writes ids as strings, the models as ints.
        made = _decoding.decoder(model, strict=False, dec_hook=_convert)
        decode = _DECODERS[model] = _forgiving(made, model)
    return cast("Callable[[bytes], T]", decode)


def _forgiving(decode: Callable[[bytes], T], model: type[T]) -> Callable[[bytes], T]:
    def read(body: bytes) -> T:
        try:
            return decode(body)
        except msgspec.ValidationError as error:
            if _NULL not in str(error):
                raise
            return convert(_decoding.plain(body), model)

    return read


def convert(content: object, model: type[T]) -> T:
    """JSON that is decoded already, as a `model`; null counts as in `decoder`.

    Raises:
        msgspec.ValidationError: It is not one.
    """
    while True:
        try:
            return _decoding.converter(model, strict=False, dec_hook=_convert)(content)
        except msgspec.ValidationError as error:
            # Only the null that is in the way goes: others may be somebody's data.
            spare = _without(content, str(error))
            if spare is None:
                raise
            content = spare


_NULL = "got `null`"
_STEP = re.compile(r"\.([^.\[`]+)|\[(\.\.\.|\d+)\]")
_ANY_KEY = "..."


def _without(content: object, error: str) -> object | None:
    """`content` without the nulls that an error is about; None if those are not what is wrong."""
    said, _, path = error.rpartition(" - at `$")
    steps = [name or at for name, at in _STEP.findall(path)]
    if not said.endswith(_NULL) or not steps:
        return None
    spare = _cut(content, steps)
    return None if spare == content else spare


def _cut(content: object, steps: Sequence[str]) -> object:
    """A copy without the nulls that a path leads to, in every item of the lists on its way."""
    here, further = steps[0], steps[1:]
    if isinstance(content, list):
        return [_cut(each, further) for each in content] if further else content
    if not isinstance(content, dict):
        return content
    meant = content.keys() if here == _ANY_KEY else {here} & content.keys()
    if further:
        return {**content, **{name: _cut(content[name], further) for name in meant}}
    return {name: each for name, each in content.items() if each is not None or name not in meant}


def _convert(kind: type, value: object) -> object:
    if kind is object:
        return value
    if issubclass(kind, ResourceId | Duration):
        return kind.from_wire(value)
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


def page_decoder(
    model: type[T], field: str, following: str = "nextPageToken"
) -> Callable[[bytes], Page[T]]:
    """Decodes a page of a listing.

    Args:
        model: What an item is.
        field: The member that holds the items. An answer that is nothing but an
            array holds them, too.
        following: The member that gives the token of the next page.
    """
    shape = _page_shape(model, field, following)  # type: ignore[arg-type] # it is hashable
    decode_shape = decoder(shape)

    def decode(body: bytes) -> Page[T]:
        page = decode_shape(body)
        if isinstance(page, list):
            return Page(page)
        return Page(page.items or [], page.next_token or "")

    return decode


class _PageShape(msgspec.Struct):
    items: Sequence[Any] | None
    next_token: str | None


@cache
def _page_shape(model: Hashable, field: str, following: str) -> type[_PageShape | list[Any]]:
    shape = msgspec.defstruct(
        "Page",
        [
            ("items", list[model] | None, msgspec.field(name=field, default=None)),  # type: ignore[valid-type]
            ("next_token", str | None, msgspec.field(name=following, default=None)),
        ],
    )
    return cast("type[_PageShape | list[Any]]", shape | list[model])  # type: ignore[valid-type]
