"""Everything a sandbox knows, in one object."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from rblx_oauth.sandbox.clock import SandboxClock
from rblx_oauth.sandbox.contents import Contents, ContentShelf
from rblx_oauth.sandbox.data import DataStores
from rblx_oauth.sandbox.faults import Faults
from rblx_oauth.sandbox.ids import Ids
from rblx_oauth.sandbox.limits import RateWindows
from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.oauth.keys import SigningKeys
from rblx_oauth.sandbox.oauth.records import Client, OAuthRecords
from rblx_oauth.sandbox.people import ApiKey, Group, Universe, User
from rblx_oauth.sandbox.recorder import Recorder
from rblx_oauth.sandbox.settings import Settings
from rblx_oauth.sandbox.shelves import Shelves
from rblx_oauth.sandbox.webhooks import Webhooks

__all__ = ["State"]


class State:
    """What exists in one sandbox and what has happened in it.

    Behaviours hold `lock` while they read and change it together.

    Args:
        fill: Puts the first users, universes and entries in; called again by `reset`.
        clock: The clock; the machine's unless given.
        ids: The maker of identifiers.
        settings: The switches.
    """

    def __init__(
        self,
        fill: Callable[[State], None],
        *,
        clock: SandboxClock | None = None,
        ids: Ids | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock or SandboxClock()
        self.ids = ids or Ids()
        self.settings = settings or Settings()
        self.requests = Recorder()
        self.keys = SigningKeys()
        self.faults = Faults(self)
        self.webhooks = Webhooks(self)
        self.contents = Contents(lambda: self.shelves.of(ContentShelf))
        self._fill = fill
        self._first_settings: dict[str, object] = msgspec.to_builtins(self.settings)
        self.empty()
        self._fill(self)

    def empty(self) -> None:
        """Forget everything: nobody and nothing exists, and nothing has happened."""
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.universes: dict[str, Universe] = {}
        self.clients: dict[str, Client] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.messages: list[Message] = []
        self.data = DataStores(self.clock, self.ids)
        self.contents.clear()
        self.shelves = Shelves()
        self.oauth = OAuthRecords()
        self.windows = RateWindows()

    def reset(self) -> None:
        """Back to the beginning: the seeded data alone, the first settings, no time moved."""
        with self.lock:
            self.clock.reset()
            self.settings.update(self._first_settings)
            self.requests.clear()
            self.faults.clear()
            self.ids.go_on_from({})
            self.empty()
            self._fill(self)

    def groups_of(self, user_id: str) -> list[Group]:
        """The groups that this user may act for."""
        return [group for group in self.groups.values() if group.owner == user_id]

    def universes_of(self, user_id: str) -> list[Universe]:
        """The universes that this user may let an app into: their own and their groups'."""
        return [each for each in self.universes.values() if self.owns(user_id, each)]

    def owns(self, user_id: str, universe: Universe) -> bool:
        """Whether a universe is this user's, or that of a group of theirs."""
        group = self.groups.get(universe.group)
        return universe.user == user_id or (group is not None and group.owner == user_id)
