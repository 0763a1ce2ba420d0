"""Player data: browse a data store, read an entry, correct it without losing what others write.

Roblox opens data stores to API keys only, so everything here goes through the site's own key.
That key opens more than one person may touch: `grant_required` lets each only into the
experiences they picked on the consent page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NoReturn

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from example_site import scopes
from example_site.errors import TROUBLE, Problem, answer, explain, page as error_page
from example_site.experiences import find, granted, named
from example_site.extensions import roblox
from example_site.forms import Form, typed
from flask_ext import check_csrf, grant_required, login_required, login_url
from rblx_oauth import errors, models

pages = Blueprint("data", __name__, url_prefix="/data")

PAGE_SIZE = 25
LONGEST_NAME = 50
"""Characters of a data store, a scope or a key."""

Answer = str | tuple[str, int] | Response


@pages.errorhandler(errors.PermissionDenied)
def key_is_shut_out(_error: errors.PermissionDenied) -> Response:
    """Who got as far as this picked the experience: it is the site's key that may not."""
    text = (
        "Roblox opens player data to API keys only, and Backstage's key is not let into this "
        "experience. Whoever owns the key can add it on create.roblox.com."
    )
    return error_page(Problem(403, "Backstage has no key to this experience", text))


@dataclass(frozen=True)
class Place:
    """Where an entry is. All of it stands in the address, so a page can be bookmarked."""

    universe_id: int
    store: str
    scope: str
    key: str

    @property
    def url(self) -> str:
        """The entry's page."""
        return url_for("data.entry", **vars(self))

    def read(self) -> models.Entry:
        """The entry as it is now."""
        universe = roblox.api_client.universe(self.universe_id)
        return universe.data_store(self.store, scope=self.scope).get(self.key)

    def write(self, value: object, found: models.Entry) -> None:
        """A new value, if the entry is still as `found`. Users and attributes stay."""
        universe = roblox.api_client.universe(self.universe_id)
        universe.data_store(self.store, scope=self.scope).set(
            self.key, value, users=found.users, attributes=found.attributes, etag=found.etag
        )


@pages.get("/")
@login_required
def show() -> Answer:
    """Choose an experience, where there is a choice."""
    experiences = granted()
    if len(experiences) == 1:
        return redirect(url_for(".stores", universe_id=experiences[0].id))
    again = login_url(url_for(".show"), scopes=scopes.EXPERIENCES, prompt="consent")
    return render_template(
        "data/pick.html", experiences=experiences, endpoint=".stores", again_url=again
    )


@pages.get("/<int:universe_id>")
@grant_required(universe="universe_id")
def stores(universe_id: int) -> str:
    """The data stores of an experience."""
    page = roblox.api_client.universe(universe_id).data_store_page(
        page_size=PAGE_SIZE, page_token=request.args.get("page")
    )
    experiences = granted()
    return render_template(
        "data/stores.html",
        experiences=experiences,
        experience=find(experiences, universe_id),
        stores=page.items,
        next_page=page.next_token,
    )


@pages.get("/<int:universe_id>/entries")
@grant_required(universe="universe_id")
def entries(universe_id: int) -> str:
    """One page of a data store's keys, those with a prefix if there is one."""
    store, scope = _name("store"), _name("scope", "global")
    prefix = request.args.get("prefix", "")[:LONGEST_NAME]
    data_store = roblox.api_client.universe(universe_id).data_store(store, scope=scope)
    page = data_store.page(prefix=prefix, page_size=PAGE_SIZE, page_token=request.args.get("page"))
    return render_template(
        "data/entries.html",
        experience=named(universe_id),
        store=store,
        scope=scope,
        prefix=prefix,
        page=request.args.get("page"),
        keys=[each.id for each in page.items],
        next_page=page.next_token,
    )


@pages.get("/<int:universe_id>/entry")
@grant_required(universe="universe_id")
def entry(universe_id: int) -> Answer:
    """An entry, in a form."""
    place = _place(universe_id)
    found = place.read()
    return _entry_page(place, Form({"etag": found.etag, "value": _text(found.value)}), found)


@pages.post("/<int:universe_id>/entry")
@grant_required(universe="universe_id")
def save(universe_id: int) -> Answer:
    """Write an entry if it is still as the person saw it; else show both values."""
    check_csrf()
    place = _place(universe_id)
    form = Form(typed(request.form, "etag", "value"))
    try:
        value = json.loads(form["value"], parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        form.errors["value"] = f"This is not JSON: {error}"
        return _entry_page(place, form), 422
    try:
        return _save(place, form, value)
    except TROUBLE as error:
        form.problem = explain(error)
        return answer(_entry_page(place, form), form.problem)


def _save(place: Place, form: Form, value: object) -> Answer:
    found = place.read()
    if "again" in request.form:  # after a conflict: go on editing, on top of what is there now
        return _entry_page(place, Form({"etag": found.etag, "value": form["value"]}), found)
    try:
        if found.etag != form["etag"]:
            return _conflict_page(place, form, found), 409
        place.write(value, found)
    except errors.Conflict:  # somebody was quicker just now
        return _conflict_page(place, form, place.read()), 409
    except (ValueError, TypeError, OverflowError) as error:  # good JSON, but nothing for Roblox
        form.errors["value"] = f"Roblox cannot store this: {error}"
        return _entry_page(place, form, found), 422
    flash("Saved.")
    return redirect(place.url, 303)


def _place(universe_id: int) -> Place:
    return Place(universe_id, _name("store"), _name("scope", "global"), _name("key"))


def _name(argument: str, default: str = "") -> str:
    """A name from the address; 404 if there can be nothing of that name."""
    name = request.args.get(argument) or default
    if not 1 <= len(name) <= LONGEST_NAME:
        abort(404)
    return name


def _entry_page(place: Place, form: Form, found: models.Entry | None = None) -> str:
    return render_template(
        "data/entry.html",
        experience=named(place.universe_id),
        store=place.store,
        scope=place.scope,
        key=place.key,
        here=place.url,
        form=form,
        entry=found,
    )


def _conflict_page(place: Place, form: Form, found: models.Entry) -> str:
    return render_template(
        "data/conflict.html",
        experience=named(place.universe_id),
        store=place.store,
        scope=place.scope,
        key=place.key,
        here=place.url,
        mine=form["value"],
        theirs=found,
        theirs_text=_text(found.value),
    )


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a value that JSON knows")
