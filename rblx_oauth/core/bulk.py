"""Many entries at once: what was asked for, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from rblx_oauth.core.call import Call
from rblx_oauth.errors import BulkFailed

T = TypeVar("T")

MOST_AT_ONCE = 256
"""Requests under way at a time, at most."""


class Outcome(Generic[T]):
    """How many calls went, each known by its key.

    Attributes:
        done: What those gave that went well.
        absent: Those whose entry is not there, where that is no failure.
        failed: The errors of those that failed, the first one first.
    """

    def __init__(self) -> None:
        self.done: dict[str, T] = {}
        self.absent: set[str] = set()
        self.failed: dict[str, Exception] = {}

    @property
    def first_error(self) -> Exception | None:
        """What went wrong first, if something did."""
        return next(iter(self.failed.values()), None)

    def check(self, what: str, keys: Iterable[str]) -> None:
        """Account for every key if a write failed.

        Args:
            what: What was done, for the message.
            keys: All that was asked for.

        Raises:
            BulkFailed: One did; its cause is the first error.
        """
        first = self.first_error
        if first is None:
            return
        done = {**self.done, **dict.fromkeys(self.absent)}
        untried = tuple(key for key in keys if key not in done and key not in self.failed)
        raise BulkFailed(
            f"{what}: {len(done)} keys were done, {len(self.failed)} failed, "
            f"{len(untried)} were not tried: see .done, .failed and .untried. "
            f"The first error was {type(first).__name__}.",
            done=tuple(done),
            failed=self.failed,
            untried=untried,
        ) from first


def check_concurrency(value: int) -> int:
    """How many requests may be under way at a time.

    Raises:
        TypeError: It is not an int.
        ValueError: It is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"concurrency must be an int, not {type(value).__name__}")
    if not 1 <= value <= MOST_AT_ONCE:
        raise ValueError(f"concurrency must be from 1 to {MOST_AT_ONCE}")
    return value


def calls_for_keys(keys: Iterable[str], build: Callable[[str], Call[T]]) -> dict[str, Call[T]]:
    """A call for each key; one that is given twice is asked for once.

    Raises:
        TypeError, ValueError: Something is no key; the message says which.
    """
    if isinstance(keys, str | bytes):
        raise TypeError("keys must be an iterable of keys, not one")
    calls: dict[str, Call[T]] = {}
    for at, key in enumerate(keys):
        try:
            calls[key] = build(key)
        except (TypeError, ValueError) as error:
            raise _placed("keys", at, error) from None
    return calls


def calls_for_pairs(
    entries: Mapping[str, object] | Iterable[tuple[str, object]],
    build: Callable[[str, object], Call[T]],
) -> dict[str, Call[T]]:
    """A call for each pair of key and value.

    Raises:
        TypeError, ValueError: Something is no such pair, or a key is given twice;
            the message says which.
    """
    pairs: Iterable[object] = entries.items() if isinstance(entries, Mapping) else entries
    calls: dict[str, Call[T]] = {}
    for at, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"entries[{at}] must be a pair of key and value")
        key, value = pair
        try:
            call = build(key, value)
        except (TypeError, ValueError) as error:
            raise _placed("entries", at, error) from None
        if key in calls:
            raise ValueError(f"entries[{at}] has a key that came before")
        calls[key] = call
    return calls


def _placed(name: str, at: int, error: TypeError | ValueError) -> TypeError | ValueError:
    kind = TypeError if isinstance(error, TypeError) else ValueError
    return kind(f"{name}[{at}]: {error}")
