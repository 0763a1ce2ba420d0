"""The last part of a login: from a callback that is ours to a session."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

from flask import Response, after_this_request, current_app, request
from werkzeug.exceptions import HTTPException

from flask_ext.asking import login_url
from flask_ext.current import Current
from flask_ext.endings import end_grant
from flask_ext.failures import failure
from flask_ext.grants import held, keep_wider, live_row
from flask_ext.login_cookies import has_left, unmark_left
from flask_ext.problems import ConsentDenied
from flask_ext.sessions import Session
from flask_ext.signals import (
    account_linked,
    emit,
    login_failed,
    scopes_granted,
    user_logged_in,
)
from flask_ext.transactions import Transaction
from flask_ext.user import User
from rblx_oauth import Token
from rblx_oauth.core.logs import fields
from rblx_oauth.core.redact import Quiet
from rblx_oauth.errors import ReauthorizationRequired, StoreUnavailable, UnsealError
from rblx_oauth.oauth.grant_rows import grant_id_for

log = logging.getLogger(__name__)

OTHER_ACCOUNT = (
    "You gave the permission with another Roblox account than the one you are logged in with "
    "here, so it was not used. Choose the same account on Roblox, or log out here first."
)
NOT_ALL = "Roblox gave less than was asked for. You are logged in and can go on without the rest."


def complete(here: Current, transaction: Transaction, *, again: str) -> Response | None:
    """Exchange the code, keep the grant, and begin a session under a new id.

    Returns:
        What a hook of the site answers, in the place of the way back.

    Raises:
        RobloxError: The exchange failed, or the store cannot be reached.
        LoginFailed: Another account answered a step-up, or the site refused the person.
        ConsentDenied: A step-up was granted in part; the person is logged in.
    """
    worker = here.state.here
    # The address as registered, not as a Host header would have it.
    query = Quiet(request.query_string.decode("ascii", "replace"))
    callback_url = Quiet(f"{here.state.settings.redirect_uri}?{query}")
    token = worker.oauth.exchange(callback_url, transaction.request)
    if transaction.purpose == "step-up" and _another_person(here, transaction, token):
        raise failure("other_account", again=again, detail=OTHER_ACCOUNT)
    arrival = _arrive(here, transaction, token)
    answer = None
    if transaction.is_login:
        answer = ask_site(here, arrival.session, transaction.next, new=arrival.before is None)
    user = here.begin(arrival.session)
    _still_granted(here, user)
    if has_left(here.state.cookies):
        after_this_request(partial(unmark_left, here.state.cookies))
    try:
        worker.transactions.remember(transaction, grant_id=user.grant_id)
    except StoreUnavailable as error:
        # The person is logged in all the same; a second use of the callback is refused.
        log.warning(
            "a login could not be noted for the back button: %s",
            error,
            extra=fields("login.not_noted", grant=worker.pseudonym(user.grant_id)),
        )
    log.info(
        "a person logged in",
        extra=fields(
            "login.completed", grant=worker.pseudonym(user.grant_id), purpose=transaction.purpose
        ),
    )
    _tell(user, arrival, transaction, token)
    return answer


@dataclass(frozen=True)
class _Arrival:
    """Somebody at the door, with a grant that is kept and a session that is not.

    Attributes:
        session: What they get if they are let in.
        before: What the grant held until now; None if it was not live.
    """

    session: Session
    before: frozenset[str] | None


def _arrive(here: Current, transaction: Transaction, token: Token) -> _Arrival:
    worker = here.state.here
    grant_id = grant_id_for(token.issuer, token.client_id, token.subject)
    old: Token | None = None
    before: frozenset[str] | None = None
    try:
        old = held(worker, grant_id).token
        before = old.scopes
    except ReauthorizationRequired:
        pass
    except UnsealError:
        before = frozenset()  # it was there, and what it held nobody can tell
    if transaction.purpose == "step-up":
        old = None  # what a person answers when they are asked for more is what counts
    keep_wider(worker, grant_id, token, old)
    return _Arrival(here.prepare(token, grant_id=grant_id), before)


def ask_site(here: Current, session: Session, target: str, *, new: bool) -> Response | None:
    """What the first hook that answers wants sent; whatever one raises, nobody is logged in.

    Args:
        here: The request's.
        session: The one that will be begun.
        target: Where the person will be sent.
        new: Whether this login began the grant, which ends with it then.
    """
    user = User(session, here.state.here)
    try:
        for hook in here.state.login_hooks:
            answer = current_app.ensure_sync(hook)(user, target)
            if answer is not None:
                return current_app.make_response(answer)
    except BaseException as error:
        if new:
            end_grant(here.state.here, user.grant_id)
        if isinstance(error, HTTPException):
            emit(login_failed, reason="site")
        raise
    return None


def _still_granted(here: Current, user: User) -> None:
    """Take the session back if the grant was erased after it was kept, and before there was one.

    Whoever erases from now on finds the session.

    Raises:
        ReauthorizationRequired: It was.
    """
    try:
        live_row(here.state.here, user.grant_id)
    except ReauthorizationRequired:
        here.end()
        raise
    except StoreUnavailable as error:
        log.warning(
            "it cannot be told whether a person was erased while they logged in: %s",
            error,
            extra=fields("login.not_checked", grant=here.state.here.pseudonym(user.grant_id)),
        )


def _tell(user: User, arrival: _Arrival, transaction: Transaction, token: Token) -> None:
    """Send the signals.

    Raises:
        ConsentDenied: A step-up was granted in part.
    """
    if transaction.is_login:
        if arrival.before is None:
            emit(account_linked, user=user)
        emit(user_logged_in, user=user)
    if transaction.purpose == "login":
        return
    new = token.scopes - (arrival.before or frozenset())
    if new:
        emit(scopes_granted, user=user, scopes=new)
    if not token.scopes.issuperset(transaction.request.scopes):
        # Back at the page, it would ask again at once, and so for ever.
        raise ConsentDenied(reason="denied", detail=NOT_ALL, login_url=login_url(transaction.next))


def _another_person(here: Current, transaction: Transaction, token: Token) -> bool:
    """Whether the token is not that of who asked, or somebody else has logged in since."""
    subjects = {transaction.subject, token.subject, here.user.subject or token.subject}
    return len(subjects) > 1
