"""The requests a sandbox has answered, with the reason of each refusal and without secrets."""

from __future__ import annotations

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
        fault: The fault that was injected into it; mostly empty.
    """

    at: float
    method: str
    path: str
    operation: str
    status: int
    reason: str = ""
    grant_type: str = ""
    fault: str = ""


class Recorder:
    """The last ten thousand requests, oldest first."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=_KEPT)

    def add(self, record: Record) -> None:
        """Remember one more."""
        self._records.append(record)

    def clear(self) -> None:
        """Forget all of them."""
        self._records.clear()

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
