"""The requests a sandbox has answered, with the reason of each refusal and without secrets."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

import msgspec

__all__ = ["Record", "Recorder"]

_KEPT = 10_000


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One answered request.

    Attributes:
        at: When, in seconds since the epoch.
        method: The HTTP method.
        path: The path as it was sent, still encoded, without the query.
        operation: The operation of the catalogue or the OAuth endpoint; empty for other pages.
        status: The HTTP status of the answer; 0 where a fault prevented one.
        reason: Why it was refused; empty when it was not.
        grant_type: What a token request asked with; empty elsewhere.
        caller: Whose credential it carried, where that was a good one.
        fault: The fault that was injected into it; mostly empty.
    """

    at: float
    method: str
    path: str
    operation: str
    status: int
    reason: str = ""
    grant_type: str = ""
    caller: str = ""
    fault: str = ""


class Recorder:
    """The last ten thousand requests, oldest first.

    Attributes:
        total: How many there were in all: the number of the newest, counted from 1.
    """

    def __init__(self) -> None:
        self.total = 0
        self._records: deque[Record] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, record: Record) -> None:
        """Remember one more."""
        with self._lock:
            self._records.append(record)
            self.total += 1

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._records.clear()
            self.total = 0

    def newest(self, before: int | None = None) -> Iterator[tuple[int, Record]]:
        """Each with its number, the newest first; those below the number `before`, if given."""
        with self._lock:
            records, number = tuple(self._records), self.total + 1
        for record in reversed(records):
            number -= 1
            if before is None or number < before:
                yield number, record

    def after(self, number: int) -> list[Record]:
        """Those that came after the one of that number, oldest first."""
        with self._lock:
            missing = self.total - max(0, number)
            return list(self._records)[-missing:] if missing > 0 else []

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> Record:
        return self._records[index]

    def matching(
        self,
        path_suffix: str = "",
        *,
        operation: str = "",
        grant_type: str = "",
        status: int | None = None,
        fault: str = "",
    ) -> list[Record]:
        """The records that fit everything given."""
        return [
            record
            for record in self
            if record.path.endswith(path_suffix)
            and operation in ("", record.operation)
            and grant_type in ("", record.grant_type)
            and status in (None, record.status)
            and fault in ("", record.fault)
        ]
