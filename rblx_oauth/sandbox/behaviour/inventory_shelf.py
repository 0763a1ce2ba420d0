"""What users own: assets, badges, game passes and private servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import ClassVar, Literal, NamedTuple

import msgspec

from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["KINDS", "Collectible", "Copy", "Inventory", "InventoryShelf", "Item"]

KINDS = ("asset", "badge", "gamePass", "privateServer")
"""The kinds of items, in the order in which they are listed."""


class Collectible(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What makes a copy of an asset a limited one."""

    item: str
    instance: str
    state: Literal["AVAILABLE", "HOLD"] = "AVAILABLE"
    serial: int | None = None


class Copy(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One copy of an asset; its type is in Roblox's words, e.g. ``HAT``."""

    type: str
    added: float = BUILT
    collectible: Collectible | None = None


class Item(NamedTuple):
    """One item: of which kind, the id of the thing, and since when; of an asset, the copy."""

    kind: str
    id: str
    added: float
    copy_id: str = ""
    copy: Copy | None = None


class Inventory(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What one user owns.

    Attributes:
        visible: Whether everyone may see it.
        assets: Copies, by the id of the asset and then their own.
        badges: When each was won, by id.
        game_passes: When each was bought, by id.
        private_servers: Since when each is theirs, by id.
    """

    visible: bool = True
    assets: dict[str, dict[str, Copy]] = {}
    badges: dict[str, float] = {}
    game_passes: dict[str, float] = {}
    private_servers: dict[str, float] = {}

    def walk(self, after: tuple[int, int]) -> Iterator[tuple[tuple[int, int], Item]]:
        """Every item past a position, with its own: the number of the thing, and of the copy."""
        begin = 0
        for kind in KINDS:
            held = self._held(kind)
            skipped = max(after[0] - begin, 0)
            things = islice(held.items(), skipped, None)
            for at, (thing, found) in enumerate(things, begin + skipped):
                for copy, item in enumerate(_items(kind, thing, found)):
                    if (at, copy) > after:
                        yield (at, copy), item
            begin += len(held)

    def items(self, kind: str, ids: Iterable[str]) -> Iterator[Item]:
        """The items of a kind with these ids, as far as they are there."""
        held = self._held(kind)
        for each in ids:
            if each in held:
                yield from _items(kind, each, held[each])

    def _held(self, kind: str) -> Mapping[str, float | dict[str, Copy]]:
        everything: tuple[Mapping[str, float | dict[str, Copy]], ...] = (
            self.assets,
            self.badges,
            self.game_passes,
            self.private_servers,
        )
        return everything[KINDS.index(kind)]


def _items(kind: str, thing: str, found: float | dict[str, Copy]) -> list[Item]:
    if isinstance(found, dict):
        return [Item(kind, thing, copy.added, copy_id, copy) for copy_id, copy in found.items()]
    return [Item(kind, thing, found)]


class InventoryShelf(Shelf):
    """Every inventory, by its user's id."""

    section: ClassVar[str] = "inventories"

    by_user: dict[str, Inventory] = {}
