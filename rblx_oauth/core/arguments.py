"""Arguments of operations, checked and written for the wire before a byte leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from rblx_oauth.core.codec import encode_value
from rblx_oauth.core.message import JsonPart

P = ParamSpec("P")
V = TypeVar("V")
W = TypeVar("W")

MAX_VALUE = 4_194_304
"""Bytes of JSON in one data store value."""
MAX_ATTRIBUTES = 300
"""Characters of JSON in the attributes of one entry."""


def text(name: str, value: str, max_length: int | None = None) -> str:
    """A string, not empty, within its limit in characters.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, too long, or not Unicode; the limit is named.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{name} must not be empty")
    if max_length is not None and len(value) > max_length:
        raise ValueError(f"{name} has {len(value)} characters; the limit is {max_length}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{name} is not valid Unicode (a lone surrogate)") from None
    return value


def identifier(name: str, value: int) -> str:
    """An id, in digits: a positive integer of at most 64 bits.

    Raises:
        TypeError: It is not an int (a bool is none).
        ValueError: It is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 0 < value < 2**63:
        raise ValueError(f"{name} must be a positive 64-bit integer, not {value}")
    return str(int(value))


def integer(name: str, value: int) -> str:
    """An integer of at most 64 bits, in digits.

    Raises:
        TypeError: It is not an int (a bool is none).
        ValueError: It is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"{name} must be a 64-bit integer")
    return str(int(value))


def boolean(name: str, value: bool) -> str:
    """A bool, as Roblox writes it in a query.

    Raises:
        TypeError: It is not a bool.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")
    return "true" if value else "false"


def user_paths(name: str, users: Iterable[int]) -> list[str]:
    """User ids as resource paths.

    Raises:
        TypeError, ValueError: As `identifier`.
    """
    if isinstance(users, str | bytes):
        raise TypeError(f"{name} must be an iterable of user ids")
    return ["users/" + identifier(f"{name}[{at}]", user) for at, user in enumerate(users)]


def json_body(members: Mapping[str, object]) -> bytes:
    """A JSON object of the members that are given (not None).

    A member may be encoded already (`msgspec.Raw`).
    """
    return msgspec.json.encode(
        {name: member for name, member in members.items() if member is not None}
    )


def optional(
    check: Callable[Concatenate[str, V, P], W],
    name: str,
    value: V | None,
    *limits: P.args,
    **more: P.kwargs,
) -> W | None:
    """What `check` makes of an argument; None if it was left out."""
    return None if value is None else check(name, value, *limits, **more)


def given(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """The pairs of a query that have a value."""
    return tuple((name, value) for name, value in pairs if value is not None)


def entry_value(name: str, content: object) -> msgspec.Raw:
    """A data store value as JSON, within its limit.

    Raises:
        TypeError, ValueError: It is not JSON, null, or larger than 4,194,304 bytes.
    """
    if content is None:
        raise ValueError(f"{name} must not be None: delete the entry instead")
    encoded = encode_value(content, what=name)
    if len(encoded) > MAX_VALUE:
        raise ValueError(f"{name} takes {len(encoded)} bytes of JSON; the limit is {MAX_VALUE}")
    return msgspec.Raw(encoded)


def attributes(name: str, content: Mapping[str, object]) -> msgspec.Raw:
    """An entry's attributes as JSON, within their limit.

    Raises:
        TypeError, ValueError: They are not a JSON object, or have more than 300 characters.
    """
    if not isinstance(content, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(content).__name__}")
    encoded = encode_value(dict(content), what=name)
    length = len(encoded.decode())
    if length > MAX_ATTRIBUTES:
        raise ValueError(f"{name} take {length} characters of JSON; the limit is {MAX_ATTRIBUTES}")
    return msgspec.Raw(encoded)


def json_part(name: str, content: Mapping[str, object]) -> JsonPart:
    """A JSON object as one part of a multipart body.

    Raises:
        TypeError, ValueError: It is not a JSON object.
    """
    if not isinstance(content, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(content).__name__}")
    return JsonPart(encode_value(dict(content), what=name))
