"""Localization tables: what a universe says, entry by entry, in every locale."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, ClassVar, Literal

import msgspec

from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["Autolocalization", "Entry", "Format", "Identifier", "Table", "TableShelf", "Written"]

Format = Literal["Legacy", "Icu"]


class Identifier(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What tells an entry from all others of its table."""

    key: str = ""
    context: str = ""
    source: str = ""


class Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A translation as it was written, by a user or by none."""

    text: str
    by: str = ""
    at: float = BUILT


class Entry(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An entry.

    Attributes:
        locations: Where in the universe it is seen.
        translations: What it is now, by locale.
        history: What it ever was, by locale, oldest first.
    """

    identifier: Identifier
    format: Format = "Legacy"
    example: str = ""
    locations: list[str] = []
    translations: dict[str, Written] = {}
    history: dict[str, list[Written]] = {}
    created: float = BUILT


class Table(msgspec.Struct, kw_only=True, dict=True, forbid_unknown_fields=True):
    """A table.

    Attributes:
        universe: The id of the universe that it belongs to.
        asset: The id of the asset that it is for game servers.
        entries: By number, in the order in which they came.
    """

    universe: str
    name: str
    asset: str
    entries: dict[Annotated[str, msgspec.Meta(pattern="^[0-9]+$")], Entry] = {}

    @cached_property
    def numbers(self) -> dict[Identifier, int]:
        """Where each entry is."""
        return {entry.identifier: int(number) for number, entry in self.entries.items()}

    @cached_property
    def order(self) -> dict[str, Index[int]]:
        """The numbers of the entries of each format."""
        found: dict[str, list[int]] = {"Legacy": [], "Icu": []}
        for number, entry in self.entries.items():
            found[entry.format].append(int(number))
        return {word: Index(numbers) for word, numbers in found.items()}

    @cached_property
    def _last(self) -> list[int]:
        return [max(map(int, self.entries), default=0)]

    def find(self, identifier: Identifier) -> Entry | None:
        """The entry that is so called."""
        number = self.numbers.get(identifier)
        return None if number is None else self.entries[str(number)]

    def put(self, entry: Entry) -> None:
        """Add an entry."""
        numbers, order = self.numbers, self.order
        self._last[0] += 1
        number = self._last[0]
        self.entries[str(number)] = entry
        numbers[entry.identifier] = number
        order[entry.format].add(number)

    def discard(self, identifier: Identifier) -> None:
        """Take an entry out, if it is there."""
        number = self.numbers.pop(identifier, None)
        if number is not None:
            entry = self.entries.pop(str(number))
            self.order[entry.format].discard(number)


class Autolocalization(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a universe gathers what is to be translated, and the id of the table it does so in."""

    enabled: bool = False
    adds_entries: bool = False
    deletes_entries: bool = False
    uses_table: bool = False
    table: str = ""


class TableShelf(Shelf, dict=True):
    """Tables by their ids (UUIDs), and how universes gather entries."""

    section: ClassVar[str] = "localization_tables"

    tables: dict[str, Table] = {}
    games: dict[str, Autolocalization] = {}

    @cached_property
    def by_asset(self) -> dict[str, str]:
        """The ids of tables, by that of the asset."""
        return {table.asset: table_id for table_id, table in self.tables.items()}

    def put(self, table_id: str, table: Table) -> None:
        """Add a table."""
        by_asset = self.by_asset
        self.tables[table_id] = table
        by_asset[table.asset] = table_id

    def game(self, universe_id: str) -> Autolocalization:
        """How a universe gathers entries."""
        return self.games.setdefault(universe_id, Autolocalization())
