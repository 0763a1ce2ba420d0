"""The tables of the SQL stores."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.dialects.mysql import MEDIUMBLOB, VARBINARY
from sqlalchemy.types import TypeEngine

_UTF8 = 4
"""Bytes that a character takes at most."""

_MYSQL = ("mysql", "mariadb")


class Name(TypeDecorator[str]):
    """Text that is equal when every byte is, and ordered as Python orders it.

    Databases would rather ignore case, accents or trailing blanks, and order
    by the customs of a country: PostgreSQL is told not to with the collation
    "C"; for MySQL, which has no such collation in every version, it is bytes.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self._length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """The column's type."""
        if dialect.name in _MYSQL:
            return dialect.type_descriptor(VARBINARY(self._length * _UTF8))  # type: ignore[arg-type]
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(self._length, collation=collation))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        """On the way in."""
        return value.encode() if value is not None and dialect.name in _MYSQL else value

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (the base class names it)
        """On the way out."""
        return value.decode() if isinstance(value, bytes) else value


Bytes = LargeBinary().with_variant(MEDIUMBLOB(), *_MYSQL)
"""MySQL's BLOB would end at 64 KiB."""

metadata = MetaData()

schema = Table("rblx_oauth_schema", metadata, Column("version", Integer, primary_key=True))

grants = Table(
    "rblx_oauth_grants",
    metadata,
    Column("grant_id", Name(64), primary_key=True),
    Column("issuer", Name(255), nullable=False),
    Column("client_id", Name(255), nullable=False),
    Column("subject", Name(255), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("sealed", Bytes, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("status", Name(16), nullable=False),
    Column("reason", Name(64), nullable=False),
    Column("intent", Name(64), nullable=False),
    Column("lease_owner", Name(64), nullable=False, default=""),
    Column("lease_until", Double, nullable=False, default=0.0),
)

records = Table(
    "rblx_oauth_records",
    metadata,
    Column("kind", Name(32), primary_key=True),
    Column("id", Name(128), primary_key=True),
    Column("owner", Name(128), nullable=False),
    Column("payload", Bytes, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

grants_by_status = Index("rblx_oauth_grants_by_status", grants.c.status, grants.c.updated_at)
records_by_owner = Index(
    "rblx_oauth_records_by_age", records.c.kind, records.c.owner, records.c.created_at
)
records_by_expiry = Index("rblx_oauth_records_by_expiry", records.c.expires_at)
