"""For sites that use Flask-Login: its ``current_user`` and decorators, on this extension's session.

::

    roblox.init_app(app)
    adapt(app)                       # or adapt(app, login_manager, load_user=find_account)

Needs the extra ``login``. The session of this extension stays the only one
that counts: whoever's has ended (elsewhere, too) is nobody for Flask-Login at
the next request, and leaving through either side leaves both.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Request, abort, g, redirect, request, session
from flask.typing import ResponseReturnValue

from flask_ext import signals
from flask_ext.asking import login_url
from flask_ext.callers import is_navigation
from flask_ext.current import current
from flask_ext.demands import need_login, way_back
from flask_ext.endings import log_out_here
from flask_ext.problems import LoginRequired
from flask_ext.user import AnonymousUser, User

try:
    import flask_login
except ImportError as error:
    raise ImportError('the adapter needs Flask-Login: pip install "rblx-oauth[login]"') from error

LoadUser = Callable[[User], object]
"""From who is logged in with Roblox to what the site calls a user; None for nobody it knows."""


def adapt(
    app: Flask,
    manager: flask_login.LoginManager | None = None,
    *,
    load_user: LoadUser = lambda user: user,
) -> flask_login.LoginManager:
    """Have Flask-Login find the people who are logged in with Roblox.

    What the manager does already stays: a user loader (people who log in with
    a password, say) is asked first, a request loader last, and what it does
    with people who are not logged in, or not freshly, is left as it is.

    Do not call ``login_user`` for these people: that would be a second session,
    which nothing here can end in other browsers. Nor is there anything to
    ``remember``: ``ROBLOX_SESSION_IDLE`` and ``ROBLOX_SESSION_LIFETIME`` say how
    long a browser stays logged in.

    Args:
        app: An app on which `RobloxOAuth.init_app` was called.
        manager: The site's, set up as it shall be; that of the app, or a new one, unless given.
        load_user: Gives what Flask-Login's ``current_user`` shall be, such as a row of
            the site's own table; None for somebody whom the site does not know (403).

    Returns:
        The manager.
    """
    found = manager or getattr(app, "login_manager", None) or flask_login.LoginManager()
    if getattr(app, "login_manager", None) is not found:
        found.init_app(app)
    _load(found, load_user)
    if found.anonymous_user is flask_login.AnonymousUserMixin:
        found.anonymous_user = AnonymousUser
    if found.unauthorized_callback is None and found.login_view is None:
        found.unauthorized_handler(lambda: _unauthorized(load_user))
    if found.needs_refresh_callback is None and found.refresh_view is None:
        found.needs_refresh_handler(_log_in_anew)
    _leave_together(app)
    return found


def _load(manager: flask_login.LoginManager, load_user: LoadUser) -> None:
    by_request = manager.request_callback

    def from_request(request: Request) -> object:
        return _ours(load_user) or (by_request(request) if by_request else None)

    def by_id(user_id: str) -> object:
        # Where a site calls login_user all the same: good while our session is.
        found = _ours(load_user)
        return found if found and str(getattr(found, manager.id_attribute)()) == user_id else None

    manager.request_loader(from_request)
    if manager.user_callback is None:
        manager.user_loader(by_id)


def _ours(load_user: LoadUser) -> object:
    user = current().user
    return load_user(user) if isinstance(user, User) else None


def _unauthorized(load_user: LoadUser) -> ResponseReturnValue:
    """Off to Roblox, as this extension's ``login_required`` does it."""
    away = need_login()
    if away is not None:
        return away
    if _ours(load_user) is None:
        abort(403)
    return _log_in_anew()  # Flask-Login's session protection shut them out


def _log_in_anew() -> ResponseReturnValue:
    """Have the person show Roblox once more that it is them, and come back."""
    url = login_url(way_back(), prompt="login")
    if is_navigation():
        return redirect(url)
    raise LoginRequired(login_url=url)


def _leave_together(app: Flask) -> None:
    """What ends a login on one side ends it on the other; and a login here is a fresh one."""

    def left_there(_app: Flask, **_: object) -> None:
        if not g.get("roblox_leaving"):
            log_out_here()

    def left_here(_app: Flask, **_: object) -> None:
        g.roblox_leaving = True  # or the two would tell each other for ever
        try:
            flask_login.logout_user()
        finally:
            g.roblox_leaving = False

    def came_here(_app: Flask, **_: object) -> None:
        flask_login.confirm_login()
        _forget_who_was_remembered(app)

    # Not held weakly: they would be gone when this function returns.
    flask_login.user_logged_out.connect(left_there, sender=app, weak=False)
    signals.user_logged_out.connect(left_here, sender=app, weak=False)
    signals.grant_lost.connect(left_here, sender=app, weak=False)
    signals.user_logged_in.connect(came_here, sender=app, weak=False)


def _forget_who_was_remembered(app: Flask) -> None:
    """Drop a remember cookie that stands for nobody.

    Where there is one, Flask-Login asks no request loader: whoever logs in
    would be nobody for it, and be sent to log in for ever.
    """
    name = app.config.get("REMEMBER_COOKIE_NAME", flask_login.COOKIE_NAME)
    if name in request.cookies and not flask_login.current_user.is_authenticated:
        session["_remember"] = "clear"  # as `flask_login.logout_user` does it
