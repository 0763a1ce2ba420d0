"""Memory stores: their limits, and what is checked before anything is sent."""

from __future__ import annotations

from datetime import timedelta

from rblx_oauth.core.arguments import integer, number, text
from rblx_oauth.core.filters import all_of, literal

MAX_READ = 200
"""Items that one read of a queue gives at most."""

MAX_LIFETIME = timedelta(days=45)
"""How long Roblox keeps an item at most."""

ITEM_KEY_LENGTH = 127
SORT_KEY_LENGTH = 128


def lifetime(ttl: timedelta | None) -> timedelta | None:
    """How long an item is kept; None leaves it to Roblox.

    Raises:
        TypeError: It is not a timedelta.
        ValueError: It is not above 0, or more than 45 days.
    """
    if ttl is not None and span("ttl", ttl) > MAX_LIFETIME:
        raise ValueError(f"ttl is over the limit of {MAX_LIFETIME.days} days")
    return ttl


def span(name: str, value: timedelta) -> timedelta:
    """A span of time that is not empty.

    Raises:
        TypeError: It is not a timedelta.
        ValueError: It is not above 0.
    """
    if not isinstance(value, timedelta):
        raise TypeError(f"{name} must be a timedelta, not {type(value).__name__}")
    if value <= timedelta():
        raise ValueError(f"{name} must be more than 0")
    return value


def something(name: str, value: object) -> object:
    """A value: memory stores cannot keep nothing.

    Raises:
        ValueError: It is None.
    """
    if value is None:
        raise ValueError(f"{name} must not be None")
    return value


def read_count(count: int) -> int:
    """How many items to read from a queue.

    Raises:
        TypeError: It is not an int.
        ValueError: It is out of range.
    """
    integer("count", count)
    if not 1 <= count <= MAX_READ:
        raise ValueError(f"count must be from 1 to {MAX_READ}")
    return count


def sort_key(name: str, key: str | float) -> str | float:
    """What an item of a sorted map is sorted by.

    Raises:
        TypeError: It is neither a string nor a number.
        ValueError: It is too long, or not finite.
    """
    if isinstance(key, str):
        return text(name, key, SORT_KEY_LENGTH)
    if isinstance(key, bool) or not isinstance(key, int | float):
        raise TypeError(f"{name} must be a str or a number, not {type(key).__name__}")
    return number(name, key)


def sort_keys(key: str | float | None) -> tuple[str | None, float | None]:
    """The same as the two members it may travel in: of strings, of numbers.

    Raises:
        TypeError, ValueError: As `sort_key`.
    """
    if key is None:
        return None, None
    checked = sort_key("sort_key", key)
    return (checked, None) if isinstance(checked, str) else (None, checked)


def item_filter(
    *,
    prefix: str = "",
    after: str | None = None,
    before: str | None = None,
    sort_key_after: str | float | None = None,
    sort_key_before: str | float | None = None,
) -> str | None:
    """Items of a sorted map by key and by sort key; every bound is left out itself.

    Raises:
        TypeError, ValueError: A bound is none, or they do not go together.
    """
    if prefix:
        if after is not None or before is not None:
            raise ValueError("prefix cannot be given with after or before")
        after, before = text("prefix", prefix, ITEM_KEY_LENGTH), _end_of(prefix)
    bounds = [each for each in (sort_key_after, sort_key_before) if each is not None]
    if len({isinstance(each, str) for each in bounds}) > 1:
        raise TypeError("sort_key_after and sort_key_before must be both str or both numbers")
    return all_of(
        None if after is None else f"id > {literal(text('after', after, ITEM_KEY_LENGTH))}",
        None if before is None else f"id < {literal(text('before', before, ITEM_KEY_LENGTH))}",
        None if sort_key_after is None else f"sortKey > {_bound('after', sort_key_after)}",
        None if sort_key_before is None else f"sortKey < {_bound('before', sort_key_before)}",
    )


def _bound(name: str, key: str | float) -> str:
    return literal(sort_key(f"sort_key_{name}", key))


def _end_of(prefix: str) -> str | None:
    """The first key after all that begin like this; None if there is none."""
    kept = prefix.rstrip("\U0010ffff")
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)  # no half of a pair
