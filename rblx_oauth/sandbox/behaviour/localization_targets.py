"""What a request about translations is about: a thing, its universe and a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from rblx_oauth.sandbox.behaviour.badges_shelf import Badge, BadgeShelf
from rblx_oauth.sandbox.behaviour.developer_products import ProductShelf
from rblx_oauth.sandbox.behaviour.game_passes import GamePassShelf
from rblx_oauth.sandbox.behaviour.languages import LANGUAGES, LOCALES
from rblx_oauth.sandbox.behaviour.localization_shelf import Game, LocalizationShelf, Translated
from rblx_oauth.sandbox.behaviour.offers import Offer
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.state import State

__all__ = [
    "KINDS",
    "Kind",
    "Target",
    "check_language",
    "find_target",
    "known_language",
    "target",
    "writable",
]

INVALID_LANGUAGE, UNSUPPORTED = "22", "53"
CANNOT_UPDATE_SOURCE, CANNOT_DELETE_SOURCE = "26", "23"

Kind = Literal["game", "badge", "game_pass", "developer_product"]

KINDS: dict[Kind, tuple[str, str, str]] = {
    "game": ("14", "UniverseDisplayNames", "UniverseDisplayDescriptions"),
    "badge": ("62", "BadgeDisplayName", "BadgeDisplayDescription"),
    "game_pass": ("61", "GamePassDisplayName", "GamePassDisplayDescription"),
    "developer_product": (
        "70",
        "DeveloperProductDisplayName",
        "DeveloperProductDisplayDescription",
    ),
}
"""Roblox's numbers for an id that is none, and its words for the names and descriptions."""


class Target(msgspec.Struct, frozen=True):
    """A thing that can be translated, as it is in the language of its universe."""

    kind: Kind
    id: str
    universe: Universe
    name: str
    description: str
    icon: str
    translated: Translated
    game: Game


def find_target(state: State, kind: Kind, thing_id: str) -> Target:
    """The thing of that id.

    Raises:
        Refusal: 400, there is none.
    """
    about = _about(state, kind, thing_id)
    if about is None:
        raise Refusal.invalid(f"there is no such {kind.replace('_', ' ')}", KINDS[kind][0])
    universe_id, name, description, icon = about
    shelf = state.shelves.of(LocalizationShelf)
    return Target(
        kind=kind,
        id=thing_id,
        universe=state.universes[universe_id],
        name=name,
        description=description,
        icon=icon,
        translated=shelf.thing(kind, thing_id),
        game=shelf.game(universe_id),
    )


def _about(state: State, kind: Kind, thing_id: str) -> tuple[str, str, str, str] | None:
    """The universe, name, description and icon of a thing, if there is one."""
    if kind == "game":
        universe = state.universes.get(thing_id)
        if universe is None:
            return None
        return universe.id, universe.name, universe.description, ""
    held: dict[Kind, Mapping[str, Badge | Offer]] = {
        "badge": state.shelves.of(BadgeShelf).badges,
        "game_pass": state.shelves.of(GamePassShelf).passes,
        "developer_product": state.shelves.of(ProductShelf).products,
    }
    thing = held[kind].get(thing_id)
    if thing is None:
        return None
    return thing.universe, thing.name, thing.description, thing.icon


def target(exchange: Exchange) -> Target:
    """The thing in the path.

    Raises:
        Refusal: 400, there is none.
    """
    for kind in KINDS:
        thing_id = exchange.arguments.get(f"{kind}_id")
        if thing_id is not None:
            return find_target(exchange.state, kind, thing_id)
    raise AssertionError("every path of this API names a thing")


def writable(exchange: Exchange) -> Target:
    """The thing in the path, if the caller was let into its universe.

    Raises:
        Refusal: 400, there is none; 403, it is not for this caller.
    """
    found = target(exchange)
    if not exchange.caller.may_touch_universe(found.universe.id):
        said = f"this credential was not granted universe {found.universe.id}"
        raise Refusal.denied(said, "18")
    return found


def known_language(code: str) -> str:
    """A code as it is kept.

    Raises:
        Refusal: 400, there is no such language.
    """
    lowered = code.lower()
    if lowered not in LANGUAGES | LOCALES:
        raise Refusal.invalid("that is no code of a language", INVALID_LANGUAGE)
    return lowered


def check_language(game: Game, code: str, *, source: str = "") -> str:
    """The code of a language that a universe supports.

    Args:
        game: Its languages.
        code: What was asked for.
        source: Roblox's number where it must not be the language that the universe is made in.

    Raises:
        Refusal: 400, it is none of them.
    """
    language = known_language(code)
    if source and language == game.source:
        raise Refusal.invalid("that is the language the game is made in", source)
    if language not in game.languages:
        raise Refusal.invalid("the game does not support that language", UNSUPPORTED)
    return language
