"""Which assets of the Creator Store a search finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from rblx_oauth.sandbox.assets import Asset, AssetShelf
from rblx_oauth.sandbox.behaviour.creator_store import verified
from rblx_oauth.sandbox.behaviour.creator_store_items import details_of
from rblx_oauth.sandbox.behaviour.creator_store_shelf import Details, StoreShelf
from rblx_oauth.sandbox.state import State

__all__ = ["Direction", "Kind", "Wanted", "found", "hits", "votes"]

Kind = Literal["Audio", "Decal", "FontFamily", "MeshPart", "Model", "Plugin", "Video"]
Direction = Literal["None", "Ascending", "Descending"]

_PRICED = "priced"
_PAGE = 25


class Audio(msgspec.Struct, rename="camel"):
    audio_types: list[str] | None = None
    min_duration_seconds: int | None = None
    max_duration_seconds: int | None = None
    artist: str | None = None
    album: str | None = None
    music_chart_type: str | None = None


class Models(msgspec.Struct, rename="camel"):
    included_sub_types: list[str] | None = None
    excluded_sub_types: list[str] | None = None
    included_instance_types: list[str] | None = None


class Wanted(msgspec.Struct, rename="camel"):
    """What is looked for; as the body of the one operation has it."""

    search_category_type: Kind | None = None
    query: str | None = None
    image: bytes | None = None
    user_id: int | None = None
    group_id: int | None = None
    page_token: str | None = None
    page_number: int | None = None
    max_page_size: int = _PAGE
    sort_direction: Direction | None = None
    sort_category: (
        Literal[
            "AudioDuration",
            "CreateTime",
            "Ratings",
            "Relevance",
            "Top",
            "Trending",
            "UpdatedTime",
        ]
        | None
    ) = None
    include_only_verified_creators: bool = False
    min_price_cents: int | None = None
    max_price_cents: int | None = None
    facets: list[str] | None = None
    tags: list[str] | None = None
    category_path: str | None = None
    swimlane: str | None = None
    search_view: Literal["IDs", "Core", "Full"] | None = None
    audio_search_filters: Audio | None = None
    model_search_filters: Models | None = None

    @property
    def words(self) -> list[str]:
        """What must be somewhere in the asset's texts."""
        return [*(self.query or "").split(), *(self.facets or ())]


def found(state: State, wanted: Wanted) -> Iterator[Asset]:
    """The assets that fit, in the order in which they came into the store."""
    shelf, assets = state.shelves.of(StoreShelf), state.shelves.of(AssetShelf)
    now = state.clock.now()
    for product in shelf.products.values():
        if wanted.search_category_type not in (None, product.type) or not product.published:
            continue
        if not _priced(wanted, product.price):
            continue
        asset = assets.get(product.asset, now)
        if asset is not None and not asset.archived and _fits(state, wanted, asset):
            yield asset


def _priced(wanted: Wanted, price: int) -> bool:
    least, most = wanted.min_price_cents, wanted.max_price_cents
    if wanted.swimlane == _PRICED and not price:
        return False
    return (least is None or price >= least) and (most is None or price <= most)


def _fits(state: State, wanted: Wanted, asset: Asset) -> bool:
    details = details_of(state, asset)
    creator = {f"U{wanted.user_id}", f"G{wanted.group_id}"} - {"UNone", "GNone"}
    if creator and asset.creator not in creator:
        return False
    if wanted.include_only_verified_creators and not verified(state, asset.creator):
        return False
    if wanted.image is not None and not _same_picture(asset, wanted.image):
        return False
    if not details.category_path.startswith(wanted.category_path or ""):
        return False
    if wanted.swimlane not in (None, "", _PRICED, *details.swimlanes):
        return False
    return (
        set(wanted.tags or ()) <= set(details.tags)
        and hits(asset, details, wanted.words) >= 0
        and _sounds(asset, details, wanted.audio_search_filters)
        and _holds(asset, details, wanted.model_search_filters)
    )


def hits(asset: Asset, details: Details, words: Sequence[str]) -> int:
    """How often words are in an asset's name or tags; -1 if one is nowhere in its texts."""
    if not words:
        return 0
    name = f"{asset.display_name} {' '.join(details.tags)}".lower()
    text = f"{name} {asset.description.lower()}"
    wanted = [word.lower() for word in words]
    if any(word not in text for word in wanted):
        return -1
    return sum(name.count(word) for word in wanted)


def votes(state: State, asset: Asset) -> int:
    """How many more people like an asset than do not."""
    details = details_of(state, asset)
    return details.up_votes - details.down_votes


def _same_picture(asset: Asset, image: bytes) -> bool:
    """Whether it is that very file; the sandbox does not see what looks alike."""
    return asset.content is not None and asset.content.sha256 == sha256(image).hexdigest()


def _sounds(asset: Asset, details: Details, wanted: Audio | None) -> bool:
    """Whether audio is as wanted; what is no audio always is."""
    if wanted is None or asset.type != "Audio":
        return True
    length = asset.content.seconds if asset.content else 0.0
    most = wanted.max_duration_seconds
    chart = wanted.music_chart_type
    return (
        length >= (wanted.min_duration_seconds or 0)
        and (most is None or length <= most)
        and (not wanted.audio_types or details.audio_type in wanted.audio_types)
        and (wanted.artist or "").lower() in details.artist.lower()
        and (wanted.album or "").lower() in details.album.lower()
        and (chart in (None, "None") or chart in details.charts)
    )


def _holds(asset: Asset, details: Details, wanted: Models | None) -> bool:
    """Whether a model is as wanted; what is no model always is."""
    if wanted is None or asset.type != "Model":
        return True
    kinds = {name.lower() for name, count in details.instances.items() if count}
    included, excluded = wanted.included_sub_types, wanted.excluded_sub_types
    return (
        (not included or bool(set(included) & set(details.sub_types)))
        and not set(excluded or ()) & set(details.sub_types)
        and {each.lower() for each in wanted.included_instance_types or ()} <= kinds
    )
