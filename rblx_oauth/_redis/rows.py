"""Rows: how a grant or a record stands in a hash of Redis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from rblx_oauth._decoding import converter
from rblx_oauth._redis.errors import FOREIGN
from rblx_oauth.core.rows import GrantRow, Record
from rblx_oauth.errors import StoreError

SLACK = 3600.0
"""Seconds that Redis keeps a record beyond its time. Callers judge the time by their own clock."""

LONGEST = 10 * 366 * 86400.0
"""Seconds: Redis keeps no record for longer."""

Part: TypeAlias = str | bytes | int | float
"""A word of a command."""

GRANT_FIELDS = tuple(name for name in GrantRow.__struct_fields__ if name != "grant_id")
RECORD_FIELDS = tuple(name for name in Record.__struct_fields__ if name not in ("kind", "id"))


def parts(row: GrantRow | Record, names: Sequence[str]) -> list[Part]:
    """Names and values in turn, as HSET takes them."""
    return [part for name in names for part in (name, getattr(row, name))]


def grant_row(grant_id: str, found: Sequence[bytes | None]) -> GrantRow | None:
    """What HMGET of `GRANT_FIELDS` gave, as a `GrantRow`; None if there is none.

    Raises:
        StoreError: It is something else.
    """
    if found.count(None) == len(found):
        return None
    fields: dict[str, Any] = dict(zip(GRANT_FIELDS, found, strict=True))
    try:
        texts = {
            name: value if name == "sealed" else value.decode() for name, value in fields.items()
        }
        return converter(GrantRow, strict=False)(texts | {"grant_id": grant_id})
    except (AttributeError, ValueError):
        raise StoreError(FOREIGN) from None


def record(kind: str, id: str, found: Sequence[bytes | None]) -> Record | None:
    """What HMGET of `RECORD_FIELDS` gave, as a `Record`; None if there is none.

    Raises:
        StoreError: It is something else.
    """
    if found.count(None) == len(found):
        return None
    if None in found:
        raise StoreError(FOREIGN)
    owner, payload, *times = cast("Sequence[bytes]", found)
    try:
        created_at, seen_at, expires_at = map(float, times)
        return Record(kind, id, owner.decode(), payload, created_at, seen_at, expires_at)
    except ValueError:
        raise StoreError(FOREIGN) from None


def milliseconds(record: Record) -> int:
    """How long Redis keeps a record that was written just now.

    Its own times say how long that is, whatever Redis takes the time to be.
    """
    return int((min(max(record.expires_at - record.seen_at, 0.0), LONGEST) + SLACK) * 1000)
