"""The statements of the SQL stores, built once, and how rows are read.

Parameters are named `the_...` where SQLAlchemy would otherwise take them for
the column of an UPDATE.
"""

from __future__ import annotations

from typing import TypeAlias, get_args

import msgspec
from sqlalchemy import Executable, RowMapping, bindparam, delete, insert, or_, select, update

from rblx_oauth._sql.tables import grants, records
from rblx_oauth.core.rows import GrantRow, GrantStatus, Record

Statement: TypeAlias = Executable
Found: TypeAlias = RowMapping

_THE_GRANT = grants.c.grant_id == bindparam("the_grant")
_THE_OWNER_LEASES = grants.c.lease_owner == bindparam("the_owner")
_THE_RECORD = (records.c.kind == bindparam("the_kind")) & (records.c.id == bindparam("the_id"))
_UNEXPIRED = records.c.expires_at > bindparam("the_time")
_OF_KIND = records.c.kind == bindparam("the_kind")

GET_GRANT = select(*(grants.c[name] for name in GrantRow.__struct_fields__)).where(_THE_GRANT)
ADD_GRANT = insert(grants)
SWAP_GRANT = (
    update(grants)
    .where(_THE_GRANT, grants.c.generation == bindparam("the_generation"))
    .values({name: bindparam(name) for name in GrantRow.__struct_fields__ if name != "grant_id"})
)
RESEAL_GRANT = (
    update(grants)
    .where(
        _THE_GRANT,
        grants.c.generation == bindparam("the_generation"),
        grants.c.sealed == bindparam("the_sealed"),
    )
    .values(sealed=bindparam("sealed"))
)
LIST_GRANTS = (
    select(*(grants.c[name] for name in GrantRow.__struct_fields__))
    .where(grants.c.grant_id > bindparam("the_grant"))
    .order_by(grants.c.grant_id)
    .limit(bindparam("the_limit"))
)
_DEAD = [status for status in get_args(GrantStatus) if status != "live"]
LIST_DEAD_GRANTS = (
    select(grants.c.grant_id.label("the_grant"))
    .where(grants.c.status.in_(_DEAD), grants.c.updated_at < bindparam("the_time"))
    .limit(bindparam("the_limit"))
    .with_for_update(skip_locked=True)
)
DELETE_DEAD_GRANT = delete(grants).where(_THE_GRANT, grants.c.status != "live")
WRITE_INTENT = (
    update(grants)
    .where(_THE_GRANT, _THE_OWNER_LEASES, grants.c.generation == bindparam("the_generation"))
    .values(intent=bindparam("the_owner"))
)
ACQUIRE_LEASE = (
    update(grants)
    .where(
        _THE_GRANT,
        or_(
            _THE_OWNER_LEASES,
            grants.c.lease_until <= bindparam("the_time"),
            grants.c.lease_until > bindparam("the_latest"),
        ),
    )
    .values(lease_owner=bindparam("the_owner"), lease_until=bindparam("the_end"))
)
RENEW_LEASE = (
    update(grants).where(_THE_GRANT, _THE_OWNER_LEASES).values(lease_until=bindparam("the_end"))
)
RELEASE_LEASE = (
    update(grants).where(_THE_GRANT, _THE_OWNER_LEASES).values(lease_owner="", lease_until=0.0)
)

ADD_RECORD = insert(records)
GET_RECORD = select(records).where(_THE_RECORD, _UNEXPIRED)
UPDATE_RECORD = (
    update(records)
    .where(_THE_RECORD)
    .values({name: bindparam(name) for name in ("payload", "seen_at", "expires_at")})
)
SWAP_RECORD = UPDATE_RECORD.where(records.c.payload == bindparam("the_payload"))
DELETE_RECORD = delete(records).where(_THE_RECORD)
TAKE_RECORD = delete(records).where(_THE_RECORD, _UNEXPIRED).returning(records)
LOCK_RECORD = GET_RECORD.with_for_update()
REPLACE_EXPIRED = (
    update(records)
    .where(_THE_RECORD, records.c.expires_at <= bindparam("the_time"))
    .values({name: bindparam(name) for name in Record.__struct_fields__[2:]})
)
DELETE_OWNED = delete(records).where(_OF_KIND, records.c.owner == bindparam("the_owner"))
LIST_KIND = (
    select(records)
    .where(_OF_KIND, _UNEXPIRED)
    .order_by(records.c.created_at.desc())
    .limit(bindparam("the_limit"))
)
LIST_OWNED = LIST_KIND.where(records.c.owner == bindparam("the_owner"))
# Walking all records takes two statements, each of which is a range of the primary key in every
# database; none of them finds that range in "kind > x OR kind = x AND id > y".
SCAN_KIND = (
    select(records)
    .where(_OF_KIND, records.c.id > bindparam("the_id"))
    .order_by(records.c.kind, records.c.id)
    .limit(bindparam("the_limit"))
)
SCAN_LATER_KINDS = (
    select(records)
    .where(records.c.kind > bindparam("the_kind"))
    .order_by(records.c.kind, records.c.id)
    .limit(bindparam("the_limit"))
)
LIST_EXPIRED = (
    select(records.c.kind.label("the_kind"), records.c.id.label("the_id"))
    .where(records.c.expires_at <= bindparam("the_time"))
    .limit(bindparam("the_limit"))
    .with_for_update(skip_locked=True)
)


def grant_row(found: Found) -> GrantRow:
    """A row of the grants table as a `GrantRow`."""
    return GrantRow(**dict(found))


def record(found: Found) -> Record:
    """A row of the records table as a `Record`."""
    return Record(**dict(found))


def successor(record: Record) -> dict[str, object]:
    """The parameters of `REPLACE_EXPIRED`."""
    values = msgspec.structs.asdict(record)
    named = {"the_kind": values.pop("kind"), "the_id": values.pop("id")}
    return named | values | {"the_time": record.created_at}


def changes(record: Record) -> dict[str, object]:
    """The parameters of `UPDATE_RECORD`."""
    return {
        "the_kind": record.kind,
        "the_id": record.id,
        "payload": record.payload,
        "seen_at": record.seen_at,
        "expires_at": record.expires_at,
    }
