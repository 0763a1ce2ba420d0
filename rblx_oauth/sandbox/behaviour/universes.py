"""Universes: what they are, and whether players may enter."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from rblx_oauth.sandbox.behaviour.legacy import readable_universe, universe_ids, writable_universe
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.game_servers import close_servers
from rblx_oauth.sandbox.patching import patch
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.places import PlaceShelf, touch_universe
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS"]

_INT32 = 2**31


class SocialLink(msgspec.Struct, kw_only=True):
    """A link that a universe shows."""

    title: str = ""
    uri: str = ""


class UniverseSettings(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What can be changed of a universe itself. Its root place names and describes it."""

    facebook_social_link: SocialLink | None = None
    twitter_social_link: SocialLink | None = None
    youtube_social_link: SocialLink | None = None
    twitch_social_link: SocialLink | None = None
    discord_social_link: SocialLink | None = None
    roblox_group_social_link: SocialLink | None = None
    guilded_social_link: SocialLink | None = None
    voice_chat_enabled: bool = False
    private_server_price_robux: int | None = None
    desktop_enabled: bool = True
    mobile_enabled: bool = True
    tablet_enabled: bool = True
    console_enabled: bool = False
    vr_enabled: bool = False


class UniverseShelf(Shelf):
    """The settings of universes, by id; those of others are the defaults."""

    section = "universe_settings"

    settings: dict[str, UniverseSettings] = {}


class _Changes(msgspec.Struct, kw_only=True, rename="camel"):
    facebook_social_link: SocialLink | UnsetType | None = UNSET
    twitter_social_link: SocialLink | UnsetType | None = UNSET
    youtube_social_link: SocialLink | UnsetType | None = UNSET
    twitch_social_link: SocialLink | UnsetType | None = UNSET
    discord_social_link: SocialLink | UnsetType | None = UNSET
    roblox_group_social_link: SocialLink | UnsetType | None = UNSET
    guilded_social_link: SocialLink | UnsetType | None = UNSET
    voice_chat_enabled: bool | UnsetType | None = UNSET
    private_server_price_robux: int | UnsetType | None = UNSET
    desktop_enabled: bool | UnsetType | None = UNSET
    mobile_enabled: bool | UnsetType | None = UNSET
    tablet_enabled: bool | UnsetType | None = UNSET
    console_enabled: bool | UnsetType | None = UNSET
    vr_enabled: bool | UnsetType | None = UNSET


_CLEARABLE = frozenset(
    each.name for each in msgspec.structs.fields(UniverseSettings) if each.default is None
)


def _body(exchange: Exchange, universe: Universe) -> dict[str, object]:
    shelves = exchange.state.shelves
    settings = shelves.of(UniverseShelf).settings.get(universe.id) or UniverseSettings()
    said: dict[str, object] = msgspec.to_builtins(settings)
    changed = shelves.of(PlaceShelf).touched.get(universe.id, universe.created)
    owner = (
        {"user": f"users/{universe.user}"}
        if universe.user
        else {"group": f"groups/{universe.group}"}
    )
    root = universe.root_place
    return {
        "path": f"universes/{universe.id}",
        "createTime": rfc3339(universe.created),
        "updateTime": rfc3339(changed),
        "displayName": universe.name,
        "description": universe.description,
        **owner,
        "visibility": "PUBLIC" if universe.public else "PRIVATE",
        "ageRating": "AGE_RATING_ALL",
        **{name: value for name, value in said.items() if value is not None},
        **({"rootPlace": f"universes/{universe.id}/places/{root}"} if root else {}),
    }


def _get(exchange: Exchange) -> object:
    universe = exchange.state.universes.get(exchange.arguments["universe_id"])
    if universe is None:
        raise Refusal.not_found(f"there is no universe {exchange.arguments['universe_id']}")
    with exchange.state.lock:
        return _body(exchange, universe)


def _update(exchange: Exchange) -> object:
    changes = patch(exchange.request, _Changes)
    for name, value in changes.items():
        if value is None and name not in _CLEARABLE:
            raise Refusal.invalid(f"updateMask names {name}, which cannot be cleared: give a value")
    price = changes.get("private_server_price_robux")
    if isinstance(price, int) and not 0 <= price < _INT32:
        raise Refusal.invalid("privateServerPriceRobux must be 0 or more, and fit 32 bits")
    universe = exchange.state.universes[exchange.arguments["universe_id"]]
    with exchange.state.lock:
        shelf = exchange.state.shelves.of(UniverseShelf)
        settings = shelf.settings.setdefault(universe.id, UniverseSettings())
        for name, value in changes.items():
            setattr(settings, name, value)
        if changes:
            touch_universe(exchange.state, universe.id)
        return _body(exchange, universe)


def _open(exchange: Exchange) -> object:
    return _set_public(exchange, public=True)


def _close(exchange: Exchange) -> object:
    """Players are sent away at once: every server ends."""
    answer = _set_public(exchange, public=False)
    close_servers(exchange.state, exchange.arguments["universe_id"])
    return answer


def _set_public(exchange: Exchange, *, public: bool) -> object:
    with exchange.state.lock:
        universe = writable_universe(exchange)
        if not universe.root_place:
            raise Refusal(400, "INVALID_ARGUMENT", "the universe has no root place", detail="2")
        changed = msgspec.structs.replace(universe, public=public)
        exchange.state.universes[universe.id] = changed
        touch_universe(exchange.state, universe.id)
    return {}


def _permissions(exchange: Exchange) -> object:
    return _allowed(exchange, readable_universe(exchange))


def _permissions_of_many(exchange: Exchange) -> object:
    found = [
        exchange.state.universes[each]
        for each in universe_ids(exchange, too_many="9")
        if each in exchange.state.universes
    ]
    return {"data": [{"universeId": int(each.id), **_allowed(exchange, each)} for each in found]}


def _allowed(exchange: Exchange, universe: Universe) -> dict[str, object]:
    may = exchange.caller.may_touch_universe(universe.id)
    return {"canManage": may, "canCloudEdit": may}


BEHAVIOURS = {
    "activate_universe": Behaviour(_open, any_universe=True),
    "deactivate_universe": Behaviour(_close, any_universe=True),
    "get_universe": Behaviour(_get),
    "get_universe_permissions": Behaviour(_permissions, any_universe=True),
    "list_universe_permissions": Behaviour(_permissions_of_many),
    "update_universe": Behaviour(_update),
}
