"""The browsers in which the person is logged in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from example_site.extensions import roblox
from flask_ext import check_csrf, current_user, login_required

pages = Blueprint("sessions", __name__, url_prefix="/sessions")


@pages.get("/")
@login_required
def show() -> str:
    """List them."""
    return render_template("sessions.html", sessions=roblox.sessions())


@pages.post("/<handle>/end")
@login_required
def end(handle: str) -> Response:
    """Log one of them out."""
    check_csrf()
    ended = roblox.end_session(handle)
    flash("That browser is logged out." if ended else "That session had ended already.")
    return redirect(url_for(".show" if current_user else "home.show"), 303)


@pages.post("/end-all")
@login_required
def end_all() -> Response:
    """Log all of them out, this one too."""
    check_csrf()
    roblox.logout_everywhere()
    return redirect(url_for("home.show"), 303)
