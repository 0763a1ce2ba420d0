"""The ways a session ends: the person logs out, here or everywhere, or Roblox says so."""

from __future__ import annotations

import logging
from functools import partial

from flask import after_this_request

from flask_ext.current import Current, current
from flask_ext.login_cookies import mark_left
from flask_ext.sessions import Person
from flask_ext.signals import emit, grant_lost, user_logged_out
from flask_ext.state import Worker
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import ReauthorizationRequired, RobloxError

log = logging.getLogger(__name__)


def log_out_here() -> None:
    """End this browser's session, and the grant with the person's last one."""
    here = current()
    if here.session is None:
        return
    person = here.session.person
    here.end()
    after_this_request(partial(mark_left, here.state.cookies))
    if here.state.settings.revoke_on_logout:
        end_grant(here.state.here, person.grant_id, if_unused=True)
    _logged_out(here, person, everywhere=False)


def log_out_everywhere() -> int:
    """End every session of this person and the grant; how many sessions there were."""
    here = current()
    if here.session is None:
        return 0
    person = here.session.person
    count = here.state.here.sessions.end_all(person.grant_id)
    here.forget()
    after_this_request(partial(mark_left, here.state.cookies))
    if here.state.settings.revoke_on_logout:
        end_grant(here.state.here, person.grant_id)
    _logged_out(here, person, everywhere=True)
    return count


def lose_grant(error: ReauthorizationRequired) -> bool:
    """End this browser's session if it is its grant that is gone; whether it was."""
    here = current()
    if here.session is None:
        return error.grant_id is None
    person = here.session.person
    # A view may act for somebody else (client_for); that says nothing about this person.
    if error.grant_id not in (None, person.grant_id):
        return False
    here.end()
    log.info(
        "a session was ended because its grant is gone (%s)",
        error.reason,
        extra=fields(
            "session.grant_lost",
            grant=here.state.here.pseudonym(person.grant_id),
            reason=error.reason,
        ),
    )
    emit(grant_lost, user_id=int(person.subject), reason=error.reason)
    return True


def _logged_out(here: Current, person: Person, *, everywhere: bool) -> None:
    log.info(
        "a person logged out",
        extra=fields(
            "session.logged_out",
            grant=here.state.here.pseudonym(person.grant_id),
            everywhere=everywhere,
        ),
    )
    emit(user_logged_out, user_id=int(person.subject), everywhere=everywhere)


def end_grant(worker: Worker, grant_id: str, *, if_unused: bool = False) -> None:
    """End a grant here and at Roblox. The store's failure is logged: nobody is kept in by it.

    Args:
        worker: Where it is kept.
        grant_id: The grant.
        if_unused: Leave it alone while its person is logged in anywhere.
    """
    try:
        if if_unused and worker.sessions.any_left(grant_id):
            return
        worker.oauth.grant(grant_id, worker.store).end()
    except RobloxError as error:
        log.error(
            "a grant could not be ended: %s",
            error,
            extra=fields(
                "grant.not_ended",
                grant=worker.pseudonym(grant_id),
                error=type(error).__name__,
            ),
        )
