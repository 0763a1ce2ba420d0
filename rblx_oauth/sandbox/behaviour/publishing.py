"""Uploading place files: each becomes a version of its place."""

from __future__ import annotations

import hashlib
import re
from typing import IO

from rblx_oauth.core.formats import PLACES
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.places import Place, PlaceVersion, find_place, touch_universe
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_MEGABYTE = 1024 * 1024
_LARGEST = 100 * _MEGABYTE
_PIECE = 64 * 1024
# How a file of each media type begins; an XML file may have a declaration before its root.
_BEGINNINGS = {
    PLACES[".rbxl"]: re.compile(rb"<roblox!"),
    PLACES[".rbxlx"]: re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<roblox[\s>]"),
}


def _publish(exchange: Exchange) -> object:
    kind = exchange.request.args["versionType"]
    if kind not in ("Saved", "Published"):
        raise Refusal.invalid("versionType is Saved or Published")
    beginning = _BEGINNINGS.get(exchange.request.mimetype)
    if beginning is None:
        known = " (.rbxl) or ".join(_BEGINNINGS)
        raise Refusal.invalid(f"the content type of a place file is {known} (.rbxlx)")
    _place(exchange)  # before a big file is read for nothing
    size, sha256 = _measured(exchange.request.stream, beginning)
    state = exchange.state
    with state.lock:
        place = _place(exchange)
        place.updated = state.clock.now()
        place.versions.append(
            PlaceVersion(
                number=place.latest + 1,
                at=place.updated,
                by=exchange.caller.user_id,
                published=kind == "Published",
                size=size,
                sha256=sha256,
            )
        )
        touch_universe(state, place.universe)
        return {"versionNumber": place.latest}


def _place(exchange: Exchange) -> Place:
    place = find_place(exchange.state, exchange.arguments["place_id"])
    if place is None:
        raise Refusal.not_found("there is no such place")
    if place.universe != exchange.arguments["universe_id"]:
        raise Refusal(409, "ABORTED", "the place is not part of the universe")
    return place


def _measured(stream: IO[bytes], beginning: re.Pattern[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of a file that is read a piece at a time."""
    piece = stream.read(_PIECE)
    if not beginning.match(piece):
        raise Refusal.invalid("the content is not that of a place file of its content type")
    size, digest = 0, hashlib.sha256()
    while piece:
        size += len(piece)
        if size > _LARGEST:
            raise Refusal.invalid(f"a place file has {_LARGEST} bytes at most")
        digest.update(piece)
        piece = stream.read(_PIECE)
    return size, digest.hexdigest()


BEHAVIOURS = {"create_place_version": Behaviour(_publish)}
