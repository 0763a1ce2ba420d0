"""The versions of an asset, going back to one, and putting an asset away for a while."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.assets import Asset, Version
from rblx_oauth.sandbox.behaviour.asset_access import changeable
from rblx_oauth.sandbox.behaviour.asset_bodies import asset_body, version_body
from rblx_oauth.sandbox.behaviour.asset_requests import form_text
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.paging import Page
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_DEFAULT, _MOST = 8, 50


class _Rollback(msgspec.Struct, rename="camel"):
    asset_version: str


def _list(exchange: Exchange) -> object:
    """Newest first."""
    request = exchange.request
    size = int(request.args.get("maxPageSize") or _DEFAULT)
    if not 1 <= size <= _MOST:
        raise Refusal.invalid(f"maxPageSize is from 1 to {_MOST}")
    with exchange.state.lock:
        asset, now = changeable(exchange), exchange.state.clock.now()
        about = (exchange.operation.name, asset.id)
        page = Page(request.args.get("pageToken", ""), 1, about, size=size)
        last = int(page.after[0]) if page.after and page.after[0].isdecimal() else None
        page.fill(
            ((str(version.number),), version_body(asset, version, now))
            for version in reversed(asset.ready(now))
            if last is None or version.number < last
        )
        return page.answer("assetVersions")


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        asset, now = changeable(exchange), exchange.state.clock.now()
        return version_body(asset, _version(asset, exchange.arguments["version_number"], now), now)


def _rollback(exchange: Exchange) -> object:
    """The content of an earlier version becomes the newest, under a number of its own."""
    path = _wanted(exchange)
    state = exchange.state
    with state.lock:
        asset, now = changeable(exchange), state.clock.now()
        start = f"assets/{asset.id}/versions/"
        if not path.startswith(start):
            raise Refusal.invalid(f"assetVersion must be {start} and a number")
        version = msgspec.structs.replace(
            _version(asset, path.removeprefix(start), now),
            number=len(asset.versions) + 1,
            created=now,
            ready=now,
        )
        asset.versions.append(version)
        asset.updated = now
        return version_body(asset, version, now)


def _wanted(exchange: Exchange) -> str:
    """The version's path, of a form or, as some programs send it, of JSON."""
    if exchange.request.mimetype == "application/json":
        return json_body(exchange.request, _Rollback).asset_version
    text = form_text(exchange, "assetVersion")
    if text is None:
        raise Refusal.invalid("the form needs a part named assetVersion")
    return text


def _version(asset: Asset, number: str, now: float) -> Version:
    version = asset.version(number, now)
    if version is None:
        raise Refusal.not_found("the asset has no such version")
    return version


def _archive(exchange: Exchange, *, archived: bool = True) -> object:
    with exchange.state.lock:
        asset = changeable(exchange)
        asset.archived = archived
        asset.updated = exchange.state.clock.now()
        return asset_body(asset, asset.updated)


def _restore(exchange: Exchange) -> object:
    return _archive(exchange, archived=False)


BEHAVIOURS = {
    "archive_asset": Behaviour(_archive),
    "get_asset_version": Behaviour(_get),
    "list_asset_versions": Behaviour(_list),
    "restore_asset": Behaviour(_restore),
    "rollback_asset_version": Behaviour(_rollback),
}
