"""Uploading assets: an operation that takes a while, may be refused, and ends in an asset."""

from __future__ import annotations

import hashlib
from typing import IO

import msgspec
from werkzeug.exceptions import HTTPException

from rblx_oauth.sandbox.assets import Asset, AssetOperation
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Creator, Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_MEGABYTE = 1024 * 1024
_LARGEST = 20 * _MEGABYTE
_LARGEST_VIDEO = 3840 * _MEGABYTE
_NAME_LENGTH = 50
_DESCRIPTION_LENGTH = 1000

_IMAGES = frozenset({"image/png", "image/jpeg", "image/bmp", "image/tga"})
_ROBLOX_MODELS = frozenset({"model/x-rbxm"})
_CONTENT_TYPES = {
    "decal": _IMAGES,
    "image": _IMAGES,
    "audio": frozenset({"audio/mpeg", "audio/ogg", "audio/wav", "audio/flac"}),
    "model": _ROBLOX_MODELS | {"model/fbx", "model/gltf+json", "model/gltf-binary"},
    "animation": _ROBLOX_MODELS,
    "video": frozenset({"video/mp4", "video/mov"}),
}
_READ_MASK = frozenset(
    {"description", "displayName", "icon", "previews", "socialLink"}
    | {f"{site}SocialLink" for site in ("facebook", "twitter", "youtube", "twitch", "discord")}
)


class _Creator(msgspec.Struct, rename="camel"):
    user_id: int | str | None = None
    group_id: int | str | None = None


class _Context(msgspec.Struct, rename="camel"):
    creator: _Creator


class _Request(msgspec.Struct, rename="camel"):
    asset_type: str
    display_name: str
    creation_context: _Context
    description: str = ""


def _form_request(exchange: Exchange) -> _Request:
    # Reading the form takes the whole body: big files go to a temporary file on the way.
    try:
        text = exchange.request.form.get("request")
    except HTTPException as error:
        raise Refusal.invalid(f"the body is not a well-formed form: {error.description}") from None
    if text is None and "request" in exchange.request.files:
        part = exchange.request.files["request"].stream
        part.seek(0)
        text = part.read(_MEGABYTE).decode(errors="replace")
    if text is None:
        raise Refusal.invalid("the form needs a part named request, in JSON")
    try:
        return msgspec.json.decode(text, type=_Request)
    except msgspec.DecodeError as error:
        raise Refusal.invalid(f"the part request is not as expected: {error}") from None


def _requested_creator(exchange: Exchange) -> Creator:
    creator = _form_request(exchange).creation_context.creator
    if (creator.user_id is None) == (creator.group_id is None):
        raise Refusal.invalid("creator needs either userId or groupId")
    if creator.user_id is not None:
        return Creator(f"U{creator.user_id}")
    return Creator(f"G{creator.group_id}")


def _create(exchange: Exchange) -> object:
    wanted = _form_request(exchange)
    allowed = _CONTENT_TYPES.get(wanted.asset_type.lower())
    if allowed is None:
        raise Refusal.invalid("assetType is not one that can be created")
    if not 1 <= len(wanted.display_name) <= _NAME_LENGTH:
        raise Refusal.invalid(f"displayName must have 1 to {_NAME_LENGTH} characters")
    if len(wanted.description) > _DESCRIPTION_LENGTH:
        raise Refusal.invalid(f"description has {_DESCRIPTION_LENGTH} characters at most")
    upload = exchange.request.files.get("fileContent")
    if upload is None:
        raise Refusal.invalid("the form needs a part named fileContent, with a filename")
    if upload.mimetype not in allowed:
        kinds = ", ".join(sorted(allowed))
        raise Refusal.invalid(f"a file for {wanted.asset_type} has one of the types {kinds}")
    most = _LARGEST_VIDEO if wanted.asset_type.lower() == "video" else _LARGEST
    size, digest = _measure(upload.stream)
    if not 1 <= size <= most:
        raise Refusal.invalid(f"the file must have 1 to {most} bytes, not {size}")
    state = exchange.state
    now = state.clock.now()
    asset = Asset(
        id=state.ids.asset(),
        type=wanted.asset_type,
        display_name=wanted.display_name,
        description=wanted.description,
        creator=_requested_creator(exchange).id,
        created=now,
        content_type=upload.mimetype,
        size=size,
        sha256=digest,
    )
    word = state.settings.moderation_word.lower()
    named = f"{upload.filename}\n{wanted.display_name}".lower()
    operation = AssetOperation(
        id=state.ids.uuid(),
        asset=asset,
        ready_at=now + state.settings.operation_seconds,
        rejected="Asset was rejected by moderation" if word and word in named else "",
    )
    with state.lock:
        state.assets.put(operation)
    return _operation_body(operation, now)


def _measure(stream: IO[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := stream.read(_MEGABYTE):
        size += len(chunk)
        digest.update(chunk)
    return size, digest.hexdigest()


def _operation_body(operation: AssetOperation, now: float) -> dict[str, object]:
    done = now >= operation.ready_at
    body: dict[str, object] = {
        "path": f"operations/{operation.id}",
        "operationId": operation.id,
        "done": done,
    }
    if done and operation.rejected:
        body["error"] = {"code": 400, "message": operation.rejected}
        body["metadata"] = {"moderationResult": {"moderationState": "Rejected"}}
    elif done:
        body["response"] = _asset_body(operation.asset)
    return body


def _asset_body(asset: Asset) -> dict[str, object]:
    kind = "userId" if asset.creator.startswith("U") else "groupId"
    return {
        "path": f"assets/{asset.id}",
        "revisionId": "1",
        "revisionCreateTime": rfc3339(asset.created),
        "assetId": asset.id,
        "displayName": asset.display_name,
        "description": asset.description,
        "assetType": asset.type,
        "creationContext": {"creator": {kind: asset.creator[1:]}},
        "moderationResult": {"moderationState": "Approved"},
        "state": "Active",
    }


def _asset(exchange: Exchange) -> Asset:
    asset = exchange.state.assets.get(exchange.arguments["asset_id"], exchange.state.clock.now())
    if asset is None:
        raise Refusal.not_found("there is no such asset")
    return asset


def _operation(exchange: Exchange) -> AssetOperation:
    operation = exchange.state.assets.operations.get(exchange.arguments["operation_id"])
    if operation is None:
        raise Refusal.not_found("there is no such operation")
    return operation


def _get(exchange: Exchange) -> object:
    mask = {part.strip() for part in exchange.request.args.get("readMask", "").split(",")} - {""}
    if not mask <= _READ_MASK:
        raise Refusal.invalid("readMask names a field that an asset does not have")
    return _asset_body(_asset(exchange))


def _get_operation(exchange: Exchange) -> object:
    return _operation_body(_operation(exchange), exchange.state.clock.now())


BEHAVIOURS = {
    "create_asset": Behaviour(_create, _requested_creator),
    "get_asset": Behaviour(_get, lambda exchange: Creator(_asset(exchange).creator)),
    "get_asset_operation": Behaviour(
        _get_operation, lambda exchange: Creator(_operation(exchange).asset.creator)
    ),
}
