"""Pictures in three dimensions: drawn when they are first asked for, which takes a moment."""

from __future__ import annotations

import io
import struct
from base64 import b64encode
from itertools import chain, product

import msgspec

from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.behaviour.delivery import address
from rblx_oauth.sandbox.contents import Content
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import query_flag
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "DrawingShelf"]

_SOLID = frozenset({"Mesh", "MeshPart", "Model"})
_INVALID = "4"
"""Roblox's number for an id that it draws nothing of."""


class DrawingShelf(Shelf):
    """When each picture that was asked for is drawn."""

    section = "drawings"

    ready: dict[str, float] = {}


def _asset(exchange: Exchange) -> object:
    asset_id = exchange.request.args["assetId"]
    gltf = query_flag(exchange.request, "useGltf")
    state = exchange.state
    with state.lock:
        asset = state.shelves.of(AssetShelf).get(asset_id, state.clock.now())
        if asset is None or asset.type not in _SOLID:
            raise Refusal.invalid("this id is of no asset that has three dimensions", _INVALID)
        return _drawing(exchange, "asset", asset_id, gltf=gltf)


def _avatar(exchange: Exchange) -> object:
    user_id = exchange.request.args["userId"]
    with exchange.state.lock:
        if user_id not in exchange.state.users:
            raise Refusal.invalid("there is no such user", _INVALID)
        return _drawing(exchange, "user", user_id)


def _outfit(exchange: Exchange) -> object:
    """The sandbox has no outfits, and takes every id for one."""
    outfit_id = exchange.request.args["outfitId"]
    if int(outfit_id) < 1:
        raise Refusal.invalid("there is no such outfit", _INVALID)
    with exchange.state.lock:
        return _drawing(exchange, "outfit", outfit_id)


def _drawing(exchange: Exchange, kind: str, target: str, *, gltf: bool = False) -> object:
    state = exchange.state
    now, name = state.clock.now(), f"{kind} {target}{' gltf' if gltf else ''}"
    ready = state.shelves.of(DrawingShelf).ready
    done = ready.setdefault(name, now + state.settings.operation_seconds) <= now
    return {
        "targetId": int(target),
        "state": "Completed" if done else "Pending",
        "imageUrl": address(exchange, _draw(exchange, gltf=gltf)) if done else None,
        "version": "TN3",
    }


def _draw(exchange: Exchange, *, gltf: bool) -> Content:
    """A cube, whatever was asked for: in glTF, or where Roblox's viewer would stand before it."""
    data = msgspec.json.encode(_cube() if gltf else _VIEW)
    sha256, size = exchange.state.contents.keep(io.BytesIO(data))
    media = "model/gltf+json" if gltf else "application/json"
    return Content(sha256=sha256, size=size, media=media)


_VIEW = {
    "camera": {
        "position": {"x": -2.0, "y": 1.5, "z": -2.0},
        "direction": {"x": -0.62, "y": 0.47, "z": -0.62},
        "fov": 70.0,
    },
    "aabb": {
        "min": {"x": -0.5, "y": -0.5, "z": -0.5},
        "max": {"x": 0.5, "y": 0.5, "z": 0.5},
    },
    "mtl": "",
    "obj": "",
    "textures": [],
}


def _cube() -> dict[str, object]:
    """A cube of eight corners and twelve triangles (glTF 2.0)."""
    corners = list(product((-0.5, 0.5), repeat=3))
    sides = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    triangles = [each for a, b, c, d in sides for each in (a, b, c, a, c, d)]
    places = struct.pack("<24f", *chain.from_iterable(corners))
    data = places + struct.pack(f"<{len(triangles)}H", *triangles)
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(corners),
                "type": "VEC3",
                "min": [-0.5] * 3,
                "max": [0.5] * 3,
            },
            {"bufferView": 1, "componentType": 5123, "count": len(triangles), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(places)},
            {"buffer": 0, "byteOffset": len(places), "byteLength": len(data) - len(places)},
        ],
        "buffers": [
            {
                "byteLength": len(data),
                "uri": "data:application/octet-stream;base64," + b64encode(data).decode(),
            }
        ],
    }


BEHAVIOURS = {
    "get_asset_thumbnail_3d": Behaviour(_asset),
    "get_avatar_3d": Behaviour(_avatar),
    "get_outfit_3d": Behaviour(_outfit),
}
