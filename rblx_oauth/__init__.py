"""Log in with Roblox, and act on Roblox Open Cloud.

Public names are here and nowhere else. Each is imported when it is first used,
so that ``import rblx_oauth`` is quick and needs no extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rblx_oauth.core.version import __version__

if TYPE_CHECKING:
    from rblx_oauth import (
        aio_resources,
        aio_stores,
        api,
        catalog,
        errors,
        files,
        models,
        resources,
        stores,
        webhooks,
    )
    from rblx_oauth._async.budget import AsyncRateBudget
    from rblx_oauth._async.client import AsyncClient
    from rblx_oauth._async.credentials import AsyncTokenSource
    from rblx_oauth._async.grant import AsyncGrant
    from rblx_oauth._async.oauth_app import AsyncOAuthApp
    from rblx_oauth._sync.budget import RateBudget
    from rblx_oauth._sync.client import Client
    from rblx_oauth._sync.credentials import TokenSource
    from rblx_oauth._sync.grant import Grant
    from rblx_oauth._sync.oauth_app import OAuthApp
    from rblx_oauth.core.call import Call
    from rblx_oauth.core.clock import Clock
    from rblx_oauth.core.codec import Page
    from rblx_oauth.core.events import (
        EventHook,
        RefreshEvent,
        RefreshHook,
        RequestEvent,
        ResponseEvent,
    )
    from rblx_oauth.oauth.authorization import AuthorizationRequest
    from rblx_oauth.oauth.endpoints import Introspection
    from rblx_oauth.oauth.resources import Resources
    from rblx_oauth.oauth.token import Token, TokenState
    from rblx_oauth.vault import Vault

__all__ = [
    "AsyncClient",
    "AsyncGrant",
    "AsyncOAuthApp",
    "AsyncRateBudget",
    "AsyncTokenSource",
    "AuthorizationRequest",
    "Call",
    "Client",
    "Clock",
    "EventHook",
    "Grant",
    "Introspection",
    "OAuthApp",
    "Page",
    "RateBudget",
    "RefreshEvent",
    "RefreshHook",
    "RequestEvent",
    "Resources",
    "ResponseEvent",
    "Token",
    "TokenSource",
    "TokenState",
    "Vault",
    "__version__",
    "aio_resources",
    "aio_stores",
    "api",
    "catalog",
    "errors",
    "files",
    "models",
    "resources",
    "stores",
    "webhooks",
]

_MODULES = frozenset(
    {
        "aio_resources",
        "aio_stores",
        "api",
        "catalog",
        "errors",
        "files",
        "models",
        "resources",
        "stores",
        "webhooks",
    }
)
_HOMES = {
    "AsyncClient": "_async.client",
    "AsyncGrant": "_async.grant",
    "AsyncOAuthApp": "_async.oauth_app",
    "AsyncRateBudget": "_async.budget",
    "AsyncTokenSource": "_async.credentials",
    "AuthorizationRequest": "oauth.authorization",
    "Call": "core.call",
    "Client": "_sync.client",
    "Clock": "core.clock",
    "EventHook": "core.events",
    "Grant": "_sync.grant",
    "Introspection": "oauth.endpoints",
    "OAuthApp": "_sync.oauth_app",
    "Page": "core.codec",
    "RateBudget": "_sync.budget",
    "RefreshEvent": "core.events",
    "RefreshHook": "core.events",
    "RequestEvent": "core.events",
    "Resources": "oauth.resources",
    "ResponseEvent": "core.events",
    "Token": "oauth.token",
    "TokenSource": "_sync.credentials",
    "TokenState": "oauth.token",
    "Vault": "vault",
}


def __getattr__(name: str) -> object:
    """Import a public name at its first use (PEP 562)."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _HOMES:
        value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
