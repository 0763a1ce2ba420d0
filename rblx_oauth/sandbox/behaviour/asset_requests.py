"""Reads what a form says of an asset."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from werkzeug.exceptions import HTTPException

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.contents import MEGABYTE
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = [
    "check_description",
    "check_name",
    "form_request",
    "form_text",
    "moderated",
]

T = TypeVar("T")
_NAME_LENGTH = 50
_DESCRIPTION_LENGTH = 1000


def form_text(exchange: Exchange, name: str) -> str | None:
    """A part of the form, sent as a field or as a file; None if it lacks."""
    # Reading the form takes the whole body: big files go to a temporary file on the way.
    try:
        text = exchange.request.form.get(name)
    except HTTPException as error:
        raise Refusal.invalid(f"the body is not a well-formed form: {error.description}") from None
    if text is None and name in exchange.request.files:
        part = exchange.request.files[name].stream
        part.seek(0)
        text = part.read(MEGABYTE).decode(errors="replace")
    return text


def form_request(exchange: Exchange, shape: type[T]) -> T:
    """The part ``request``, which is JSON.

    Raises:
        Refusal: 400, it lacks, or is not of that shape.
    """
    text = form_text(exchange, "request")
    if text is None:
        raise Refusal.invalid("the form needs a part named request, in JSON")
    try:
        return decoder(shape)(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal.invalid(f"the part request is not as expected: {error}") from None


def check_name(name: str) -> str:
    """A display name.

    Raises:
        Refusal: 400, it is empty or too long.
    """
    if not 1 <= len(name) <= _NAME_LENGTH:
        raise Refusal.invalid(f"displayName must have 1 to {_NAME_LENGTH} characters")
    return name


def check_description(exchange: Exchange, text: str) -> str:
    """A description, which moderation looks at on the spot.

    Raises:
        Refusal: 400, it is too long, or moderation refuses it.
    """
    if len(text) > _DESCRIPTION_LENGTH:
        raise Refusal.invalid(f"description has {_DESCRIPTION_LENGTH} characters at most")
    if moderated(exchange, text):
        raise Refusal.invalid("AssetDescription is moderated.")
    return text


def moderated(exchange: Exchange, *texts: str) -> bool:
    """Whether moderation refuses one of these."""
    word = exchange.state.settings.moderation_word.lower()
    return bool(word) and any(word in text.lower() for text in texts)
