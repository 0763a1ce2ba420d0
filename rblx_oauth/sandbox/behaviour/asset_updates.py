"""Changing what is told of an asset, and uploading new content of a model."""

from __future__ import annotations

from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.behaviour.asset_access import changeable
from rblx_oauth.sandbox.behaviour.asset_bodies import asset_member, operation_body
from rblx_oauth.sandbox.behaviour.asset_changes import changed, changed_members
from rblx_oauth.sandbox.behaviour.asset_files import keep_asset_file
from rblx_oauth.sandbox.behaviour.asset_requests import form_request, moderated
from rblx_oauth.sandbox.behaviour.assets import begin, process
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]


def _update(exchange: Exchange) -> object:
    """Answers what changed; or an operation, where there is something to process or to refuse."""
    state = exchange.state
    body = form_request(exchange, dict[str, object])
    upload = exchange.request.files.get("fileContent")
    with state.lock:  # content of a model is never so large that others would wait for it
        asset = changeable(exchange)
        if str(body.get("assetId")) != asset.id:
            raise Refusal.invalid("the request needs an assetId, that of the path")
        names = changed_members(exchange, body)
        if not names and upload is None:
            raise Refusal.invalid("there is nothing to update: neither content nor a member")
        if upload is not None and asset.type != "Model":
            raise Refusal.invalid(f"content of models can be updated, not of {asset.type}")
        new = changed(exchange, asset, names, body)
        if "displayName" in names and moderated(exchange, new.display_name):
            return operation_body(begin(exchange, asset, rejected=True), None, state.clock.now())
        operation = None
        if upload is not None:
            content = keep_asset_file(state.contents, upload, asset.type)
            bad = moderated(exchange, upload.filename or "")
            operation = process(exchange, new, content, rejected=bad)
        if operation is None or not operation.rejected:
            state.shelves.of(AssetShelf).assets[asset.id] = new
        if operation is not None:
            return operation_body(operation, new, state.clock.now())
        return {"path": f"assets/{asset.id}", **{name: asset_member(new, name) for name in names}}


BEHAVIOURS = {"update_asset": Behaviour(_update)}
