"""Flask's own ``session``: what a site keeps there is one person's, and must not become another's.

Nothing of a login is kept in it. But sites keep drafts and half-filled forms there, in a
cookie or in a store of their own (Flask-Session), and that outlives a login.
"""

from __future__ import annotations

from flask import current_app, session
from flask.globals import request_ctx

OWNER = "_roblox_owner"


def is_unclaimed() -> bool:
    """Whether this request wrote the first that is in it."""
    # Not by the proxy: since Flask 3.1.3 that counts as looking at it, and every answer would
    # say that it varies by the cookie.
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    kept = context._session if hasattr(context, "_session") else context.session  # noqa: SLF001
    return bool(kept is not None and kept.modified and kept and OWNER not in kept)


def claim(grant_id: str) -> None:
    """Note whose it is, as soon as there is something in it."""
    if session and session.get(OWNER) != grant_id:
        session[OWNER] = grant_id


def hand_over(grant_id: str) -> None:
    """At a login: under a new id, and empty if it was another person's.

    What somebody did before they logged in (a basket) stays theirs.
    """
    if session.get(OWNER, grant_id) == grant_id:
        _change_id()
    else:
        let_go()


def let_go() -> None:
    """Empty it: the person has logged out, or was."""
    if session:
        _change_id()
        session.clear()


def _change_id() -> None:
    """Give it a new id where it has one: Flask-Session's interfaces do, a cookie needs none."""
    regenerate = getattr(current_app.session_interface, "regenerate", None)
    if regenerate is not None:
        regenerate(session)
