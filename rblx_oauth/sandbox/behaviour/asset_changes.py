"""What an update may change of an asset: which members, to what, and whether that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from rblx_oauth._decoding import converter
from rblx_oauth.sandbox.assets import Asset, Link, Preview
from rblx_oauth.sandbox.behaviour.asset_access import find
from rblx_oauth.sandbox.behaviour.asset_bodies import LINKS
from rblx_oauth.sandbox.behaviour.asset_requests import check_description, check_name
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["changed", "changed_members"]

T = TypeVar("T")
_MOST_LINKS = 3
_MEMBERS = ("displayName", "description", "icon", "previews", *LINKS)


class _Preview(msgspec.Struct, rename="camel"):
    asset: str
    alt_text: str = ""


class _Link(msgspec.Struct):
    uri: str
    title: str = ""


def changed_members(exchange: Exchange, body: Mapping[str, object]) -> list[str]:
    """The members that an update changes: those of ``updateMask``, or else those it brings.

    Raises:
        Refusal: 400, the mask names what cannot be changed.
    """
    mask = exchange.request.args.get("updateMask", "")
    if not mask:
        return [name for name in _MEMBERS if name in body]
    names = {path.strip() for path in mask.split(",")}
    if not names <= set(_MEMBERS):
        raise Refusal.invalid(f"updateMask takes {', '.join(_MEMBERS)}")
    return [name for name in _MEMBERS if name in names]


def changed(
    exchange: Exchange, asset: Asset, names: Sequence[str], body: Mapping[str, object]
) -> Asset:
    """The asset as it is to be: what is named and not given is cleared.

    Raises:
        Refusal: 400, something cannot be what it is to be.
    """
    new = msgspec.structs.replace(asset, links=dict(asset.links))
    for name in names:
        value = body.get(name)
        if name == "displayName":
            new.display_name = check_name(_read(name, value or "", str))
        elif name == "description":
            new.description = check_description(exchange, _read(name, value or "", str))
        elif name == "icon":
            new.icon = _image(exchange, name, _read(name, value, str), square=True) if value else ""
        elif name == "previews":
            new.previews = [
                Preview(asset=_image(exchange, name, each.asset), alt_text=each.alt_text)
                for each in _read(name, value or [], list[_Preview])
            ]
        elif value:
            new.links[name] = _link(name, _read(name, value, _Link))
        else:
            new.links.pop(name, None)
    if len(new.links) > _MOST_LINKS:
        raise Refusal.invalid(f"an asset has {_MOST_LINKS} links at most")
    new.updated = exchange.state.clock.now()
    return new


def _read(name: str, value: object, kind: type[T]) -> T:
    try:
        return converter(kind)(value)
    except msgspec.ValidationError as error:
        raise Refusal.invalid(f"{name} is not as expected: {error}") from None


def _image(exchange: Exchange, name: str, path: str, *, square: bool = False) -> str:
    """The id of an image asset, which is given by its path."""
    image = find(exchange, path.removeprefix("assets/"))
    if image.type != "Image":
        raise Refusal.invalid(f"{name} takes an asset of type Image, not {image.type}")
    content = image.latest(exchange.state.clock.now()).content
    if square and content is not None and content.width != content.height:
        raise Refusal.invalid(f"an icon is square, not {content.width} x {content.height} pixels")
    return image.id


def _link(name: str, link: _Link) -> Link:
    try:
        parts = urlsplit(link.uri)
        host, scheme = (parts.hostname or "").removeprefix("www."), parts.scheme
    except ValueError:
        host = scheme = ""
    if scheme != "https" or host not in LINKS[name]:
        raise Refusal.invalid(f"{name} leads to https://{LINKS[name][0]}/...")
    return Link(uri=link.uri, title=link.title)
