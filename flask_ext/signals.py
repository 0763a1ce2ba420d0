"""Signals (blinker), sent with the app as sender. None carries a token or a secret.

Connect to them as ``@user_logged_in.connect_via(app)``; keyword arguments are
as follows.

- `user_logged_in`: ``user`` (`flask_ext.user.User`).
- `user_logged_out`: ``user_id`` (int), ``everywhere`` (bool).
- `login_failed`: ``reason``, one word: ``state``, ``browser``, ``denied``, ``refused``,
  ``unreachable``, ``misconfigured``, ``other_account``.
- `scopes_granted`: ``user`` (`flask_ext.user.User`), ``scopes`` (frozenset: those that are new).
- `grant_lost`: ``user_id`` (int), ``reason``, one word as in `ReauthorizationRequired`.
"""

from __future__ import annotations

from typing import Any

from blinker import NamedSignal, Namespace
from flask import current_app

_signals = Namespace()

user_logged_in = _signals.signal("roblox-user-logged-in")
user_logged_out = _signals.signal("roblox-user-logged-out")
login_failed = _signals.signal("roblox-login-failed")
scopes_granted = _signals.signal("roblox-scopes-granted")
grant_lost = _signals.signal("roblox-grant-lost")


def emit(signal: NamedSignal, **facts: Any) -> None:
    """Send a signal with the current app as sender."""
    # Receivers are connected by the app itself, not by the proxy (Flask, "Signals").
    signal.send(current_app._get_current_object(), **facts)  # type: ignore[attr-defined]  # noqa: SLF001
