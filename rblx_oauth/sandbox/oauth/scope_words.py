"""Scopes in words for the consent page, and which resources they are about."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["asks_for_creators", "asks_for_universes", "in_words"]

_WORDS = {
    "openid": "Know which Roblox account you use",
    "profile": "See your username, display name and avatar",
    "universe-messaging-service:publish": "Send messages to the live servers of your experiences",
    "universe:read": "See the settings of your experiences",
    "universe:write": "Change the settings of your experiences and restart their servers",
    "asset:read": "See assets that you created",
    "asset:write": "Upload and change assets for you",
    "group:read": "See your communities and their members",
    "group:write": "Manage your communities and their members",
    "user.advanced:read": "See whether your account is verified",
    "user.social:read": "See the social network profiles on your account",
    "user.inventory-item:read": "See your inventory",
    "user.user-notification:write": "Send notifications to you in Roblox",
    "universe.user-restriction:read": "See who is banned from your experiences",
    "universe.user-restriction:write": "Ban people from your experiences and lift bans",
    "universe.place:write": "Change and publish places of your experiences",
}

_VERBS = {
    "read": "See",
    "write": "Change",
    "manage": "Manage",
    "list": "List",
    "publish": "Publish",
}
_OF_UNIVERSES = (
    "universe",
    "legacy-universe",
    "memory-store",
    "developer-product",
    "legacy-developer-product",
    "game-pass",
    "legacy-game-pass",
    "legacy-badge",
    "thumbnail",
    "user.user-notification",  # a notification comes from a universe
)
_OF_CREATORS = ("asset", "legacy-asset", "creator-store", "group", "legacy-group")


def in_words(scope: str) -> str:
    """What a scope lets an app do, for the person who is asked."""
    known = _WORDS.get(scope)
    if known:
        return known
    what, _, verb = scope.partition(":")
    noun = what.removeprefix("legacy-").replace(".", ", ").replace("-", " ")
    return f"{_VERBS.get(verb, verb.replace('-', ' ').capitalize())}: {noun}"


def asks_for_universes(scopes: Iterable[str]) -> bool:
    """Whether a person must pick universes for these scopes."""
    return any(scope.startswith(_OF_UNIVERSES) for scope in scopes)


def asks_for_creators(scopes: Iterable[str]) -> bool:
    """Whether a person must pick accounts or groups for these scopes."""
    return any(scope.startswith(_OF_CREATORS) for scope in scopes)
