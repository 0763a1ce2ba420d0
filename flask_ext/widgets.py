"""Pieces of pages, for a site's templates."""

from __future__ import annotations

import logging

from flask import has_request_context, render_template
from markupsafe import Markup

from flask_ext.current import current
from flask_ext.picks import resource_id
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import RobloxError

log = logging.getLogger(__name__)


def allowed(
    *scopes: str,
    any: bool = False,  # noqa: A002 (as in scopes_required)
    universe: int | str | None = None,
    user: int | str | None = None,
    group: int | str | None = None,
) -> bool:
    """Whether to show a button: whether the person granted the scopes and picked what is named.

    Never raises. False for nobody, and where it cannot be known now. The store
    is read once for all the questions of a request, and Roblox is asked for the
    picks at most once a minute.

    Args:
        scopes: The scopes that the button's view needs.
        any: One of them is enough.
        universe: The id of a universe that must be among the picks.
        user: The same for a user.
        group: The same for a group.
    """
    if not has_request_context():
        return False
    here = current()
    try:
        if not here.user or here.unknown:
            return False
        granted = here.user.scopes.intersection(scopes)
        if not (granted if any and scopes else len(granted) == len(set(scopes))):
            return False
        picks = {"universe": universe, "user": user, "group": group}
        wanted = {kind: resource_id(id) for kind, id in picks.items() if id is not None}
        if None in wanted.values():
            return False
        return not wanted or here.user.resources().covers(**wanted)
    except RobloxError as error:
        # Nor is it tried again for the next button.
        here.unknown = True
        log.warning(
            "it cannot be told what a person may do, so no button is shown: %s",
            error,
            extra=fields("button.unknown", error=type(error).__name__),
        )
        return False


def logout_button(text: str = "Log out", *, next: str = "", css_class: str = "") -> Markup:  # noqa: A002
    """A form with one button that logs out, its CSRF token inside. Empty for nobody.

    Args:
        text: What the button says.
        next: Path of the page to go to afterwards; a plain page says so by default.
        css_class: Class of the button.
    """
    return Markup(  # noqa: S704 (rendered with autoescape on)
        render_template("roblox/_logout_button.html", text=text, next=next, css_class=css_class)
    )
