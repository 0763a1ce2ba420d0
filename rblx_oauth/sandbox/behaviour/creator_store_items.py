"""Assets as the Creator Store shows them."""

from __future__ import annotations

from rblx_oauth.sandbox.assets import TYPES, Asset
from rblx_oauth.sandbox.behaviour.asset_bodies import LINKS
from rblx_oauth.sandbox.behaviour.creator_store import money, verified
from rblx_oauth.sandbox.behaviour.creator_store_shelf import (
    Details,
    Product,
    StoreShelf,
    product_id,
)
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.state import State

__all__ = ["creator_name", "details_of", "item"]

_INSTANCES = ("script", "meshPart", "animation", "decal", "audio", "tool")
_NOTHING = Details()


def details_of(state: State, asset: Asset) -> Details:
    """What the store knows of an asset beside what the asset says."""
    return state.shelves.of(StoreShelf).details.get(asset.id, _NOTHING)


def creator_name(state: State, creator: str) -> str:
    """What a user or group is called."""
    found = (state.users if creator.startswith("U") else state.groups).get(creator[1:])
    return found.name if found is not None else ""


def item(state: State, asset: Asset, view: str = "Full") -> dict[str, object]:
    """An asset in the store; as ``IDs`` only its id, as ``Core`` without votes."""
    if view == "IDs":
        return {"asset": {"id": int(asset.id)}}
    product = state.shelves.of(StoreShelf).products.get(product_id(asset.type, asset.id))
    body: dict[str, object] = {
        "creator": _creator(state, asset),
        "creatorStoreProduct": _product(asset, product),
        "asset": _asset(state, asset),
    }
    return body if view == "Core" else body | {"voting": _voting(details_of(state, asset))}


def _creator(state: State, asset: Asset) -> dict[str, object]:
    kind = "user" if asset.creator.startswith("U") else "group"
    return {
        "creator": f"{kind}/{asset.creator[1:]}",
        f"{kind}Id": int(asset.creator[1:]),
        "name": creator_name(state, asset.creator),
        "verified": verified(state, asset.creator),
    }


def _product(asset: Asset, product: Product | None) -> dict[str, object]:
    published = product is not None and product.published and not asset.archived
    price = product.price if product is not None else 0
    return {"purchasePrice": money(price), "purchasable": published}


def _voting(details: Details) -> dict[str, object]:
    count = details.up_votes + details.down_votes
    return {
        "showVotes": True,
        "upVotes": details.up_votes,
        "downVotes": details.down_votes,
        "canVote": False,
        "hasVoted": False,
        "voteCount": count,
        "upVotePercent": details.up_votes * 100 // count if count else 0,
    }


def _asset(state: State, asset: Asset) -> dict[str, object]:
    details = details_of(state, asset)
    links = [
        {"linkType": number, "url": asset.links[name].uri, "title": asset.links[name].title}
        for number, name in enumerate(LINKS, start=1)
        if name in asset.links
    ]
    return {
        "id": int(asset.id),
        "name": asset.display_name,
        "description": asset.description,
        "assetTypeId": TYPES[asset.type],
        "socialLinks": links,
        "previewAssets": {
            "imagePreviewAssets": [int(preview.asset) for preview in asset.previews],
            "videoPreviewAssets": [],
        },
        "createTime": rfc3339(asset.created),
        "updateTime": rfc3339(max(asset.updated, asset.created)),
        "categoryPath": details.category_path or None,
        **_own(asset, details),
    }


def _own(asset: Asset, details: Details) -> dict[str, object]:
    """What only assets of that type have."""
    if asset.type == "Audio":
        length = asset.content.seconds if asset.content else 0
        return {
            "durationSeconds": round(length),
            "audioType": details.audio_type,
            "artist": details.artist or None,
            "title": asset.display_name,
            **({"album": details.album} if details.album else {}),
        }
    if asset.type == "Decal":
        return {"textureId": int(asset.id)}
    if asset.type == "Model":
        counts = {name: details.instances.get(name, 0) for name in _INSTANCES}
        return {
            "subTypes": details.sub_types,
            "hasScripts": bool(counts["script"]),
            "scriptCount": counts["script"],
            "instanceCounts": counts,
        }
    return {}
