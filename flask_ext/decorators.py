"""Decorators for views, sync and async, functions and ``View.decorators``.

Put them below ``@app.route``. Each of the later ones includes `login_required`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from flask import abort, current_app
from werkzeug.wrappers import Response

from flask_ext.demands import need_login, need_pick, need_scopes
from flask_ext.picks import resource_id
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.oauth.scopes import requested_scopes

View = TypeVar("View", bound=Callable[..., object])
Check = Callable[[dict[str, object]], Response | None]


def login_required(view: View) -> View:
    """Let only people in who are logged in.

    Others are sent to log in and come back; a form sent without a login
    answers 401 with a page that says so, a script 401 with a JSON problem.
    """
    return _guarded(view, lambda _arguments: need_login())


def scopes_required(
    *scopes: str,
    any: bool = False,  # noqa: A002
    allow_unknown: bool = False,
) -> Callable[[View], View]:
    """Let only people in who granted all of `scopes`; others are asked for what is missing.

    A page sends them to Roblox's consent page, for what they granted and what
    is missing, and back. A form answers 403 with a page that explains what will
    be asked and that the form has to be sent again; a script 403 with a JSON
    problem that names the scopes.

    Args:
        scopes: What the view needs.
        any: One of them is enough. Who granted none is asked for the first.
        allow_unknown: Let scopes pass that are newer than this library. This is where a
            misspelt one is found otherwise, before there is an app and its settings.

    Raises:
        ConfigurationError: A scope is unknown, or none is named.
    """
    if not scopes:
        raise ConfigurationError("scopes_required needs the name of a scope; see login_required")
    requested_scopes(scopes, allow_unknown=allow_unknown, remedy="allow_unknown=True")

    def check(_arguments: dict[str, object]) -> Response | None:
        wanted = scopes[:1] if any else scopes
        return need_login(wanted) or need_scopes(wanted, enough=scopes if any else ())

    return lambda view: _guarded(view, check)


def grant_required(
    *, universe: str | None = None, user: str | None = None, group: str | None = None
) -> Callable[[View], View]:
    """Let only people in who picked this universe, user or group on Roblox's consent page.

    Others get 403 with an offer to pick it; where Roblox cannot be asked,
    everybody gets 503. What is not a Roblox id is 404.

    Args:
        universe: The name of the view's argument that holds a universe id.
        user: The same for a user id.
        group: The same for a group id.

    Raises:
        ConfigurationError: No argument is named; or, when the view is called,
            its route has no argument of that name.
    """
    if universe is None and user is None and group is None:
        raise ConfigurationError(
            "grant_required needs the name of a view argument, as in "
            'grant_required(universe="universe_id")'
        )

    def check(arguments: dict[str, object]) -> Response | None:
        away = need_login()
        if away is None:
            need_pick(
                universe=_id(arguments, universe),
                user=_id(arguments, user),
                group=_id(arguments, group),
            )
        return away

    return lambda view: _guarded(view, check)


def _guarded(view: View, check: Check) -> View:
    @wraps(view)
    def guarded(*args: object, **arguments: object) -> object:
        away = check(arguments)
        if away is not None:
            return away
        return current_app.ensure_sync(view)(*args, **arguments)

    return cast("View", guarded)


def _id(arguments: dict[str, object], name: str | None) -> int | None:
    """The id in the view's argument `name`; 404 for what is none."""
    if name is None:
        return None
    if name not in arguments:
        raise ConfigurationError(
            f"grant_required looks for the view argument {name!r}, which this route does not have"
        )
    found = resource_id(arguments[name])
    if found is None:
        abort(404)
    return found
