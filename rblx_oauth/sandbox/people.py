"""Who and what exists in the sandbox: users, groups, universes, apps and keys."""

from __future__ import annotations

import msgspec

__all__ = ["ApiKey", "Group", "Universe", "User"]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A Roblox account. `created` is in seconds since the epoch."""

    id: str
    name: str
    display_name: str
    about: str = ""
    created: float
    id_verified: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group, which its owner may act for."""

    id: str
    name: str
    owner: str


class Universe(msgspec.Struct, frozen=True, kw_only=True):
    """An experience, owned by a user or by a group (exactly one of the two)."""

    id: str
    name: str
    description: str
    root_place: str
    user: str = ""
    group: str = ""
    public: bool = True
    created: float


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that may do everything with what its owner owns."""

    secret: str
    owner: str
