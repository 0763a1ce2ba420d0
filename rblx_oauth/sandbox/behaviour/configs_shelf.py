"""Configs as they are published, drafted, and were before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import ClassVar

import msgspec

from rblx_oauth._decoding import converter
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = [
    "Change",
    "ConfigShelf",
    "Draft",
    "Repository",
    "Revision",
    "Rules",
    "Value",
    "repository_of",
]

Rules = dict[str, object]
"""Conditional rules: ``{"rules": {...}, "rulesOrder": [...]}``."""


class Value(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A published value. Times are in seconds since the epoch."""

    value: object
    description: str | None = None
    modified: float = BUILT
    accessed: float = BUILT


class Draft(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to change.

    Attributes:
        entries: New values by key; None takes a key away.
        rules: All rules as they are to be; None leaves them as they are.
    """

    entries: dict[str, object] = {}
    rules: Rules | None = None


class Change(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What something was, and what it became; None is nothing."""

    before: object = None
    after: object = None


class Revision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What was published at once.

    Attributes:
        id: Its id.
        version: The version that it made.
        at: When, in seconds since the epoch.
        by: The id of the user who did it.
        message: What they said of it.
        gradual: Whether it reaches servers bit by bit.
        changes: By key.
        rules: Of the rules, where they changed.
    """

    id: str
    version: int
    at: float = BUILT
    by: str = ""
    message: str = ""
    gradual: bool = False
    changes: dict[str, Change] = {}
    rules: Change | None = None


class Repository(msgspec.Struct, kw_only=True, dict=True, forbid_unknown_fields=True):
    """One repository of a universe.

    Attributes:
        version: How often it was published.
        entries: What is published, by key.
        rules: The published conditional rules, if there are any.
        draft: What is not published yet.
        revisions: Oldest first.
    """

    version: int = 0
    entries: dict[str, Value] = {}
    rules: Rules | None = None
    draft: Draft = msgspec.field(default_factory=Draft)
    revisions: list[Revision] = []

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in `revisions` each is, by its id."""
        return {revision.id: place for place, revision in enumerate(self.revisions)}

    @property
    def values(self) -> dict[str, object]:
        """What is published, by key."""
        return {key: entry.value for key, entry in self.entries.items()}

    @property
    def draft_hash(self) -> str:
        """What names the state of the draft: the same for the same changes to the same version."""
        return blake2b(_json((self.version, self.draft)), digest_size=16).hexdigest()

    def stage(self, entries: Mapping[str, object]) -> None:
        """Draft some changes; one to what is published already is none."""
        published = self.values
        for key, value in entries.items():
            if _json(value) == _json(published.get(key)):
                self.draft.entries.pop(key, None)
            else:
                self.draft.entries[key] = value

    def stage_whole(self, values: Mapping[str, object], rules: Rules | None) -> None:
        """Draft what makes everything else go away."""
        self.draft = Draft()
        self.stage(dict.fromkeys(self.entries) | dict(values))
        if rules != self.rules:
            self.draft.rules = rules or {}

    def drafted_rules(self) -> Rules:
        """The rules that publishing the draft would leave."""
        return (self.rules or {}) if self.draft.rules is None else self.draft.rules

    def publish(self, revision_id: str, *, at: float, by: str, message: str, gradual: bool) -> None:
        """Let the draft become what is published, and begin an empty one."""
        self.version += 1
        revision = Revision(
            id=revision_id,
            version=self.version,
            at=at,
            by=by,
            message=message,
            gradual=gradual,
            changes={key: self._set(key, value, at) for key, value in self.draft.entries.items()},
        )
        if self.draft.rules is not None:
            revision.rules = Change(before=self.rules, after=self.draft.rules or None)
            self.rules = self.draft.rules or None
        self.draft = Draft()
        self.places[revision_id] = len(self.revisions)
        self.revisions.append(revision)

    def set_now(
        self, revision_id: str, key: str, value: object, *, at: float, by: str, message: str
    ) -> None:
        """Publish one value beside the draft, which stays as it is."""
        kept, self.draft = self.draft, Draft(entries={key: value})
        self.publish(revision_id, at=at, by=by, message=message, gradual=False)
        self.draft = kept

    def _set(self, key: str, value: object, now: float) -> Change:
        old = self.entries.get(key)
        if value is None:
            self.entries.pop(key, None)
        elif old is None:
            self.entries[key] = Value(value=value, modified=now, accessed=now)
        else:
            self.entries[key] = msgspec.structs.replace(old, value=value, modified=now)
        return Change(before=old and old.value, after=value)

    def as_of(self, revision_id: str) -> tuple[dict[str, object], Rules | None]:
        """The values and rules that a revision left.

        Raises:
            KeyError: There is no such revision.
        """
        values, rules = self.values, self.rules
        for revision in reversed(self.revisions[self.places[revision_id] + 1 :]):
            values |= {key: change.before for key, change in revision.changes.items()}
            if revision.rules is not None:
                rules = converter(Rules | None)(revision.rules.before)
        return {key: value for key, value in values.items() if value is not None}, rules


def _json(value: object) -> bytes:
    """A value as text, in which true is not 1 and members have one order."""
    return msgspec.json.encode(value, order="deterministic")


class ConfigShelf(Shelf):
    """The repositories, by universe and name."""

    section: ClassVar[str] = "configs"

    universes: dict[str, dict[str, Repository]] = {}


def repository_of(shelf: ConfigShelf, universe_id: str, name: str) -> Repository:
    """A repository, made when it is first asked for."""
    repositories = shelf.universes.setdefault(universe_id, {})
    return repositories.setdefault(name, Repository())
