"""Grants as rows: their names, and what binds a sealed token to its row.

The ciphertext of a token is bound to issuer, client, subject, field and
generation. So a row's token cannot be moved to another row, and an old one
cannot be put back under a newer generation.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from msgspec import structs

from rblx_oauth.core.rows import GrantRow, GrantStatus
from rblx_oauth.errors import ConfigurationError, StoreError, UnsealError
from rblx_oauth.oauth.token import Token
from rblx_oauth.vault import Vault


@dataclass(frozen=True, slots=True)
class Held:
    """A token in hand, and the generation of the row it came from."""

    generation: int
    token: Token


def grant_id_for(issuer: str, client_id: str, subject: str) -> str:
    """The name of the one grant of a person to a client: opaque, URL-safe, 43 characters.

    Deterministic, so that a login finds the row of the login before it.
    """
    digest = hashlib.sha256(b"rblx-oauth grant")
    for part in (issuer, client_id, subject):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def live_row(vault: Vault, token: Token, *, generation: int, now: float) -> GrantRow:
    """A row that holds `token` as its `generation`."""
    row = GrantRow(
        grant_id=grant_id_for(token.issuer, token.client_id, token.subject),
        issuer=token.issuer,
        client_id=token.client_id,
        subject=token.subject,
        generation=generation,
        sealed=b"",
        updated_at=now,
    )
    return structs.replace(row, sealed=vault.seal(token.to_json(), *_place(row)))


def closed_row(row: GrantRow, status: GrantStatus, *, reason: str, now: float) -> GrantRow:
    """What follows `row` when its grant is lost or ended: a generation on, and no secret."""
    return structs.replace(
        row,
        generation=row.generation + 1,
        sealed=b"",
        status=status,
        reason=reason,
        intent="",
        updated_at=now,
    )


def open_row(vault: Vault, row: GrantRow) -> Held:
    """The token of a live row.

    Raises:
        UnsealError: It is sealed under an unknown key, or for another row.
        StoreError: What was sealed is not a token.
    """
    if row.grant_id != grant_id_for(row.issuer, row.client_id, row.subject):
        raise UnsealError("A stored grant is filed under another grant's name. It was not used.")
    try:
        token = Token.from_json(vault.unseal(row.sealed, *_place(row)))
    except ValueError:
        raise StoreError("A stored token is not in a form this version knows.") from None
    return Held(row.generation, token)


def resealed_row(vault: Vault, row: GrantRow) -> GrantRow:
    """The same row with its token sealed anew, under the newest key.

    Raises:
        UnsealError: As `open_row`.
    """
    plain = vault.unseal(row.sealed, *_place(row))
    return structs.replace(row, sealed=vault.seal(plain, *_place(row)))


def check_owner(row: GrantRow, *, issuer: str, client_id: str) -> None:
    """Refuse to work on another application's grant.

    Raises:
        ConfigurationError: `row` belongs to another issuer or client.
    """
    if (row.issuer, row.client_id) != (issuer, client_id):
        raise ConfigurationError(
            "This grant was given to another application: use the OAuthApp whose issuer and "
            "client_id it was made with."
        )


def _place(row: GrantRow) -> tuple[str, ...]:
    return ("grant", row.issuer, row.client_id, row.subject, "token", str(row.generation))
