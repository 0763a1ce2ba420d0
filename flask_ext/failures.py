"""What went wrong with a login, told to the person, to the log and to the site."""

from __future__ import annotations

import logging

from flask_ext.problems import ConsentDenied, LoginFailed, RobloxProblem, Unavailable
from flask_ext.signals import emit, login_failed, store_failed
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import (
    AuthorizationDenied,
    CallbackError,
    DiscoveryError,
    InvalidClient,
    ProtocolError,
    RateLimited,
    RobloxError,
    ServerError,
    StoreError,
    TransportError,
)

log = logging.getLogger(__name__)


def problem_for(error: RobloxError, *, again: str) -> RobloxProblem:
    """The answer to a login that ended in `error`. Signals it, and logs what an owner can mend.

    Args:
        error: What was raised. Its text never reaches the page.
        again: The address that begins the login anew.
    """
    reason, problem = _judged(error, again)
    # Anybody can make a callback fail; the rest is for the site's owner to look into.
    level = logging.INFO if isinstance(error, CallbackError) else logging.ERROR
    log.log(
        level,
        "a login failed (%s): %s",
        reason,
        error,
        extra=fields("login.failed", reason=reason, error=type(error).__name__),
    )
    if isinstance(error, StoreError):
        emit(store_failed, error=type(error).__name__)
    emit(login_failed, reason=reason)
    return problem


def failure(reason: str, *, again: str, title: str = "", detail: str = "") -> LoginFailed:
    """The answer to a login that failed for a reason of our own. Signals and logs it."""
    log.info("a login failed (%s)", reason, extra=fields("login.failed", reason=reason))
    emit(login_failed, reason=reason)
    return LoginFailed(reason=reason, title=title or None, detail=detail or None, login_url=again)


def note_store_failure(error: StoreError) -> None:
    """Log and signal that a request is answered 503 because the store failed."""
    name = type(error).__name__
    log.error("the token store failed: %s", error, extra=fields("store.failed", error=name))
    emit(store_failed, error=name)


def _judged(error: RobloxError, again: str) -> tuple[str, RobloxProblem]:
    if isinstance(error, AuthorizationDenied) and error.code == "access_denied":
        return "denied", ConsentDenied(reason="denied", login_url=again)
    if isinstance(error, AuthorizationDenied) and error.code in _LATER:
        return "unreachable", _roblox_away(again)
    if isinstance(error, InvalidClient):
        return "misconfigured", LoginFailed(
            reason="misconfigured",
            title="Login does not work at the moment",
            detail="This site and Roblox do not agree on who the site is. Its owner has to "
            "mend that; trying again will not help.",
        )
    if isinstance(error, StoreError):
        return "unreachable", Unavailable(login_url=again)
    if isinstance(error, _AWAY):
        return "unreachable", _roblox_away(again)
    return "refused", LoginFailed(reason="refused", login_url=again)


_LATER = ("server_error", "temporarily_unavailable")
_AWAY = (TransportError, ProtocolError, ServerError, RateLimited, DiscoveryError)


def _roblox_away(again: str) -> Unavailable:
    return Unavailable(
        title="Roblox does not answer",
        detail="You could not be logged in because Roblox cannot be reached right now. "
        "Please try again shortly.",
        login_url=again,
    )
