"""The right to erasure: what this extension keeps about a person, and forgetting it."""

from __future__ import annotations

import logging

from flask_ext import transactions
from flask_ext.signals import emit, user_erased
from flask_ext.state import State
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import RobloxError
from rblx_oauth.webhooks import ErasureRequest

log = logging.getLogger(__name__)

OWNED = (transactions.KIND, transactions.USED)
"""The kinds of record that belong to a person, beside sessions, and revocations until done."""


def forget(state: State, person: ErasureRequest) -> None:
    """Delete somebody's grant, sessions and logins under way, and queue the revocation.

    Doing it again does nothing more. `revoke_queued` does what is left.

    Raises:
        StoreError: The store failed; do it again.
    """
    worker, grant_id = state.here, state.grant_id(person.user_id)
    worker.oauth.grant(grant_id, worker.store).erase()
    worker.sessions.end_all(grant_id)
    for kind in OWNED:
        worker.store.delete_owned(kind, grant_id)
    log.info(
        "a person was erased",
        extra=fields("user.erased", grant=worker.pseudonym(grant_id)),
    )
    emit(user_erased, user_id=person.user_id, place_ids=tuple(person.place_ids))


def revoke_queued(state: State) -> None:
    """Tell Roblox of the revocations that are queued; what fails stays for `Worker.tidy`.

    Roblox may be slow, so this is for the time after an answer. It needs no app context.
    """
    worker = state.here
    try:
        worker.oauth.retry_revocations(worker.store)
    except RobloxError as error:
        log.warning(
            "a revocation was put off: %s",
            error,
            extra=fields("revocation.put_off", error=type(error).__name__),
        )
