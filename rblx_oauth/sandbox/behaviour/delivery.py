"""Where the content of an asset can be fetched from, for a while."""

from __future__ import annotations

from rblx_oauth.sandbox.assets import TYPES, Asset, Version
from rblx_oauth.sandbox.behaviour.asset_access import visible
from rblx_oauth.sandbox.contents import Content
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "address"]

_SECONDS = 3600.0
"""How long an address is good for."""


def address(exchange: Exchange, content: Content) -> str:
    """Where that content can be fetched from, without a credential, for an hour."""
    state = exchange.state
    ticket = state.contents.ticket(content, state.clock.now() + _SECONDS)
    # The name that the caller reaches the sandbox by; it is one of this machine's own.
    return f"{exchange.request.host_url}_sandbox/content/{ticket}"


def _locate(exchange: Exchange) -> object:
    with exchange.state.lock:
        asset = visible(exchange)
        return _location(exchange, asset, asset.latest(exchange.state.clock.now()))


def _locate_version(exchange: Exchange) -> object:
    with exchange.state.lock:
        asset = visible(exchange)
        number = exchange.arguments["version_number"]
        version = asset.version(number, exchange.state.clock.now())
        if version is None:
            raise Refusal.not_found("the asset has no such version")
        return _location(exchange, asset, version)


def _location(exchange: Exchange, asset: Asset, version: Version) -> object:
    state, request = exchange.state, exchange.request
    expected = request.headers.get("AssetType") or request.args.get("expectedAssetType")
    if expected and expected != asset.type:
        raise Refusal(409, "ABORTED", f"the asset is of type {asset.type}, not {expected}")
    if version.moderation(state.clock.now()) == "Rejected":
        raise Refusal.denied("moderation refused this content")
    if version.content is None or state.contents.find(version.content.sha256) is None:
        raise Refusal.not_found("the sandbox has the content of this version no more")
    return {
        "location": address(exchange, version.content),
        "requestId": state.ids.uuid("request"),
        "isArchived": asset.archived,
        "assetTypeId": TYPES[asset.type],
        "isRecordable": True,
    }


BEHAVIOURS = {
    "get_asset_location": Behaviour(_locate),
    "get_asset_version_location": Behaviour(_locate_version),
}
