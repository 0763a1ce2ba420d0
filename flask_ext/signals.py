"""Signals (blinker), sent with the app as sender. None carries a token or a secret.

Connect to them as ``@user_logged_in.connect_via(app)``; keyword arguments are
as follows.

- `account_linked`: ``user`` (`flask_ext.user.User`). A login began an authorization: the first of
  this person, or the first since it was ended or lost. Comes before `user_logged_in`.
- `user_logged_in`: ``user`` (`flask_ext.user.User`).
- `user_logged_out`: ``user_id`` (int), ``everywhere`` (bool).
- `login_failed`: ``reason``, one word: ``state``, ``browser``, ``denied``, ``refused``,
  ``unreachable``, ``misconfigured``, ``other_account``, ``site`` (an `on_login` hook refused).
- `scopes_granted`: ``user`` (`flask_ext.user.User`), ``scopes`` (frozenset: those that are new).
- `grant_lost`: ``user_id`` (int), ``reason``, one word as in `ReauthorizationRequired`.
- `webhook_received`: ``notification`` (`rblx_oauth.webhooks.Notification`), before it is handled.
- `webhook_answered`: ``kind``, ``outcome`` (as in `flask_ext.webhooks.Result`), ``seconds``.
- `session_begun`: ``user_id`` (int). `session_ended`: ``count`` (int), not of those that ran out.
- `store_failed`: ``error``, its class's name; a request is answered 503 because of it.
- `user_erased`: ``user_id`` (int), ``place_ids`` (tuple of int), when nothing of them is left here.

They tell of what has happened, so a receiver that raises changes nothing: that
is logged, and the other receivers are told all the same. Each is sent in the
request that it is about. Refreshes happen in threads that serve several
requests, or none: for these there is ``on_event`` (`rblx_oauth.RefreshEvent`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from blinker import NamedSignal, Namespace
from flask import Flask, current_app

from rblx_oauth.core.logs import fields

log = logging.getLogger(__name__)

_signals = Namespace()

account_linked = _signals.signal("roblox-account-linked")
user_logged_in = _signals.signal("roblox-user-logged-in")
user_logged_out = _signals.signal("roblox-user-logged-out")
login_failed = _signals.signal("roblox-login-failed")
scopes_granted = _signals.signal("roblox-scopes-granted")
grant_lost = _signals.signal("roblox-grant-lost")
webhook_received = _signals.signal("roblox-webhook-received")
webhook_answered = _signals.signal("roblox-webhook-answered")
session_begun = _signals.signal("roblox-session-begun")
session_ended = _signals.signal("roblox-session-ended")
store_failed = _signals.signal("roblox-store-failed")
user_erased = _signals.signal("roblox-user-erased")


def emit(signal: NamedSignal, **facts: object) -> None:
    """Send a signal with the current app as sender."""
    if signal.is_muted:
        return
    # Receivers are connected by the app itself, not by the proxy (Flask, "Signals").
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    # One by one, and not by `send`, where the first that raises keeps the rest from hearing.
    for receiver in signal.receivers_for(app):
        _tell(receiver, app, signal.name, facts)


def _tell(
    receiver: Callable[..., object], app: Flask, signal: str, facts: dict[str, object]
) -> None:
    try:
        app.ensure_sync(receiver)(app, **facts)
    except Exception:
        log.exception(
            "a receiver of the signal %s failed",
            signal,
            extra=fields("signal.receiver_failed", signal=signal),
        )
