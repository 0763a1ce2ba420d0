"""What stores keep: JSON of a size, integers of 64 bits, names of a length."""

from __future__ import annotations

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["INT64", "check_length", "clamped", "kept_json", "whole"]

INT64 = 2**63

# A value must be readable where it lies deep inside a state file, too.
_LEVELS_ABOVE = 50
_OPEN, _CLOSE = b"[" * _LEVELS_ABOVE, b"]" * _LEVELS_ABOVE


def check_length(what: str, text: str, most: int, detail: str = "") -> None:
    """Refuse what is empty or too long.

    Raises:
        Refusal: 400; `detail` is what it says of it in the shape of the first version.
    """
    if not 1 <= len(text) <= most:
        raise Refusal.invalid(f"{what} has 1 to {most} characters, not {len(text)}", detail)


def kept_json(value: bytes, *, most: int, what: str = "value") -> msgspec.Raw:
    """A JSON text that can be kept as it is.

    Raises:
        Refusal: 400, it is too long, not JSON, or nothing.
    """
    if len(value) > most:
        said = f"a {what} takes {most} bytes of JSON at most, not {len(value)}"
        raise Refusal.invalid(said, "ContentTooBig")
    try:
        plain(_OPEN + value + _CLOSE)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = f"a {what} must be JSON, of finite numbers, and not nested too deeply"
        raise Refusal.invalid(said, "ContentNotJson") from None
    if value.strip() in (b"", b"null"):
        raise Refusal.invalid(f"a {what} is needed, and cannot be null", "ContentNotJson")
    return msgspec.Raw(value)


def whole(what: str, number: float) -> int:
    """A number that has no fraction; ``5.0`` is one.

    Raises:
        Refusal: 400, it has.
    """
    if number % 1:
        raise Refusal.invalid(f"{what} must be an integer")
    return int(number)


def clamped(number: int) -> int:
    """The nearest integer of 64 bits: what v2 answers for a sum beyond them."""
    return max(-INT64, min(number, INT64 - 1))
