"""What people of a new sandbox have uploaded, sell, saved, and show on the home page."""

from __future__ import annotations

import io
from functools import cache
from math import pi, sin
from struct import pack

from rblx_oauth.sandbox.assets import Asset, AssetShelf, Link, Preview, Version
from rblx_oauth.sandbox.behaviour.creator_store_shelf import (
    Details,
    Product,
    StoreShelf,
    product_id,
)
from rblx_oauth.sandbox.behaviour.homepage_thumbnails import (
    Home,
    HomepageShelf,
    Personalization,
    Thumbnail,
)
from rblx_oauth.sandbox.contents import Content
from rblx_oauth.sandbox.drawing import Colour, png
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.state import State

__all__ = ["seed_assets"]

_DAY = 86_400.0
_ADA, _ZOE, _STUDIO = "U1000001", "U1000002", "G2000001"
_LANTERN_QUEST = "3000001"
_FIRST = 6_000_000
_PIXELS = 64
_AMBER, _SLATE, _MOSS = (214, 145, 49), (72, 86, 110), (96, 128, 72)
_RATE, _SECONDS, _PITCH = 8_000, 1.5, 440.0
_BRIDGE = """<roblox version="4">
  <Item class="Model"><Properties><string name="Name">{}</string></Properties></Item>
</roblox>
"""


def seed_assets(state: State) -> None:
    """Fill a state that has its users, groups and universes."""
    amber, slate, moss = (_picture(state, colour) for colour in (_AMBER, _SLATE, _MOSS))
    bell = _kept(state, _tone(), "audio/wav", seconds=_SECONDS)
    bridge, wider = (
        _kept(state, _BRIDGE.format(name).encode(), "model/x-rbxm")
        for name in ("Oak bridge", "Wider oak bridge")
    )
    assets = (
        _asset(1, "Image", "Lantern", _ADA, amber),
        _asset(2, "Decal", "Lantern sign", _ADA, amber, text="Hangs over a door."),
        _asset(3, "Model", "Oak bridge", _ADA, bridge, wider, text="Bears a cart."),
        _asset(4, "Audio", "Tide bell", _STUDIO, bell, text="Rings when the water comes."),
        _asset(5, "Plugin", "Path painter", _ZOE, bridge, text="Paints paths on terrain."),
        _asset(6, "Model", "Garden gate", _ZOE, bridge),
        _asset(7, "Image", "Night", _ADA, slate),
        _asset(8, "Image", "Day", _ADA, moss),
    )
    by_id = {asset.id: asset for asset in assets}
    by_id["6000003"].previews = [Preview(asset="6000001", alt_text="A lantern at its end")]
    by_id["6000003"].links = {"twitchSocialLink": Link(uri="https://twitch.tv/ada_builds")}
    state.shelves.of(AssetShelf).assets.update(by_id)
    _seed_store(state, by_id)
    _seed_home(state)


def _asset(
    number: int, kind: str, name: str, creator: str, *contents: Content, text: str = ""
) -> Asset:
    made = BUILT + number * _DAY
    versions = [
        Version(number=at, created=made + at * _DAY, content=content)
        for at, content in enumerate(contents, start=1)
    ]
    return Asset(
        id=str(_FIRST + number),
        type=kind,
        display_name=name,
        description=text,
        creator=creator,
        created=made,
        updated=versions[-1].created,
        versions=versions,
    )


def _seed_store(state: State, assets: dict[str, Asset]) -> None:
    prices = {"6000002": 0, "6000003": 0, "6000004": 0, "6000005": 499}
    shelf = StoreShelf(
        products={
            product_id(assets[each].type, each): Product(
                asset=each, type=assets[each].type, price=price, published=True
            )
            for each, price in prices.items()
        },
        details={
            "6000002": Details(up_votes=12, down_votes=1, tags=["light", "sign"]),
            "6000003": Details(
                up_votes=48,
                down_votes=3,
                category_path="3d__props-and-decor",
                tags=["wood", "bridge"],
                swimlanes=["essential"],
                instances={"meshPart": 7, "decal": 1},
            ),
            "6000004": Details(
                up_votes=5, tags=["water"], audio_type="SoundEffect", artist="Moonlight Studio"
            ),
            "6000005": Details(
                up_votes=150, down_votes=9, tags=["terrain"], swimlanes=["trending"]
            ),
        },
        saves={"1000001": {product_id("Plugin", "6000005"): BUILT + 100 * _DAY}},
    )
    state.shelves.put(shelf)


def _seed_home(state: State) -> None:
    names = [state.ids.uuid("homepage_thumbnail") for _ in range(2)]
    home = Home(
        thumbnails={
            name: Thumbnail(asset=asset, place=place)
            for place, (name, asset) in enumerate(zip(names, ("6000007", "6000008"), strict=True))
        },
        personalizations={
            state.ids.uuid("personalization"): Personalization(
                thumbnails=names, place=0, created=BUILT + 40 * _DAY
            )
        },
    )
    state.shelves.put(HomepageShelf(universes={_LANTERN_QUEST: home}))


def _picture(state: State, colour: Colour) -> Content:
    drawn = png(_PIXELS, colour, is_round=False)
    return _kept(state, drawn, "image/png", width=_PIXELS, height=_PIXELS)


def _kept(
    state: State,
    data: bytes,
    media: str,
    *,
    width: int = 0,
    height: int = 0,
    seconds: float = 0.0,
) -> Content:
    sha256, size = state.contents.keep(io.BytesIO(data))
    return Content(
        sha256=sha256, size=size, media=media, width=width, height=height, seconds=seconds
    )


@cache
def _tone() -> bytes:
    """A sound of one pitch that fades, as WAV of a byte a sample."""
    count = int(_RATE * _SECONDS)
    samples = bytes(
        128 + round(100 * (1 - at / count) * sin(2 * pi * _PITCH * at / _RATE))
        for at in range(count)
    )
    kind = pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, _RATE, 1, 8)
    data = pack("<4sI", b"data", count) + samples
    return pack("<4sI4s", b"RIFF", 4 + len(kind) + len(data), b"WAVE") + kind + data
