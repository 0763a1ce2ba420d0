"""Places of universes, and the versions that were made of them."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.people import BUILT, Universe
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = ["Place", "PlaceShelf", "PlaceVersion", "find_place", "places_of", "touch_universe"]


class PlaceVersion(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A version of a place. Of its file only the size and the SHA-256 are kept.

    Attributes:
        number: Its number, from 1.
        at: When it was made, in seconds since the epoch.
        by: Who made it: the id of a user.
        published: Whether players got it; otherwise it was only saved.
        title: What its notes are called.
        description: Its notes.
    """

    number: int
    at: float = BUILT
    by: str = ""
    published: bool = True
    title: str = ""
    description: str = ""
    size: int = 0
    sha256: str = ""


class Place(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A place. A universe's root place is called and described as the universe is.

    Attributes:
        server_size: Users in one server at most.
        versions: Oldest first, numbered from 1 without a gap.
    """

    id: str
    universe: str
    name: str = ""
    description: str = ""
    server_size: int = 50
    created: float = BUILT
    updated: float = BUILT
    versions: list[PlaceVersion] = []

    @property
    def latest(self) -> int:
        """The number of the newest version, published or not; 0 before the first."""
        return len(self.versions)

    @property
    def live(self) -> PlaceVersion | None:
        """The newest published version: what new servers run."""
        return next((each for each in reversed(self.versions) if each.published), None)

    def version(self, number: str) -> PlaceVersion | None:
        """The version of that number."""
        named = int(number) if number.isascii() and number.isdigit() else 0
        return self.versions[named - 1] if 1 <= named <= len(self.versions) else None


class PlaceShelf(Shelf):
    """The places, by id; root places from when they are first looked at.

    Attributes:
        touched: When a universe was last changed, by its id.
    """

    section = "places"

    places: dict[str, Place] = {}
    touched: dict[str, float] = {}


def find_place(state: State, place_id: str) -> Place | None:
    """The place of that id; a root place is made up from its universe when first looked at."""
    shelf = state.shelves.of(PlaceShelf)
    found = shelf.places.get(place_id)
    if found is None:
        roots = (each for each in state.universes.values() if each.root_place == place_id)
        universe = next(roots, None)
        if universe is not None:
            found = shelf.places[place_id] = _root_place(state, universe)
    return found


def places_of(state: State, universe_id: str) -> list[Place]:
    """The places of a universe, its root place among them."""
    universe = state.universes.get(universe_id)
    if universe is not None and universe.root_place:
        find_place(state, universe.root_place)
    places = state.shelves.of(PlaceShelf).places.values()
    return [place for place in places if place.universe == universe_id]


def touch_universe(state: State, universe_id: str) -> None:
    """Note that a universe was changed now."""
    state.shelves.of(PlaceShelf).touched[universe_id] = state.clock.now()


def _root_place(state: State, universe: Universe) -> Place:
    group = state.groups.get(universe.group)
    owner = group.owner if group else universe.user
    made = PlaceVersion(number=1, at=universe.created, by=owner)
    return Place(
        id=universe.root_place,
        universe=universe.id,
        created=universe.created,
        updated=universe.created,
        versions=[made],
    )
