"""What places are made of: instances within instances."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

import msgspec

from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = ["Instance", "InstanceOperation", "InstanceShelf", "tree_of"]

_MAIN = """local Prices = require(game.ReplicatedStorage.Prices)

print("A lantern costs", Prices.Lantern)
"""
_CAMERA = 'print("Looking around")\n'
_PRICES = "return { Lantern = 25, Oil = 5 }\n"

_RUNS: dict[str, object] = {"Enabled": True, "RunContext": "Legacy"}
# Where it is, and what depends on its class.
_PLAIN: dict[str, dict[str, dict[str, object]]] = {
    "": {},
    "Workspace": {},
    "Workspace/Baseplate": {},
    "Workspace/Lanterns": {"Folder": {}},
    "Workspace/Lanterns/Lantern": {},
    "ReplicatedStorage": {},
    "ReplicatedStorage/Prices": {"ModuleScript": {"Source": _PRICES}},
    "ServerScriptService": {},
    "ServerScriptService/Main": {"Script": {**_RUNS, "Source": _MAIN}},
    "StarterPlayer": {},
    "StarterPlayer/StarterPlayerScripts": {},
    "StarterPlayer/StarterPlayerScripts/Camera": {"LocalScript": {**_RUNS, "Source": _CAMERA}},
}


class Instance(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An instance.

    Attributes:
        parent: The id of what it is inside of; empty for what holds all others.
        details: What depends on its class, as the engine writes it; empty where the API
            knows nothing of the class.
        children: The ids of what is inside it.
    """

    id: str
    name: str
    parent: str = ""
    details: dict[str, dict[str, object]] = {}
    children: list[str] = []


class InstanceOperation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that was asked of an instance: over at `ready`, with a response or an error."""

    place: str
    path: str
    ready: float
    response: dict[str, object] = {}
    error: dict[str, object] = {}


class InstanceShelf(Shelf):
    """The instances of places, by the id of the place and their own; and operations by id.

    Attributes:
        trees: A place's instances. The first one holds all others; it answers to ``root`` too.
    """

    section = "instances"

    trees: dict[str, dict[str, Instance]] = {}
    operations: dict[str, InstanceOperation] = {}


def tree_of(state: State, place_id: str) -> dict[str, Instance]:
    """The instances of a place; a small tree that every new place has unless it has its own."""
    trees = state.shelves.of(InstanceShelf).trees
    if place_id not in trees:
        trees[place_id] = _plain_tree(place_id)
    return trees[place_id]


def _plain_tree(place_id: str) -> dict[str, Instance]:
    tree: dict[str, Instance] = {}
    for path, details in _PLAIN.items():
        above, _, name = path.rpartition("/")
        made = Instance(
            id=_id(place_id, path),
            name=name or "DataModel",
            parent=_id(place_id, above) if path else "",
            details={kind: dict(said) for kind, said in details.items()},
        )
        tree[made.id] = made
        if made.parent:
            tree[made.parent].children.append(made.id)
    return tree


def _id(place_id: str, path: str) -> str:
    digest = blake2b(f"{place_id} {path}".encode(), digest_size=16).digest()
    return str(UUID(bytes=digest, version=4))
