"""Arguments of operations, checked and written for the wire before a byte leaves.

Each function takes the argument's name, for its message, and its value. Those
of the first part give text, for paths, queries, headers and form fields; those
of the second part give members of a JSON body.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Concatenate, Literal, ParamSpec, TypeVar

import msgspec

from rblx_oauth.core.codec import encode_shape, encode_value, write_duration, write_timestamp
from rblx_oauth.core.message import FilePart, JsonPart

P = ParamSpec("P")
V = TypeVar("V")
W = TypeVar("W")


def text(name: str, value: str, max_length: int | None = None) -> str:
    """A string, not empty, within its limit in characters.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, too long, or not Unicode; the limit is named.
    """
    checked = string(name, value, max_length)
    if not checked:
        raise ValueError(f"{name} must not be empty")
    return checked


def string(name: str, value: str, max_length: int | None = None) -> str:
    """A string, perhaps empty, within its limit in characters.

    Raises:
        TypeError: It is not a string.
        ValueError: It is too long, or not Unicode; the limit is named.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if max_length is not None and len(value) > max_length:
        raise ValueError(f"{name} has {len(value)} characters; the limit is {max_length}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{name} is not valid Unicode (a lone surrogate)") from None
    # What is written must be what was checked: a subclass may print itself as something else.
    return value if type(value) is str else str.__str__(value)


def header(name: str, value: str) -> str:
    """A string that can be the value of a header (RFC 9110 5.5).

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, or has a character that no header may carry.
    """
    checked = text(name, value)
    if not (checked.isascii() and checked.isprintable() and checked == checked.strip()):
        raise ValueError(f"{name} has a character that a header cannot carry")
    return checked


def identifier(name: str, value: int) -> str:
    """An id, in digits: a positive integer of at most 64 bits.

    Raises:
        TypeError: It is not an int (a bool is none).
        ValueError: It is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not 0 < value < 2**63:
        raise ValueError(f"{name} must be a positive 64-bit integer")
    return str(int(value))


def identifier_or_any(name: str, value: int | Literal["-"]) -> str:
    """An id, in digits, or ``-``, which stands for any.

    Raises:
        TypeError, ValueError: As `identifier`.
    """
    return value if value == "-" else identifier(name, value)


def integer(name: str, value: int) -> str:
    """An integer of at most 64 bits, in digits.

    Raises:
        TypeError: It is not an int (a bool is none).
        ValueError: It is out of range.
    """
    return str(whole(name, value))


def boolean(name: str, value: bool) -> str:
    """A bool, as Roblox writes it in a query.

    Raises:
        TypeError: It is not a bool.
    """
    return "true" if flag(name, value) else "false"


def timestamp(name: str, value: datetime) -> str:
    """A moment, as RFC 3339 writes it in UTC.

    Raises:
        TypeError: It is not a datetime.
        ValueError: It has no time zone, so that nobody knows which moment it is.
    """
    if not isinstance(value, datetime):
        raise TypeError(f"{name} must be a datetime, not {type(value).__name__}")
    return write_timestamp(name, value)


def duration(name: str, value: timedelta) -> str:
    """A span of time, in seconds: ``1.5s``.

    Raises:
        TypeError: It is not a timedelta.
        ValueError: It is negative.
    """
    if not isinstance(value, timedelta):
        raise TypeError(f"{name} must be a timedelta, not {type(value).__name__}")
    return write_duration(name, value)


def in_order(start: datetime, end: datetime) -> None:
    """A span of time: `start_time` and `end_time`, as they are always called.

    Raises:
        TypeError: One is not a datetime.
        ValueError: One has no time zone, or the end is not after the start.
    """
    timestamp("start_time", start)
    timestamp("end_time", end)
    if not start < end:
        raise ValueError("end_time must be after start_time")


def several(name: str, values: Iterable[V], check: Callable[[str, V], W]) -> tuple[W, ...]:
    """Values of a parameter that is repeated, one for each.

    Raises:
        TypeError: It is a single string, or `check` says so of one of them.
        ValueError: `check` says so of one of them.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be an iterable of values, not one")
    return tuple(check(f"{name}[{at}]", value) for at, value in enumerate(values))


def mask(name: str, paths: str | None, members: Mapping[str, object]) -> str | None:
    """The paths that a PATCH changes: those the caller names, else the members given.

    Raises:
        TypeError, ValueError: As `text`.
    """
    if paths is not None:
        return text(name, paths)
    return ",".join(path for path, member in members.items() if member is not None) or None


def ascii_json(name: str, content: object) -> str:
    """JSON in a header: what is not ASCII is escaped.

    Raises:
        TypeError, ValueError: It is not JSON.
    """
    encode_value(content, what=name)
    return json.dumps(content, separators=(",", ":"))


def given(
    *pairs: tuple[str, str | None] | tuple[str, Sequence[str] | None],
) -> tuple[tuple[str, str], ...]:
    """The pairs that have a value; one with several values comes once for each."""
    found: list[tuple[str, str]] = []
    for name, value in pairs:
        if isinstance(value, str):
            found.append((name, value))
        elif value is not None:
            found.extend((name, each) for each in value)
    return tuple(found)


def optional(
    check: Callable[Concatenate[str, V, P], W],
    name: str,
    value: V | None,
    *limits: P.args,
    **more: P.kwargs,
) -> W | None:
    """What `check` makes of an argument; None if it was left out."""
    return None if value is None else check(name, value, *limits, **more)


def whole(name: str, value: int) -> int:
    """An integer of at most 64 bits.

    Raises:
        TypeError: It is not an int (a bool is none).
        ValueError: It is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"{name} must be a 64-bit integer")
    return int(value)


def id_number(name: str, value: int) -> int:
    """An id, as a number.

    Raises:
        TypeError, ValueError: As `identifier`.
    """
    return int(identifier(name, value))


def base64(name: str, content: bytes) -> str:
    """Bytes, in base64 (RFC 4648 4).

    Raises:
        TypeError: They are something else.
    """
    if not isinstance(content, bytes | bytearray | memoryview):
        raise TypeError(f"{name} must be bytes, not {type(content).__name__}")
    return b64encode(content).decode()


def flag(name: str, value: bool) -> bool:
    """A bool.

    Raises:
        TypeError: It is not one.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")
    return value


def user_paths(name: str, users: Iterable[int]) -> list[str]:
    """User ids as resource paths.

    Raises:
        TypeError, ValueError: As `identifier`.
    """
    return ["users/" + digits for digits in several(name, users, identifier)]


def json_value(name: str, content: object, max_size: int | None = None) -> msgspec.Raw:
    """Any JSON value, within its limit in bytes.

    Raises:
        TypeError, ValueError: It is not JSON (the message says where), or too large.
    """
    encoded = encode_value(content, what=name)
    if max_size is not None and len(encoded) > max_size:
        raise ValueError(f"{name} takes {len(encoded)} bytes of JSON; the limit is {max_size}")
    return msgspec.Raw(encoded)


def number(name: str, value: float) -> float:
    """A number that JSON can say.

    Raises:
        TypeError: It is not a number (a bool is none).
        ValueError: It is not finite, or an integer of more than 64 bits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    encode_value(value, what=name)
    return value


def shaped(name: str, content: object, shape: type[V]) -> msgspec.Raw:
    """A model, or lists and mappings of models and plain values, as JSON.

    Raises:
        TypeError: It is of another shape; the message says where.
        ValueError: Something in it cannot be written.
    """
    return msgspec.Raw(encode_shape(content, shape, what=name))


def json_body(members: Mapping[str, object]) -> bytes:
    """A JSON object of the members that are given (not None).

    A member may be encoded already (`msgspec.Raw`).
    """
    return msgspec.json.encode(
        {name: member for name, member in members.items() if member is not None}
    )


def encoded(content: msgspec.Raw | bool | float | str) -> bytes:
    """A body that is one JSON value."""
    return msgspec.json.encode(content)


def json_object(name: str, content: Mapping[str, object]) -> msgspec.Raw:
    """A JSON object.

    Raises:
        TypeError, ValueError: It is none.
    """
    return msgspec.Raw(_object(name, content))


def json_part(name: str, content: Mapping[str, object]) -> JsonPart:
    """A JSON object as one part of a multipart body.

    Raises:
        TypeError, ValueError: It is not a JSON object.
    """
    return JsonPart(_object(name, content))


def file(name: str, content: FilePart) -> FilePart:
    """A file to send, as `rblx_oauth.core.files` makes it of a path, bytes or a file object.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(content, FilePart):
        raise TypeError(f"{name} must be made by rblx_oauth.files, not a {type(content).__name__}")
    return content


def files(name: str, contents: Iterable[FilePart]) -> tuple[FilePart, ...]:
    """Files to send under one name; at least one.

    Raises:
        TypeError: Something is no file.
        ValueError: There is none.
    """
    found = several(name, contents, file)
    if not found:
        raise ValueError(f"{name} must hold at least one file")
    return found


def _object(name: str, content: Mapping[str, object]) -> bytes:
    if not isinstance(content, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(content).__name__}")
    return encode_value(dict(content), what=name)
