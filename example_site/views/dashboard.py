"""Who you are here, what you allowed, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from example_site import scopes
from example_site.errors import TROUBLE, Problem, explain
from example_site.experiences import Experience, granted
from flask_ext import current_user, login_required, login_url

pages = Blueprint("dashboard", __name__)


@dataclass(frozen=True)
class Step:
    """One line of "what to do next"."""

    title: str
    text: str
    url: str


@pages.get("/dashboard")
@login_required
def show() -> str:
    """The dashboard. It has something to show even while Roblox does not answer."""
    experiences: list[Experience] = []
    problem: Problem | None = None
    try:
        experiences = granted()
    except TROUBLE as error:
        problem = explain(error)
    return render_template(
        "dashboard.html",
        experiences=experiences,
        problem=problem,
        pick_url=_pick_url(),
        publish=scopes.PUBLISH,
        scopes=sorted(current_user.scopes, key=scopes.order),
        steps=_steps(bool(experiences)),
    )


def _pick_url() -> str:
    """Where to pick experiences, for the first time or anew."""
    return login_url(url_for(".show"), scopes=scopes.EXPERIENCES, prompt="consent")


def _steps(picked: bool) -> list[Step]:
    first = Step(
        "Pick your experiences",
        "Roblox asks which of them Backstage may touch. You can change your mind at any time.",
        _pick_url(),
    )
    data = Step(
        "Put player data right",
        "Find an entry, correct it, without treading on what the game writes meanwhile.",
        url_for("data.show"),
    )
    announce = Step(
        "Tell your players something",
        f"Publish a message to every running server.{_asked_first(scopes.PUBLISH)}",
        url_for("announcements.show"),
    )
    decal = Step(
        "Upload a decal",
        f"Send a picture and follow it through moderation.{_asked_first(scopes.ASSETS)}",
        url_for("decals.show"),
    )
    return [*([] if picked else [first]), data, announce, decal]


def _asked_first(needed: frozenset[str]) -> str:
    return "" if current_user.scopes >= needed else " Roblox asks for your permission first."
