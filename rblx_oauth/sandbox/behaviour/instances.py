"""Instances of places: read, listed and changed through operations that take a moment."""

from __future__ import annotations

from itertools import takewhile
from typing import Literal

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.behaviour.places import place_in_universe
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.instance_tree import Instance, InstanceOperation, InstanceShelf, tree_of
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.parsing import json_body, query_size
from rblx_oauth.sandbox.places import Place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 200
_SOURCE = 200_000
_RESPONSE = 500_000
_TYPES = "type.googleapis.com/roblox.open_cloud.cloud.v2"
_REMEMBERED = 24 * 3600.0
_SCRIPTS = ("Script", "LocalScript", "ModuleScript")


class _Module(msgspec.Struct, rename="pascal", omit_defaults=True):
    source: str | None = None


class _Script(_Module):
    enabled: bool | None = None
    run_context: Literal["Legacy", "Server", "Client", "Plugin"] | None = None


class _Details(msgspec.Struct, rename="pascal", omit_defaults=True):
    script: _Script | None = None
    local_script: _Script | None = None
    module_script: _Module | None = None
    folder: dict[str, object] | None = None


class _Engine(msgspec.Struct, rename="pascal"):
    name: str | None = None
    details: _Details | None = None


class _Update(msgspec.Struct, rename="camel"):
    engine_instance: _Engine


def _found(exchange: Exchange, place: Place) -> Instance:
    tree, wanted = tree_of(exchange.state, place.id), exchange.arguments["instance_id"]
    found = next(iter(tree.values())) if wanted == "root" else tree.get(wanted)
    if found is None:
        raise Refusal.not_found("there is no such instance in the place")
    return found


def _body(place: Place, instance: Instance) -> dict[str, object]:
    engine: dict[str, object] = {
        "Id": instance.id,
        "Parent": instance.parent,
        "Name": instance.name,
        "Details": instance.details,
    }
    return {
        "path": f"universes/{place.universe}/places/{place.id}/instances/{instance.id}",
        "hasChildren": bool(instance.children),
        "engineInstance": {name: value for name, value in engine.items() if value != ""},
    }


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        place = place_in_universe(exchange)
        instance = _found(exchange, place)
        return _begun(exchange, place, "Instance", _body(place, instance))


def _children(exchange: Exchange) -> object:
    size = query_size(exchange.request, "maxPageSize", default=_PAGE, most=_PAGE)
    start = begin(exchange) or 0
    with exchange.state.lock:
        place = place_in_universe(exchange)
        tree, inside = tree_of(exchange.state, place.id), _found(exchange, place).children
        listed = [_body(place, tree[each]) for each in inside[start : start + size]]
        page: dict[str, object] = {"instances": listed}
        if start + size < len(inside):
            page["nextPageToken"] = write_page_token((str(start + size),), *asked(exchange))
        return _begun(exchange, place, "ListInstanceChildrenResponse", page)


def _update(exchange: Exchange) -> object:
    change = json_body(exchange.request, _Update).engine_instance
    details: dict[str, dict[str, object]] = msgspec.to_builtins(change.details) or {}
    with exchange.state.lock:
        place = place_in_universe(exchange)
        instance = _found(exchange, place)
        (kind,) = set(instance.details) & set(_SCRIPTS) or {""}
        if not kind:
            raise Refusal.invalid("only scripts can be changed")
        if not set(details) <= {kind}:
            raise Refusal.invalid(f"the instance is a {kind}, and Details are of another class")
        changes = details.get(kind, {})
        if len(str(changes.get("Source", "")).encode()) > _SOURCE:
            raise Refusal.invalid(f"Source has {_SOURCE} bytes at most")
        instance.name = change.name or instance.name
        instance.details[kind] |= changes
        return _begun(exchange, place, "Instance", _body(place, instance))


def _begun(
    exchange: Exchange, place: Place, kind: str, response: dict[str, object]
) -> dict[str, object]:
    """The operation that ends in a response, or in an error where that is too large."""
    state = exchange.state
    operation_id = state.ids.uuid("instance_operation")
    home = f"universes/{place.universe}/places/{place.id}"
    asked_of = exchange.arguments["instance_id"]
    made = InstanceOperation(
        place=place.id,
        path=f"{home}/instances/{asked_of}/operations/{operation_id}",
        ready=state.clock.now() + state.settings.operation_seconds,
    )
    if len(msgspec.json.encode(response)) > _RESPONSE:
        said = f"the response has more than {_RESPONSE} bytes"
        made.error = {"code": 422, "message": said, "details": []}
    else:
        made.response = plain(msgspec.json.encode({"@type": f"{_TYPES}.{kind}", **response}))
    operations, now = state.shelves.of(InstanceShelf).operations, state.clock.now()
    for old in list(takewhile(lambda key: now >= operations[key].ready + _REMEMBERED, operations)):
        del operations[old]
    operations[operation_id] = made
    return _state(exchange, made)


def _state(exchange: Exchange, operation: InstanceOperation) -> dict[str, object]:
    if exchange.state.clock.now() < operation.ready:
        return {"path": operation.path, "done": False}
    outcome: dict[str, object] = (
        {"error": operation.error} if operation.error else {"response": operation.response}
    )
    return {"path": operation.path, "done": True, **outcome}


def _poll(exchange: Exchange) -> object:
    with exchange.state.lock:
        place = place_in_universe(exchange)
        if not exchange.caller.may_touch_universe(place.universe):
            raise Refusal.denied(f"this credential was not granted universe {place.universe}")
        operations = exchange.state.shelves.of(InstanceShelf).operations
        found = operations.get(exchange.arguments["operation_id"])
        if found is None or found.place != place.id:
            raise Refusal.not_found("there is no such operation")
        return _state(exchange, found)


BEHAVIOURS = {
    "get_instance": Behaviour(_get),
    "get_instance_operation": Behaviour(_poll),
    "list_instance_children": Behaviour(_children),
    "update_instance": Behaviour(_update),
}
