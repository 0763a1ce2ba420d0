"""Uploading assets: an operation that takes a while, may be refused, and ends in an asset."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.assets import Asset, AssetOperation, AssetShelf, Version
from rblx_oauth.sandbox.behaviour.asset_access import visible
from rblx_oauth.sandbox.behaviour.asset_bodies import (
    LINKS,
    asset_body,
    asset_member,
    operation_body,
)
from rblx_oauth.sandbox.behaviour.asset_files import asset_type, keep_asset_file
from rblx_oauth.sandbox.behaviour.asset_quotas import count_upload
from rblx_oauth.sandbox.behaviour.asset_requests import (
    check_description,
    check_name,
    form_request,
    moderated,
)
from rblx_oauth.sandbox.contents import Content
from rblx_oauth.sandbox.exchange import Behaviour, Creator, Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "begin", "process"]

_REJECTED = "Asset was rejected by moderation"
_PRIVACIES = ("default", "restricted", "openUse")
_ALWAYS = (
    "assetId",
    "assetType",
    "creationContext",
    "moderationResult",
    "path",
    "revisionCreateTime",
    "revisionId",
    "state",
)
"""What an answer has, whatever its mask; programs name it there all the same."""
_MASKED = frozenset({"description", "displayName", "icon", "previews", "socialLink", *LINKS})


class _Creator(msgspec.Struct, rename="camel"):
    user_id: int | str | None = None
    group_id: int | str | None = None


class _Context(msgspec.Struct, rename="camel"):
    creator: _Creator
    asset_privacy: str = "default"
    expected_price: int = 0


class _Request(msgspec.Struct, rename="camel"):
    asset_type: str
    display_name: str
    creation_context: _Context
    description: str = ""


def _requested_creator(exchange: Exchange) -> Creator:
    creator = form_request(exchange, _Request).creation_context.creator
    if (creator.user_id is None) == (creator.group_id is None):
        raise Refusal.invalid("creator needs either userId or groupId")
    if creator.user_id is not None:
        return Creator(f"U{creator.user_id}")
    return Creator(f"G{creator.group_id}")


def _create(exchange: Exchange) -> object:
    wanted = form_request(exchange, _Request)
    kind, context = asset_type(wanted.asset_type), wanted.creation_context
    name = check_name(wanted.display_name)
    description = check_description(exchange, wanted.description)
    if context.asset_privacy not in _PRIVACIES:
        raise Refusal.invalid(f"assetPrivacy is one of {', '.join(_PRIVACIES)}")
    if context.expected_price < 0:
        raise Refusal.invalid("expectedPrice must not be negative")
    state = exchange.state
    upload = exchange.request.files.get("fileContent")
    content = keep_asset_file(state.contents, upload, kind)
    with state.lock:
        count_upload(exchange, kind)
        now = state.clock.now()
        rejected = moderated(exchange, name, (upload and upload.filename) or "")
        asset = Asset(
            id=state.ids.asset(),
            type=kind,
            display_name=name,
            description=description,
            creator=_requested_creator(exchange).id,
            created=now,
            updated=now,
            privacy=context.asset_privacy,
            versions=[],
        )
        operation = process(exchange, asset, content, rejected=rejected)
        return operation_body(operation, asset, state.clock.now())


def process(
    exchange: Exchange, asset: Asset, content: Content, *, rejected: bool
) -> AssetOperation:
    """Begin to process content that becomes an asset's next version.

    Where moderation takes its time, it says no only later, of a version that is there. Where it
    does not, what it rejects becomes no version at all.
    """
    state = exchange.state
    if rejected and not state.settings.moderation_seconds:
        return begin(exchange, asset, rejected=True)
    operation = begin(exchange, asset, rejected=False)
    version = Version(
        number=len(asset.versions) + 1,
        created=state.clock.now(),
        content=content,
        ready=operation.ready,
        reviewed=operation.ready + state.settings.moderation_seconds,
        rejected=rejected,
    )
    asset.versions.append(version)
    state.shelves.of(AssetShelf).assets[asset.id] = asset
    return operation


def begin(exchange: Exchange, asset: Asset, *, rejected: bool) -> AssetOperation:
    """Begin an operation on an asset, which ends as it should or in moderation's refusal."""
    state = exchange.state
    operation = AssetOperation(
        id=state.ids.uuid(),
        asset=asset.id,
        creator=asset.creator,
        display_name=asset.display_name,
        ready=state.clock.now() + state.settings.operation_seconds,
        rejected=_REJECTED if rejected else "",
    )
    state.shelves.of(AssetShelf).operations[operation.id] = operation
    return operation


def _get(exchange: Exchange) -> object:
    mask = {part.strip() for part in exchange.request.args.get("readMask", "").split(",")} - {""}
    if not mask <= _MASKED.union(_ALWAYS):
        raise Refusal.invalid("readMask names a field that an asset does not have")
    with exchange.state.lock:
        asset = visible(exchange)
        body = asset_body(asset, exchange.state.clock.now())
        wanted = [*(mask - {*_ALWAYS}), *(LINKS if "socialLink" in mask else ())]
        members = {name: asset_member(asset, name) for name in wanted if name != "socialLink"}
        return body | {name: value for name, value in members.items() if value is not None}


def _operation(exchange: Exchange) -> AssetOperation:
    shelf = exchange.state.shelves.of(AssetShelf)
    operation = shelf.operations.get(exchange.arguments["operation_id"])
    if operation is None:
        raise Refusal.not_found("there is no such operation")
    return operation


def _get_operation(exchange: Exchange) -> object:
    state, operation = exchange.state, _operation(exchange)
    with state.lock:
        asset = state.shelves.of(AssetShelf).assets.get(operation.asset)
        return operation_body(operation, asset, state.clock.now())


BEHAVIOURS = {
    "create_asset": Behaviour(_create, _requested_creator),
    "get_asset": Behaviour(_get),
    "get_asset_operation": Behaviour(
        _get_operation, lambda exchange: Creator(_operation(exchange).creator)
    ),
}
