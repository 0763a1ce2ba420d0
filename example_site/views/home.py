"""The front page, for everyone."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("home", __name__)


@pages.get("/")
def show() -> str:
    """What this site is, and the way in."""
    return render_template("home.html")
