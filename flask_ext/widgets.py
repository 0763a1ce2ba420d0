"""Pieces of pages, for a site's templates."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup


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
