"""What a view may demand of a person, and where it sends those who do not meet it yet."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from flask import redirect, request
from werkzeug.wrappers import Response

from flask_ext.asking import Ask, address, login_url
from flask_ext.callers import is_htmx, is_htmx_visit, is_navigation
from flask_ext.current import current, current_user
from flask_ext.problems import (
    GrantMissing,
    LoginRequired,
    ScopesMissing,
    SessionExpired,
    Unavailable,
)
from flask_ext.redirects import form_page, here
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import ApiError, DiscoveryError, ProtocolError, TokenError, TransportError

log = logging.getLogger(__name__)

IDENTITY_SCOPES = frozenset({"openid", "profile"})
"""Scopes for which the consent page has nothing to pick."""


def way_back() -> str:
    """Where to return to: this page, or for a form or a script the page it was on."""
    if is_navigation() or is_htmx_visit():
        return here()
    return form_page(current().state.settings.public_origin)


def need_login(scopes: Iterable[str] = ()) -> Response | None:
    """None for somebody logged in; else a redirect to the login, which asks for `scopes` too.

    Raises:
        LoginRequired: A redirect would not help: a form was sent, or a script asks.
        SessionExpired: They were logged in, and decide for themselves what to do now.
    """
    if current_user:
        return None
    back = address(way_back(), Ask.of(scopes))
    if current().ended:
        raise SessionExpired(login_url=back)
    if is_navigation():
        return redirect(back)
    raise LoginRequired(login_url=back, at_once=_htmx_gets())


def need_scopes(scopes: Iterable[str], *, enough: Iterable[str] = ()) -> Response | None:
    """None when all are granted, or one of `enough`; else a redirect to Roblox's consent page.

    Raises:
        ScopesMissing: A redirect would not help: a form was sent, a script
            asks, or Roblox refused although all are granted.
    """
    granted = current_user.scopes
    missing = frozenset(scopes) - granted
    if not missing or granted.intersection(enough):
        return None
    return ask_for(missing)


def ask_for(missing: Iterable[str]) -> Response:
    """Send the person to consent, or tell them (or the script) to go there.

    Raises:
        ScopesMissing: As `need_scopes`.
    """
    wanted = frozenset(missing)
    url = address(way_back(), Ask.of(wanted))
    # Roblox may refuse a call although the token has the scope: asking again by itself
    # would go round for ever.
    granted_already = wanted <= current_user.scopes
    if is_navigation() and not granted_already:
        return redirect(url)
    at_once = _htmx_gets() and not granted_already
    raise ScopesMissing(missing=wanted, login_url=url, at_once=at_once)


def need_pick(*, universe: int | None, user: int | None, group: int | None) -> None:
    """Make sure that the person picked these at Roblox. Those that are None do not count.

    Raises:
        GrantMissing: They did not.
        Unavailable: Roblox cannot be asked, so nobody may pass.
        ReauthorizationRequired: The grant is gone.
    """
    try:
        picked = current_user.resources()
    except (TransportError, ProtocolError, ApiError, TokenError, DiscoveryError) as error:
        log.warning(
            "What a person picked at Roblox cannot be had, so they are answered 503: %s",
            error,
            extra=fields("picks.unavailable", error=type(error).__name__),
        )
        raise Unavailable(
            title="Roblox does not answer",
            detail="It cannot be checked right now whether you may do this. Please try again.",
        ) from error
    wanted = {"universe": universe, "user": user, "group": group}
    for kind, value in wanted.items():
        if value is not None and not picked.covers(**{kind: value}):
            _warn_where_nothing_is_offered(kind)
            raise GrantMissing(
                login_url=login_url(way_back(), prompt="consent"),
                members={"resource": kind, "id": str(value)},
            )


def _warn_where_nothing_is_offered(kind: str) -> None:
    """Tell the site's owner where nobody can pick anything: the consent page offers nothing."""
    if current_user.scopes <= IDENTITY_SCOPES:
        log.warning(
            "grant_required(%s=...) refuses whoever granted no more than who they are: Roblox "
            "offers things to pick only for scopes that need them. Ask for one, in ROBLOX_SCOPES "
            "or with scopes_required.",
            kind,
            extra=fields("picks.not_offered", resource=kind),
        )


def _htmx_gets() -> bool:
    """Whether htmx may be sent on at once, as a person who goes somewhere is."""
    return is_htmx() and request.method == "GET"
