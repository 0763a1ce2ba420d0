"""Log in with Roblox for Flask. Start with `RobloxOAuth`."""

from __future__ import annotations

try:
    import flask  # noqa: F401 (to say what to install before a module of ours needs it)
except ModuleNotFoundError as missing:
    raise ImportError('flask_ext needs Flask: pip install "rblx-oauth[flask]"') from missing

from flask_ext.asking import login_url
from flask_ext.csrf import check_csrf, csrf_token
from flask_ext.current import current_user
from flask_ext.decorators import grant_required, login_required, scopes_required
from flask_ext.extension import RobloxOAuth
from flask_ext.problems import (
    ConsentDenied,
    CsrfFailed,
    GrantMissing,
    LoginFailed,
    LoginRefused,
    LoginRequired,
    RobloxProblem,
    ScopesMissing,
    SessionEnded,
    SessionExpired,
    Unavailable,
)
from flask_ext.sessions import SessionInfo
from flask_ext.signals import (
    account_linked,
    grant_lost,
    login_failed,
    scopes_granted,
    session_begun,
    session_ended,
    store_failed,
    user_erased,
    user_logged_in,
    user_logged_out,
    webhook_answered,
    webhook_received,
)
from flask_ext.upkeep import Sweep
from flask_ext.user import AnonymousUser, User
from flask_ext.widgets import allowed

__all__ = [
    "AnonymousUser",
    "ConsentDenied",
    "CsrfFailed",
    "GrantMissing",
    "LoginFailed",
    "LoginRefused",
    "LoginRequired",
    "RobloxOAuth",
    "RobloxProblem",
    "ScopesMissing",
    "SessionEnded",
    "SessionExpired",
    "SessionInfo",
    "Sweep",
    "Unavailable",
    "User",
    "account_linked",
    "allowed",
    "check_csrf",
    "csrf_token",
    "current_user",
    "grant_lost",
    "grant_required",
    "login_failed",
    "login_required",
    "login_url",
    "scopes_granted",
    "scopes_required",
    "session_begun",
    "session_ended",
    "store_failed",
    "user_erased",
    "user_logged_in",
    "user_logged_out",
    "webhook_answered",
    "webhook_received",
]
