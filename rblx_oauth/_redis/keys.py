r"""The keys of a store in Redis. They share a hash tag, and so are in one slot of a cluster.

| key after `PREFIX` | what |
|---|---|
| ``schema`` | the version of this layout |
| ``grant:ID`` | hash: a `GrantRow` and its lease |
| ``grants`` | sorted set: the ids of all grants, in their order |
| ``grants:dead`` | sorted set: ids of those that are not live, by `updated_at` |
| ``record:KIND\0ID`` | hash with a time to live: a `Record` |
| ``records`` | sorted set: ``KIND\0ID`` of all records, in their order |
| ``records:expiry`` | sorted set: the same, by `expires_at` |
| ``owner:KIND\0OWNER`` | sorted set with a time to live: ids, by `expires_at` |
"""

from __future__ import annotations

PREFIX = "{rblx-oauth}:"

SCHEMA, GRANTS = f"{PREFIX}schema", f"{PREFIX}grants"
DEAD_GRANTS = f"{PREFIX}grants:dead"
RECORDS, EXPIRY = f"{PREFIX}records", f"{PREFIX}records:expiry"


def grant_key(grant_id: str) -> str:
    """Where a grant is."""
    return f"{PREFIX}grant:{grant_id}"


def record_key(kind: str, id: str) -> str:
    """Where a record is."""
    return f"{PREFIX}record:{kind}\0{id}"


def owner_key(kind: str, owner: str) -> str:
    """Where the ids of an owner's records are."""
    return f"{PREFIX}owner:{kind}\0{owner}"


def kind_and_id(name: str) -> tuple[str, str]:
    """What an index calls a record, taken apart."""
    kind, _, id = name.partition("\0")
    return kind, id
