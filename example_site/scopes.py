"""The scopes this site asks for, and what they mean in plain words."""

from __future__ import annotations

EXPERIENCES = frozenset({"universe:read"})
PUBLISH = frozenset({"universe-messaging-service:publish"})
ASSETS = frozenset({"asset:read", "asset:write"})

_WORDS = {
    "openid": "Know which Roblox user you are",
    "profile": "See your name, display name and picture",
    "universe:read": "See the experiences you pick",
    "universe-messaging-service:publish": "Publish messages to the experiences you pick",
    "asset:read": "See the assets of the accounts you pick",
    "asset:write": "Upload assets in the name of the accounts you pick",
}
_ORDER = list(_WORDS)


def plainly(scope: str) -> str:
    """What a scope allows, as one would say it; the scope itself where nobody has said it yet."""
    return _WORDS.get(scope, scope)


def order(scope: str) -> tuple[int, str]:
    """Where a scope stands in a list: those about identity first, unknown ones last."""
    return (_ORDER.index(scope) if scope in _WORDS else len(_ORDER)), scope
