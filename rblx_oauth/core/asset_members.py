"""The members of an asset that can be asked for by name, and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rblx_oauth.core.arguments import identifier, several, string, text
from rblx_oauth.models.assets import Asset
from rblx_oauth.models.base import SocialLink

DESCRIPTION_LENGTH = 1000
SOCIAL_LINKS = 3
"""Links that an asset may have."""

_LINK = "_social_link"
_WIRE = {
    field.name: field.encode_name
    for field in msgspec.structs.fields(Asset)
    if field.name in ("description", "display_name", "icon_id", "previews")
    or field.name.endswith(_LINK)
}
_SITES = tuple(name.removesuffix(_LINK) for name in _WIRE if name.endswith(_LINK))


def read_mask(members: Iterable[str]) -> str | None:
    """Members, by their Python names, as a mask asks for them; None if there are none.

    Raises:
        TypeError: They are a single string.
        ValueError: One cannot be asked for.
    """
    return ",".join(several("members", members, _wire)) or None


def changes(
    *,
    display_name: str | None,
    description: str | None,
    icon_id: int | None,
    previews: Mapping[int, str] | None,
    social_links: Mapping[str, str | SocialLink] | None,
) -> dict[str, object]:
    """What is to be changed, as JSON, by its name on the wire; at least one member.

    Raises:
        ValueError, TypeError: An argument is wrong, or none is given.
    """
    found: dict[str, object] = {}
    if display_name is not None:
        found["displayName"] = text("display_name", display_name)
    if description is not None:
        found["description"] = string("description", description, DESCRIPTION_LENGTH)
    if icon_id is not None:
        found["icon"] = _path("icon_id", icon_id)
    if previews is not None:
        found["previews"] = [
            {"asset": _path("previews", image), "altText": string("previews", words)}
            for image, words in previews.items()
        ]
    found |= _links(social_links or {})
    if not found:
        raise ValueError("there is nothing to update: give at least one argument")
    return found


def _wire(name: str, member: str) -> str:
    if member not in _WIRE:
        raise ValueError(f"{name} must be among {', '.join(_WIRE)}, not {member!r}")
    return _WIRE[member]


def _path(name: str, asset_id: int) -> str:
    return "assets/" + identifier(name, asset_id)


def _links(links: Mapping[str, str | SocialLink]) -> dict[str, object]:
    if len(links) > SOCIAL_LINKS:
        raise ValueError(f"social_links has {len(links)} links; the limit is {SOCIAL_LINKS}")
    found: dict[str, object] = {}
    for site, link in links.items():
        if site not in _SITES:
            raise ValueError(f"social_links must be of {', '.join(_SITES)}, not {site!r}")
        if not isinstance(link, SocialLink):
            link = SocialLink(uri=text(f"social_links[{site!r}]", link))
        found[_WIRE[site + _LINK]] = msgspec.to_builtins(link)
    return found
