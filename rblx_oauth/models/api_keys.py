"""What Roblox knows of an API key."""

from __future__ import annotations

from typing import Literal

import msgspec

from rblx_oauth.models.base import Model, Timestamp

Targets = list[int | Literal["*"]]
"""Ids that a scope reaches; ``*`` is every one that the key's owner may use."""


class ApiKeyDataStore(Model, frozen=True):
    """A data store that a scope reaches.

    Attributes:
        universe_id: The universe; ``*`` is any.
        name: The data store; ``*`` is any.
    """

    universe_id: int | Literal["*"]
    name: str = msgspec.field(name="datastoreName", default="*")


class ApiKeyScope(Model, frozen=True):
    """What a key may do, and where. Where a list of targets is empty, none had to be chosen.

    Attributes:
        name: What the scope is of, e.g. ``asset``.
        operations: What may be done, e.g. ``write``.
        user_ids: The users.
        group_ids: The groups.
        universe_ids: The universes.
        data_stores: The data stores.
    """

    name: str = ""
    operations: list[str] = []
    user_ids: Targets = []
    group_ids: Targets = []
    universe_ids: Targets = []
    data_stores: list[ApiKeyDataStore] = msgspec.field(
        name="universeDatastores", default_factory=list
    )


class ApiKeyInfo(Model, frozen=True):
    """An API key, without its secret.

    Attributes:
        name: What its owner calls it.
        user_id: The user it acts as.
        scopes: What it may do, and where.
        enabled: Whether it is switched on.
        expired: Whether its time is over.
        expires_at: When that is; None if it was given no end.
    """

    name: str = ""
    user_id: int = msgspec.field(name="authorizedUserId", default=0)
    scopes: list[ApiKeyScope] = []
    enabled: bool = False
    expired: bool = False
    expires_at: Timestamp | None = msgspec.field(name="expirationTimeUtc", default=None)

    @property
    def scope_names(self) -> frozenset[str]:
        """Its scopes as operations name theirs, e.g. ``asset:write``."""
        return frozenset(f"{each.name}:{word}" for each in self.scopes for word in each.operations)
