"""Speech made of texts: an audio asset that takes its moment, polled among those of assets."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import msgspec

from rblx_oauth.sandbox.assets import Asset, AssetShelf
from rblx_oauth.sandbox.behaviour import assets
from rblx_oauth.sandbox.contents import Content
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS"]

_QUOTA = 100
_TITLE = 50
_DESCRIPTION = 1000
# A frame of MPEG-1 Layer III at 128 kbit/s and 44.1 kHz, which holds silence: 26 milliseconds.
_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
_FRAMES_PER_LETTER = 3
_LETTERS = 300


class SpeechShelf(Shelf):
    """What was spoken.

    Attributes:
        left: What was left of the quota after an operation, by its id.
        used: What was used of it, by month and creator.
    """

    section = "speech"

    left: dict[str, int] = {}
    used: dict[str, int] = {}


class _Style(msgspec.Struct, rename="camel"):
    voice_id: str | None = None
    pitch: float | None = None
    speed: float | None = None


class _Request(msgspec.Struct, rename="camel"):
    text: str
    speech_style: _Style | None = None


def _generate(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Request)
    if not body.text:
        raise Refusal.invalid("text must not be empty")
    voice = body.speech_style.voice_id if body.speech_style else None
    if voice is not None and not (voice.isascii() and voice.isdigit()):
        raise Refusal.invalid("voiceId is the number of a voice")
    state = exchange.state
    universe = state.universes[exchange.arguments["universe_id"]]
    creator = f"U{universe.user}" if universe.user else f"G{universe.group}"
    with state.lock:
        left = _quota_after(exchange, creator)
        now = state.clock.now()
        asset = Asset(
            id=state.ids.asset(),
            type="Audio",
            display_name=body.text[:_TITLE],
            description=body.text[:_DESCRIPTION],
            creator=creator,
            created=now,
            updated=now,
            versions=[],
        )
        operation = assets.process(exchange, asset, _silence(exchange, body.text), rejected=False)
        state.shelves.of(SpeechShelf).left[operation.id] = left
    return _poll(exchange, operation.id)


def _quota_after(exchange: Exchange, creator: str) -> int:
    """What is left of the month's quota after this time."""
    used = exchange.state.shelves.of(SpeechShelf).used
    month = datetime.fromtimestamp(exchange.state.clock.now(), UTC).strftime("%Y-%m")
    count = used.get(f"{month} {creator}", 0) + 1
    if count > _QUOTA:
        said = f"at most {_QUOTA} texts become speech in a month"
        raise Refusal(429, "RESOURCE_EXHAUSTED", said)
    used[f"{month} {creator}"] = count
    return _QUOTA - count


def _silence(exchange: Exchange, text: str) -> Content:
    """As much silence as it takes to say a text; not more than for 300 letters."""
    frames = _FRAME * (_FRAMES_PER_LETTER * min(len(text), _LETTERS))
    sha256, size = exchange.state.contents.keep(io.BytesIO(frames))
    return Content(sha256=sha256, size=size, media="audio/mpeg")


def _poll(exchange: Exchange, operation_id: str) -> dict[str, object]:
    operation = exchange.state.shelves.of(AssetShelf).operations[operation_id]
    done = exchange.state.clock.now() >= operation.ready
    body: dict[str, object] = {"path": f"operations/{operation_id}", "done": done}
    if done:
        left = exchange.state.shelves.of(SpeechShelf).left[operation_id]
        kind = "type.googleapis.com/roblox.open_cloud.cloud.v2.GenerateSpeechAssetResponse"
        body["response"] = {"@type": kind, "assetId": operation.asset, "remainingQuota": left}
    return body


def _get_operation(exchange: Exchange) -> object:
    """An operation of assets, among which are those of speech, which end in less."""
    operation_id = exchange.arguments["operation_id"]
    with exchange.state.lock:
        if operation_id in exchange.state.shelves.of(SpeechShelf).left:
            return _poll(exchange, operation_id)
    return _OF_ASSETS.answer(exchange)


_OF_ASSETS = assets.BEHAVIOURS["get_asset_operation"]

BEHAVIOURS = {
    "generate_speech_asset": Behaviour(_generate),
    # In place of that of assets, which it asks for everything else.
    "get_asset_operation": msgspec.structs.replace(_OF_ASSETS, answer=_get_operation),
}
