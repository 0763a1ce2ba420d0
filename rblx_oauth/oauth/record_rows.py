"""Records as rows: what binds a sealed payload to its record.

A payload is bound to kind, id and owner, whatever the kind: so one record's
payload cannot be moved to another or given to another owner, and keys can be
rotated without knowing what a record is for.
"""

from __future__ import annotations

from msgspec import structs

from rblx_oauth.core.rows import Record
from rblx_oauth.vault import Vault


def sealed_record(vault: Vault, record: Record) -> Record:
    """The same record with its payload sealed, under the newest key."""
    return structs.replace(record, payload=vault.seal(record.payload, *_place(record)))


def opened_payload(vault: Vault, record: Record) -> bytes:
    """What was sealed into a record.

    Raises:
        UnsealError: It is sealed under an unknown key, or for another record.
    """
    return vault.unseal(record.payload, *_place(record))


def resealed_record(vault: Vault, record: Record) -> Record:
    """The same record with its payload sealed anew, under the newest key.

    Raises:
        UnsealError: As `opened_payload`.
    """
    return sealed_record(vault, structs.replace(record, payload=opened_payload(vault, record)))


def _place(record: Record) -> tuple[str, ...]:
    return (record.kind, record.id, record.owner)
