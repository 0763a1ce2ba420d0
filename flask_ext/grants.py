"""The stored grant of a person: what it holds, and what a login makes of it."""

from __future__ import annotations

import logging

from flask_ext.state import Worker
from rblx_oauth import Token
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import GrantRow
from rblx_oauth.errors import ReauthorizationRequired, RobloxError
from rblx_oauth.oauth.grant_rows import Held, open_row

log = logging.getLogger(__name__)


def live_row(worker: Worker, grant_id: str) -> GrantRow:
    """The live grant of that id, sealed: one read of the store.

    Raises:
        ReauthorizationRequired: There is none, or none any more.
        StoreUnavailable: The store cannot be reached.
    """
    row = worker.store.get_grant(grant_id)
    if row is None or row.status != "live":
        raise ReauthorizationRequired(
            "This person has not authorized the site, or no longer does: ask them to log in.",
            reason=(row.reason if row else "") or "missing",
            grant_id=grant_id,
        )
    return row


def held(worker: Worker, grant_id: str) -> Held:
    """What the live grant of that id holds.

    Raises:
        ReauthorizationRequired, StoreUnavailable: As `live_row`.
        UnsealError: It cannot be read.
    """
    return open_row(worker.store.vault, live_row(worker, grant_id))


def keep_wider(worker: Worker, grant_id: str, token: Token, before: Token | None) -> None:
    """Make a login's token the person's grant, unless the one they have holds all of it and more.

    A login asks for little, and says who somebody is. What they granted beyond
    that, in another browser, is still granted, and jobs may count on it: so the
    older token stays, if Roblox still renews it.

    Args:
        worker: Where it is kept.
        grant_id: The person's.
        token: The login's.
        before: What the grant held until now, if it was live.

    Raises:
        StoreUnavailable: The store cannot be reached.
    """
    if before is not None and before.scopes > token.scopes:
        try:
            worker.oauth.grant(grant_id, worker.store).renew(before)
            return
        except ReauthorizationRequired:
            log.info(
                "a login replaces a wider grant, which Roblox has ended",
                extra=fields("grant.narrowed", grant=worker.pseudonym(grant_id)),
            )
        except RobloxError as error:
            log.warning(
                "a login replaces a wider grant, which cannot be renewed now: %s",
                error,
                extra=fields(
                    "grant.narrowed",
                    grant=worker.pseudonym(grant_id),
                    error=type(error).__name__,
                ),
            )
    worker.oauth.keep(token, worker.store)
