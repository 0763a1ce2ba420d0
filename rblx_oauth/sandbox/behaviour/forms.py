"""Forms with a picture: read, checked, and the picture kept as an image asset."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException

from rblx_oauth.core.formats import CONTENT_TYPES, IMAGES
from rblx_oauth.sandbox.assets import Asset, AssetShelf, Version
from rblx_oauth.sandbox.behaviour.asset_files import keep_picture
from rblx_oauth.sandbox.checks import check_body
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Form", "creator_of", "keep_icon", "read_file", "read_form"]

_PICTURES = {CONTENT_TYPES[suffix] for suffix in IMAGES}


class Form(msgspec.Struct, frozen=True):
    """A form: its texts, and its files."""

    texts: Mapping[str, str]
    files: MultiDict[str, FileStorage]

    def flag(self, name: str) -> bool | None:
        """A boolean field; None where it is left out or empty."""
        text = self.texts.get(name)
        return text.lower() == "true" if text else None

    def number(self, name: str) -> int | None:
        """A whole number; None where it is left out or empty."""
        text = self.texts.get(name)
        return int(text) if text else None


def read_form(exchange: Exchange) -> Form:
    """The form of a request, its fields of the types that the catalogue gives them.

    Raises:
        Refusal: 400, it is no such form.
    """
    request = exchange.request
    try:
        check_body(exchange)
        return Form(request.form, request.files)
    except HTTPException as error:
        raise Refusal.invalid(f"the body is not a well-formed form: {error.description}") from None


def read_file(exchange: Exchange, part: str, missing: str) -> FileStorage:
    """The file of a form that is nothing else.

    Args:
        exchange: Who sent it.
        part: Its name.
        missing: The API's own word for a form without one.

    Raises:
        Refusal: 400, there is none.
    """
    try:
        upload = exchange.request.files.get(part)
    except HTTPException:
        upload = None
    if not upload:
        raise Refusal.invalid(f"the form needs a file named {part}", missing)
    return upload


def creator_of(universe: Universe) -> str:
    """Who owns a universe: ``U123`` or ``G456``."""
    return f"U{universe.user}" if universe.user else f"G{universe.group}"


def keep_icon(
    exchange: Exchange, upload: FileStorage, *, creator: str, name: str, detail: str
) -> str:
    """Keep a picture as an image asset; gives its id.

    Args:
        exchange: Who sent it.
        upload: The file.
        creator: Whose asset it becomes.
        name: What that is called.
        detail: The API's own word for a picture that is none.

    Raises:
        Refusal: 400, it is no picture, or broken, or too large.
    """
    state = exchange.state
    try:
        content = keep_picture(state.contents, upload, _PICTURES)
    except Refusal as refusal:
        raise Refusal.invalid(refusal.message, detail) from None
    now, asset_id = state.clock.now(), state.ids.asset()
    with state.lock:
        state.shelves.of(AssetShelf).assets[asset_id] = Asset(
            id=asset_id,
            type="Image",
            display_name=name,
            creator=creator,
            created=now,
            updated=now,
            versions=[Version(number=1, created=now, content=content)],
        )
    return asset_id
