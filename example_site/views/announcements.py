"""Announcements: one message to every running server of an experience."""

from __future__ import annotations

import json
from typing import Final

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from example_site import scopes
from example_site.errors import TROUBLE, answer, explain
from example_site.experiences import find, granted, named
from example_site.forms import Form, typed
from flask_ext import (
    check_csrf,
    current_user,
    grant_required,
    login_required,
    login_url,
    scopes_required,
)

pages = Blueprint("announcements", __name__, url_prefix="/announcements")

TOPIC_LIMIT: Final = 80
TEXT_LIMIT: Final = 1024
"""Characters, as Roblox's reference for publishing messages says."""


@pages.get("/")
@login_required
def show() -> str | Response:
    """Explain the permission if it is missing; else choose an experience."""
    if missing := scopes.PUBLISH - current_user.scopes:
        return render_template(
            "permission.html",
            title="Announce",
            lead="Say something to every running server of an experience.",
            missing=sorted(missing, key=scopes.order),
            ask_url=login_url(url_for(".show"), scopes=missing),
        )
    experiences = granted()
    if len(experiences) == 1:
        return redirect(url_for(".write", universe_id=experiences[0].id))
    return render_template(
        "announcements/pick.html",
        experiences=experiences,
        endpoint=".write",
        again_url=login_url(url_for(".show"), prompt="consent"),
    )


@pages.get("/<int:universe_id>")
@scopes_required(*scopes.PUBLISH)
@grant_required(universe="universe_id")
def write(universe_id: int) -> str:
    """The form."""
    return _page(universe_id, Form({"topic": session.get("topic", "announcements")}))


@pages.post("/<int:universe_id>")
@scopes_required(*scopes.PUBLISH)
@grant_required(universe="universe_id")
def publish(universe_id: int) -> str | tuple[str, int] | Response:
    """Publish what was typed, or show what is wrong with it."""
    check_csrf()
    form = Form(typed(request.form, "topic", "text"))
    form.require("topic", "a topic", TOPIC_LIMIT)
    form.require("text", "a text", TEXT_LIMIT)
    if form.errors:
        return _page(universe_id, form), 422
    try:
        current_user.client.universe(universe_id).publish_message(form["topic"], form["text"])
    except TROUBLE as error:
        form.problem = explain(error)
        return answer(_page(universe_id, form), form.problem)
    session["topic"] = form["topic"]
    return redirect(url_for(".published", universe_id=universe_id), 303)


@pages.get("/<int:universe_id>/published")
@scopes_required(*scopes.PUBLISH)
@grant_required(universe="universe_id")
def published(universe_id: int) -> str:
    """The confirmation. It is a page of its own, so that reloading publishes nothing again."""
    topic = session.get("topic", "announcements")
    return render_template(
        "announcements/published.html",
        experience=named(universe_id),
        topic=topic,
        topic_in_lua=json.dumps(topic, ensure_ascii=False),  # the same escapes as JSON's
    )


def _page(universe_id: int, form: Form) -> str:
    experiences = granted()
    return render_template(
        "announcements/write.html",
        form=form,
        experiences=experiences,
        experience=find(experiences, universe_id),
        topic_limit=TOPIC_LIMIT,
        text_limit=TEXT_LIMIT,
    )
