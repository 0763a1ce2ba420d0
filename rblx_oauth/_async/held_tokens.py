"""Refreshed tokens that a store did not take: held in memory, and written as soon as it does."""

from __future__ import annotations

import logging

from rblx_oauth._async.revocations import queue_revocation
from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.logs import fields
from rblx_oauth.oauth.renewal import Unwritten

_log = logging.getLogger("rblx_oauth.grant")


async def write_held(store: AsyncStore, clock: Clock) -> bool:
    """Write what is held; whether nothing is held any more.

    Raises:
        StoreError, ConfigurationError: The store still does not take it.
    """
    for each in list(store.ledger.unwritten.values()):
        await _write(store, each, now=clock.now())
        store.ledger.settle(each.row)
    return not store.ledger.unwritten


async def _write(store: AsyncStore, unwritten: Unwritten, *, now: float) -> None:
    row = unwritten.row
    grant = store.vault.pseudonym(row.grant_id)
    if await store.swap_grant(row, expected=row.generation - 1):
        _log.info(
            "A refreshed token that was held is stored", extra=fields("refresh.stored", grant=grant)
        )
        return
    stored = await store.get_grant(row.grant_id)
    if stored is None or stored.status != "live":  # its person has left meanwhile
        await queue_revocation(store, unwritten.held.token, now=now)
