"""Revocations that Roblox has not confirmed yet: queued in the store, tried again later."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec

from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth._async.token_issuer import AsyncTokenIssuer
from rblx_oauth._decoding import decoder
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import InvalidClient, RobloxError, StoreError, TokenError, UnsealError
from rblx_oauth.oauth.grant_rows import grant_id_for
from rblx_oauth.oauth.record_rows import opened_payload, sealed_record
from rblx_oauth.oauth.renewal import REFRESH_TOKEN_SECONDS
from rblx_oauth.oauth.token import Token

KIND = "revocation"

_log = logging.getLogger("rblx_oauth.grant")


class _Queued(msgspec.Struct):
    """What is sealed into the queue: one token, and whose."""

    issuer: str
    client_id: str
    token: str


async def revoke_or_queue(app: AsyncTokenIssuer, store: AsyncStore, token: Token) -> None:
    """Revoke at Roblox; where that fails, note it in the store for `retry_revocations`.

    Raises:
        StoreError: Roblox did not confirm, and the store did not take the note.
    """
    if not await _confirmed(app, store, token):
        await queue_revocation(store, token, now=app.clock.now())


async def revoke_queued(app: AsyncTokenIssuer, store: AsyncStore, token: Token) -> None:
    """Revoke at Roblox what was queued first, and take it off the queue once that is confirmed."""
    if await _confirmed(app, store, token):
        with suppress(StoreError):  # it is tried once more, which does no harm
            await store.delete_record(KIND, _name(token))


async def _confirmed(app: AsyncTokenIssuer, store: AsyncStore, token: Token) -> bool:
    try:
        await app.revoke(token)
    except RobloxError as error:
        _log.warning(
            "A revocation was not confirmed (%s); it is queued and will be tried again",
            type(error).__name__,
            extra=fields(
                "revocation.queued",
                grant=store.vault.pseudonym(_grant_id(token)),
                error=type(error).__name__,
            ),
        )
        return False
    return True


async def queue_revocation(store: AsyncStore, token: Token, *, now: float) -> None:
    """Note in the store that a token is to be revoked.

    Raises:
        StoreError: The store did not take the note.
    """
    queued = _Queued(issuer=token.issuer, client_id=token.client_id, token=_secret(token))
    record = Record(
        kind=KIND,
        id=_name(token),
        owner=_grant_id(token),
        payload=msgspec.json.encode(queued),
        created_at=now,
        seen_at=now,
        expires_at=now + REFRESH_TOKEN_SECONDS,
    )
    await store.add_record(sealed_record(store.vault, record))


async def retry_revocations(app: AsyncTokenIssuer, store: AsyncStore, *, limit: int = 1000) -> int:
    """Try up to `limit` queued revocations of this app once; how many are done.

    One that Roblox refuses for good is dropped, so that it does not hold up the rest.
    Safe to run in several places at once: revoking a token that is gone
    already counts as done (RFC 7009 2.2).

    Raises:
        StoreError: The store failed.
        RobloxError: Roblox did not confirm one; it and the rest stay queued.
    """
    tried = done = 0
    async for record in _queue(store, now=app.clock.now()):
        try:
            queued = decoder(_Queued)(opened_payload(store.vault, record))
        except (UnsealError, msgspec.DecodeError) as error:
            _log.error(
                "A queued revocation cannot be read and is left: %s",
                error,
                extra=fields("revocation.unreadable", grant=store.vault.pseudonym(record.owner)),
            )
            continue
        if (queued.issuer, queued.client_id) != (app.issuer, app.client_id):
            continue
        if tried == limit:
            break
        tried += 1
        try:
            await app.revoke(queued.token)
        except InvalidClient:  # ours to put right; the token may be revoked after that
            raise
        except TokenError as error:
            _log.error(
                "Roblox refuses to revoke a queued token (%s); it is dropped",
                error.code,
                extra=fields(
                    "revocation.refused",
                    grant=store.vault.pseudonym(record.owner),
                    reason=error.code,
                ),
            )
        else:
            done += 1
        await store.delete_record(KIND, record.id)
    return done


async def _queue(store: AsyncStore, *, now: float) -> AsyncIterator[Record]:
    """Everything that is queued: by whichever app, however much of it."""
    after = (KIND, "")
    while page := await store.scan_records(after=after):
        for record in page:
            if record.kind != KIND:
                return
            if record.expires_at > now:
                yield record
        after = (KIND, page[-1].id)


async def forget_revocations(store: AsyncStore, grant_id: str) -> None:
    """Drop what is queued for a grant that a new login has revived.

    At Roblox a revocation ends the whole authorization, the new login's too.
    """
    try:
        await store.delete_owned(KIND, grant_id)
    except StoreError as error:
        _log.warning(
            "Queued revocations of a revived grant were not dropped: %s",
            error,
            extra=fields("revocation.not_dropped", grant=store.vault.pseudonym(grant_id)),
        )


def _secret(token: Token) -> str:
    return token.refresh_token or token.access_token


def _name(token: Token) -> str:
    return hashlib.sha256(_secret(token).encode()).hexdigest()


def _grant_id(token: Token) -> str:
    return grant_id_for(token.issuer, token.client_id, token.subject)
