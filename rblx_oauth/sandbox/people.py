"""Who and what exists in the sandbox: users, groups, universes, apps and keys."""

from __future__ import annotations

import msgspec

__all__ = ["ApiKey", "Group", "Universe", "User"]

JOINED = 1_500_000_000.0
"""When a user joined of whom nothing else is said."""
BUILT = 1_700_000_000.0
"""When a universe was made of which nothing else is said."""


class User(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Roblox account. `created` is in seconds since the epoch."""

    id: str
    name: str
    display_name: str = ""
    about: str = ""
    created: float = JOINED
    id_verified: bool = False
    under_13: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group, which its owner may act for. `created` is in seconds since the epoch."""

    id: str
    name: str
    owner: str
    description: str = ""
    created: float = BUILT


class Universe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An experience, owned by a user or by a group (exactly one of the two)."""

    id: str
    name: str
    description: str = ""
    root_place: str = ""
    user: str = ""
    group: str = ""
    public: bool = True
    created: float = BUILT


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key, which reaches everything that its owner owns.

    Attributes:
        secret: The key itself.
        owner: The id of a user.
        name: What the owner calls it.
        scopes: What it may do, such as ``asset:write``; everything unless given.
        enabled: Whether it is switched on.
        expires: When it ends, in seconds since the epoch; never unless given.
    """

    secret: str
    owner: str
    name: str = ""
    scopes: tuple[str, ...] | None = None
    enabled: bool = True
    expires: float | None = None

    def expired(self, now: float) -> bool:
        """Whether its time is over."""
        return self.expires is not None and now >= self.expires
