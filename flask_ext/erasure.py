"""The right to erasure: what this extension keeps about a person, and forgetting it."""

from __future__ import annotations

import logging

from flask_ext import sessions, transactions
from flask_ext.signals import emit, user_erased
from flask_ext.state import State
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import RobloxError
from rblx_oauth.oauth.grant_rows import grant_id_for
from rblx_oauth.webhooks import ErasureRequest

log = logging.getLogger(__name__)

OWNED = (sessions.KIND, transactions.KIND, transactions.USED)
"""The kinds of record that belong to a person. A queued revocation does too, until it is done."""


def forget(state: State, person: ErasureRequest) -> None:
    """Delete somebody's grant, sessions and logins under way, and queue the revocation.

    Doing it again does nothing more. `revoke_queued` does what is left.

    Raises:
        StoreError: The store failed; do it again.
    """
    worker, settings = state.here, state.settings
    grant_id = grant_id_for(settings.issuer, settings.client_id, str(person.user_id))
    worker.oauth.grant(grant_id, worker.store).erase()
    for kind in OWNED:
        worker.store.delete_owned(kind, grant_id)
    pseudonym = worker.store.vault.pseudonym(grant_id)
    log.info("a person was erased", extra=fields("user.erased", grant=pseudonym))
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
