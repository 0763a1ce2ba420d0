"""What grants need of an OAuth app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rblx_oauth.core.clock import Clock
from rblx_oauth.core.events import RefreshEvent
from rblx_oauth.oauth.token import Token


class AsyncTokenIssuer(Protocol):
    """The part of `AsyncOAuthApp` that grants use; its methods are described there."""

    issuer: str
    client_id: str
    clock: Clock
    timeout: float
    on_refresh: Callable[[RefreshEvent], None] | None

    async def submit_refresh(self, token: Token) -> Token:
        """Spend the refresh token: one POST, never repeated, nothing validated yet."""
        ...

    async def validate_refreshed(self, new: Token, old: Token) -> Token:
        """Check the id_token that came with a refresh, if one did."""
        ...

    async def revoke(self, token: Token | str) -> None:
        """End the authorization at Roblox."""
        ...
