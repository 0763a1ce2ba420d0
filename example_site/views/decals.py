"""Decals: upload a picture, and follow its operation through processing and moderation."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Final, Literal

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from example_site import scopes
from example_site.config import LARGEST_PICTURE
from example_site.errors import TROUBLE, answer, explain
from example_site.forms import Form, typed
from flask_ext import check_csrf, current_user, login_required, login_url, scopes_required
from rblx_oauth import errors

pages = Blueprint("decals", __name__, url_prefix="/decals")

NAME_LIMIT: Final = 50
DESCRIPTION_LIMIT: Final = 1000
"""Characters, as Roblox's reference for assets says."""

_FORMATS: Final = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
"""What pictures begin with; their names and what the browser says of them prove nothing."""


@dataclass(frozen=True)
class Progress:
    """How far an upload is, in words."""

    state: Literal["working", "ready", "refused", "failed"]
    title: str
    text: str

    @property
    def over(self) -> bool:
        """Whether it will not change any more."""
        return self.state != "working"


WORKING: Final = Progress(
    "working", "Roblox is working on it", "It takes a few seconds, sometimes a few minutes."
)
REFUSED: Final = Progress(
    "refused",
    "Moderation refused it",
    "For Roblox, the picture or its name is against the rules. Sending the same picture again "
    "will not help, and may count against your account.",
)


@pages.get("/")
@login_required
def show() -> str:
    """Explain the permissions if some are missing; else the form."""
    if missing := scopes.ASSETS - current_user.scopes:
        return render_template(
            "permission.html",
            title="Decals",
            lead="Send a picture to Roblox in your name, and see how moderation takes it.",
            missing=sorted(missing, key=scopes.order),
            ask_url=login_url(url_for(".show"), scopes=missing),
        )
    return _page(Form())


@pages.post("/")
@scopes_required(*scopes.ASSETS)
def upload() -> str | tuple[str, int] | Response:
    """Send the picture on to Roblox, piece by piece, or show what is wrong with the form."""
    check_csrf()
    form = Form(typed(request.form, "name", "description"))
    picture = request.files.get("picture")
    suffix = _suffix(picture)
    if picture is None or not picture.filename:
        form.errors["picture"] = "Choose a picture"
    elif suffix is None:
        form.errors["picture"] = "Choose a PNG or JPEG picture: this is neither"
    elif _size(picture) > LARGEST_PICTURE:
        form.errors["picture"] = "Choose a smaller picture: Roblox takes up to 20 MB"
    form.require("name", "a name", NAME_LIMIT)
    form.limit("description", "the description", DESCRIPTION_LIMIT)
    if form.errors or picture is None or suffix is None:
        return _page(form), 422
    assets = current_user.client.user(current_user.id).assets
    try:
        operation = assets.create(
            picture.stream,
            type="Decal",
            name=form["name"],
            description=form["description"],
            filename=f"picture{suffix}",
        )
    except TROUBLE as error:
        form.problem = explain(error)
        return answer(_page(form), form.problem)
    return redirect(url_for(".progress", operation_id=operation.id), 303)


@pages.get("/<operation_id>")
@scopes_required(*scopes.ASSETS)
def progress(operation_id: str) -> str:
    """How far it is. The page's script keeps asking `status`; without scripts one reloads."""
    return render_template(
        "decals/progress.html", operation_id=operation_id, progress=_progress(operation_id)
    )


@pages.get("/<operation_id>.json")
@scopes_required(*scopes.ASSETS)
def status(operation_id: str) -> dict[str, object]:
    """The same for the script."""
    found = _progress(operation_id)
    return {**asdict(found), "over": found.over}


def _progress(operation_id: str) -> Progress:
    """Ask Roblox. It answers only to whoever may see the creator's assets."""
    operation = current_user.client.asset_operation(operation_id)
    try:
        asset = operation.result()
    except errors.ModerationRejected:
        return REFUSED
    except errors.OperationFailed as error:
        said = f" It says: {error.message}" if error.message else ""
        return Progress("failed", "Roblox could not make a decal of it", f"Try another.{said}")
    if asset is None:
        return WORKING
    return Progress(
        "ready",
        "Your decal is ready",
        f"Its asset id is {asset.id}. In Studio it is rbxassetid://{asset.id}",
    )


def _suffix(picture: FileStorage | None) -> str | None:
    """The format that a picture's first bytes prove."""
    if picture is None:
        return None
    start = picture.stream.read(8)
    picture.stream.seek(0)
    return next((each for mark, each in _FORMATS.items() if start.startswith(mark)), None)


def _size(picture: FileStorage) -> int:
    size = picture.stream.seek(0, os.SEEK_END)
    picture.stream.seek(0)
    return size


def _page(form: Form) -> str:
    return render_template(
        "decals/new.html",
        form=form,
        largest=LARGEST_PICTURE,
        name_limit=NAME_LIMIT,
        description_limit=DESCRIPTION_LIMIT,
    )
