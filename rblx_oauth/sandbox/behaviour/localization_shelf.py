"""What universes and the things in them are called in other languages, and how they look there."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

import msgspec

from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["Game", "Language", "Line", "LocalizationShelf", "Text", "Thumbnail", "Translated"]


class Language(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A language that a universe supports, and what is translated into it by machine."""

    kind: Literal["Language", "Locale"] = "Language"
    automatic: bool = False
    images: bool = False
    display_info: bool = False


class Game(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The languages of a universe: the one that it is made in, and all that it supports."""

    source: str = "en"
    languages: dict[str, Language] = msgspec.field(default_factory=lambda: {"en": Language()})


class Text(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A name and a description; None where they are not translated."""

    name: str | None = None
    description: str | None = None


class Thumbnail(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A picture of a universe: the id of an image asset, and what it shows in words."""

    id: str
    alt_text: str = ""


class Translated(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All translations of one thing, by language."""

    texts: dict[str, Text] = {}
    icons: dict[str, str] = {}
    thumbnails: dict[str, list[Thumbnail]] = {}


class Line(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A text that somebody wrote, and where: `about` is its kind, the thing's id, the language."""

    about: str
    text: str
    by: str
    at: float = BUILT


class LocalizationShelf(Shelf, dict=True):
    """Translations.

    Attributes:
        games: The languages of universes, by id; of others, English only.
        things: What is translated, by kind and id, e.g. ``badge 8000001``.
        history: Every name and description that was written, oldest first.
    """

    section: ClassVar[str] = "localization"

    games: dict[str, Game] = {}
    things: dict[str, Translated] = {}
    history: list[Line] = []

    @cached_property
    def journal(self) -> Journal[Line]:
        """The history, by what it is about."""
        return Journal(self.history, lambda line: (line.about,))

    def game(self, universe_id: str) -> Game:
        """The languages of a universe."""
        return self.games.setdefault(universe_id, Game())

    def thing(self, kind: str, thing_id: str) -> Translated:
        """What is translated of a thing."""
        return self.things.setdefault(f"{kind} {thing_id}", Translated())
