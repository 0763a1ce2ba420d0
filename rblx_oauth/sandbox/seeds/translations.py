"""What the first universe is called in other languages."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour.localization_shelf import (
    Game,
    Language,
    LocalizationShelf,
    Text,
    Translated,
)
from rblx_oauth.sandbox.behaviour.localization_tables_shelf import (
    Autolocalization,
    Entry,
    Identifier,
    Table,
    TableShelf,
    Written,
)
from rblx_oauth.sandbox.state import State

__all__ = ["seed_translations"]

_LANTERN, _ADA = "3000001", "1000001"


def seed_translations(state: State) -> None:
    """Put them into a state that has universes, badges and game passes."""
    shelf = state.shelves.of(LocalizationShelf)
    shelf.games[_LANTERN] = Game(
        languages={"en": Language(), "es": Language(automatic=True), "de": Language()}
    )
    game = Text(name="Laternenreise", description="Finde im Laternenlicht nach Hause.")
    shelf.things[f"game {_LANTERN}"] = Translated(texts={"de": game})
    badge = Text(name="Erstes Licht", description="Zünde eine Laterne an.")
    shelf.things["badge 8000001"] = Translated(texts={"de": badge})
    _seed_table(state)


def _seed_table(state: State) -> None:
    table_id = state.ids.uuid("localization_table")
    table = Table(universe=_LANTERN, name="Lantern Quest Localization Table", asset="5100001")
    for key, source, german in (
        ("menu.play", "Play", "Spielen"),
        ("menu.oil", "Oil left", "Öl übrig"),
    ):
        written = Written(text=german, by=_ADA)
        table.put(
            Entry(
                identifier=Identifier(key=key, source=source),
                locations=["StarterGui.Menu"],
                translations={"de-de": written},
                history={"de-de": [written]},
            )
        )
    shelf = state.shelves.of(TableShelf)
    shelf.put(table_id, table)
    shelf.games[_LANTERN] = Autolocalization(enabled=True, uses_table=True, table=table_id)
