"""Errors that reach Flask from a view, and what people and scripts see of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask import Flask
from werkzeug.wrappers import Response

from flask_ext.asking import login_url
from flask_ext.current import current, current_user
from flask_ext.demands import ask_for, way_back
from flask_ext.endings import lose_grant
from flask_ext.failures import note_store_failure
from flask_ext.problems import LoginRequired, RobloxProblem, SessionEnded, Unavailable
from rblx_oauth.errors import InsufficientScope, ReauthorizationRequired, StoreError

Error = TypeVar("Error", bound=Exception)


def register(app: Flask) -> None:
    """Answer these errors, unless the site already answers one of them itself."""
    own = app.error_handler_spec[None][None]
    for kind, handler in (
        (RobloxProblem, refused),
        (ReauthorizationRequired, grant_gone),
        (InsufficientScope, scope_missing),
        (StoreError, store_fails),
    ):
        if kind not in own:
            app.register_error_handler(kind, _while_the_store_answers(handler))


def refused(problem: RobloxProblem) -> Response:
    """A refusal of ours, as a page or as JSON."""
    return problem.answer()


def grant_gone(error: ReauthorizationRequired) -> Response:
    """End the session and ask for a new login: with a button, because it may happen again."""
    was_anonymous = not current_user
    if not lose_grant(error):
        raise error
    kind = LoginRequired if was_anonymous else SessionEnded
    return kind(login_url=login_url(way_back())).answer()


def scope_missing(error: InsufficientScope) -> Response:
    """Ask for the scopes that a call in the view needs, as `scopes_required` does."""
    if not current_user:
        raise error
    try:
        return ask_for(error.missing)
    except RobloxProblem as problem:
        return problem.answer()
    except ReauthorizationRequired as gone:
        return grant_gone(gone)


def _while_the_store_answers(handler: Callable[[Error], Response]) -> Callable[[Error], Response]:
    """`handler`; or 503 where the store fails while it works, its page included."""

    @wraps(handler)
    def guarded(error: Error) -> Response:
        try:
            return handler(error)
        except StoreError as failed:
            return store_fails(failed)

    return guarded


def store_fails(error: StoreError) -> Response:
    """503: nobody is logged out, and the page is rendered as for nobody."""
    note_store_failure(error)
    current().look_away()
    return Unavailable().answer()
