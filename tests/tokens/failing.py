"""A store that can be told to be down, and a look at what is stored."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Any

from rblx_oauth.errors import RobloxError, StoreUnavailable
from rblx_oauth.oauth.grant_rows import open_row
from tests.tokens.kit import Kit


def stored(kit: Kit, grant_id: str) -> Any:
    """The token that is stored now, opened."""
    return open_row(kit.store.vault, kit.row(grant_id)).token


class Failing:
    """Passes everything on to a store, unless it is told to be down."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.down: set[str] = set()
        self.refused = 0
        self.error: RobloxError = StoreUnavailable("down for the test")

    def __getattr__(self, name: str) -> Any:
        if name in self.down or ("*" in self.down and not name.startswith("_")):
            return self._refuse
        return getattr(self._store, name)

    @property
    def ledger(self) -> Any:
        """What the process knows needs no database."""
        return self._store.ledger

    @property
    def flights(self) -> Any:
        """As `ledger`."""
        return self._store.flights

    @property
    def writing(self) -> Any:
        """As `ledger`."""
        return self._store.writing

    @property
    def vault(self) -> Any:
        """As `ledger`."""
        return self._store.vault

    def _refuse(self, *args: object, **kwargs: object) -> Any:
        self.refused += 1
        raise self.error


class Unheard(Failing):
    """Does what it is told once, and fails before it has said so."""

    def __getattr__(self, name: str) -> Any:
        if name not in self.down:
            return super().__getattr__(name)
        self.down.discard(name)
        work = getattr(self._store, name)

        def then_fail(*args: object, **kwargs: object) -> Any:
            done = work(*args, **kwargs)
            return self._after(done) if inspect.isawaitable(done) else self._refuse()

        return then_fail

    async def _after(self, done: Awaitable[object]) -> None:
        await done
        self._refuse()
