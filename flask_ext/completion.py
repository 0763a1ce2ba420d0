"""The last part of a login: from a callback that is ours to a session."""

from __future__ import annotations

import logging
from functools import partial

from flask import after_this_request, request

from flask_ext.asking import login_url
from flask_ext.current import Current
from flask_ext.failures import failure
from flask_ext.login_cookies import has_left, unmark_left
from flask_ext.problems import ConsentDenied
from flask_ext.signals import emit, scopes_granted, user_logged_in
from flask_ext.transactions import Transaction
from rblx_oauth import Token
from rblx_oauth.core.logs import fields
from rblx_oauth.core.redact import Quiet
from rblx_oauth.errors import ReauthorizationRequired, StoreUnavailable, UnsealError

log = logging.getLogger(__name__)

OTHER_ACCOUNT = (
    "You gave the permission with another Roblox account than the one you are logged in with "
    "here, so it was not used. Choose the same account on Roblox, or log out here first."
)
NOT_ALL = "Roblox gave less than was asked for. You are logged in and can go on without the rest."


def complete(here: Current, transaction: Transaction, *, again: str) -> None:
    """Exchange the code, keep the grant, and begin a session under a new id.

    Raises:
        RobloxError: The exchange failed, or the store cannot be reached.
        LoginFailed: Another account answered a step-up.
        ConsentDenied: A step-up was granted in part; the person is logged in.
    """
    worker = here.state.here
    # The address as registered, not as a Host header would have it.
    query = Quiet(request.query_string.decode("ascii", "replace"))
    callback_url = Quiet(f"{here.state.settings.redirect_uri}?{query}")
    token = worker.oauth.exchange(callback_url, transaction.request)
    stepping_up = transaction.purpose == "step-up"
    if stepping_up and _another_person(here, transaction, token):
        raise failure("other_account", again=again, detail=OTHER_ACCOUNT)
    before = _scopes_before(here)
    grant_id = worker.oauth.keep(token, worker.store)
    user = here.begin(token, grant_id=grant_id)
    if has_left(here.state.cookies):
        after_this_request(partial(unmark_left, here.state.cookies))
    try:
        worker.transactions.remember(transaction, grant_id=grant_id)
    except StoreUnavailable as error:
        # The person is logged in all the same; a second use of the callback is refused.
        log.warning(
            "a login could not be noted for the back button: %s",
            error,
            extra=fields("login.not_noted", grant=worker.pseudonym(grant_id)),
        )
    log.info(
        "a person logged in",
        extra=fields(
            "login.completed", grant=worker.pseudonym(grant_id), purpose=transaction.purpose
        ),
    )
    if not stepping_up:
        emit(user_logged_in, user=user)
        return
    if token.scopes - before:
        emit(scopes_granted, user=user, scopes=token.scopes - before)
    if not token.scopes.issuperset(transaction.request.scopes):
        # Back at the page, it would ask again at once, and so for ever.
        raise ConsentDenied(reason="denied", detail=NOT_ALL, login_url=login_url(transaction.next))


def _another_person(here: Current, transaction: Transaction, token: Token) -> bool:
    """Whether the token is not that of who asked, or somebody else has logged in since."""
    subjects = {transaction.subject, token.subject, here.user.subject or token.subject}
    return len(subjects) > 1


def _scopes_before(here: Current) -> frozenset[str]:
    try:
        return here.user.scopes
    except (ReauthorizationRequired, UnsealError):
        return frozenset()
