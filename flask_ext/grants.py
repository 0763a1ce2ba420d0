"""The stored grant of a person: what it holds, and what a login makes of it."""

from __future__ import annotations

import logging

from flask_ext.state import Worker
from rblx_oauth import Token
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import ReauthorizationRequired, RobloxError
from rblx_oauth.oauth.grant_rows import Held, open_row

log = logging.getLogger(__name__)


def held(worker: Worker, grant_id: str) -> Held:
    """The live grant of that id: one read of the store.

    Raises:
        ReauthorizationRequired: There is none, or none any more.
        UnsealError: It cannot be read.
        StoreUnavailable: The store cannot be reached.
    """
    row = worker.store.get_grant(grant_id)
    if row is None or row.status != "live":
        raise ReauthorizationRequired(
            "This person's authorization is gone: ask them to log in again.",
            reason=(row.reason if row else "") or "missing",
            grant_id=grant_id,
        )
    return open_row(worker.store.vault, row)


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
