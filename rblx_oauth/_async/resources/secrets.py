"""Secrets of a universe: what its servers send to other services and nobody may read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth.api import secrets as api
from rblx_oauth.core.arguments import string
from rblx_oauth.core.sealing import sealer

PAGE = 500
"""Secrets in one page of the listing: Roblox's limit, and that of a universe."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


class AsyncSecrets(AsyncUniversePart):
    """The secrets of a universe. What they hold goes in, and never comes out.

    Values are sealed here, with the universe's public key; Roblox alone can open
    them. That needs PyNaCl, the extra ``rblx-oauth[secrets]``.

    Attributes:
        universe_id: The universe.
    """

    def list(
        self, *, limit: int | None = None, page_size: int = PAGE
    ) -> AsyncIterator[models.Secret]:
        """The secrets of the universe: their names, domains and times.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 500.
        """
        listing = AsyncListing(
            self._sender, api.list_secrets(universe_id=self.universe_id), most=PAGE
        )
        return listing.walk(limit=limit, page_size=page_size)

    async def public_key(self) -> models.SecretPublicKey:
        """What values are sealed with. It may change, so it is not for keeping long."""
        return await self._sender.send(api.get_secret_public_key(universe_id=self.universe_id))

    async def create(
        self,
        name: str,
        value: str | bytes,
        *,
        domain: str = "*",
        key: models.SecretPublicKey | None = None,
    ) -> models.Secret:
        """Add a secret.

        Args:
            name: 1 to 64 letters, digits and underscores (ASCII), no digit first.
            value: What it holds; text goes as UTF-8.
            domain: Where it may be sent: ``api.example.com``, ``*.example.com``,
                ``*`` for anywhere; empty for a private key, which is sent nowhere.
            key: The universe's `public_key`, to seal many; by default it is asked for.

        Raises:
            Conflict: There is one of that name.
            ValueError, TypeError: An argument is wrong; nothing was sent.
            ConfigurationError: PyNaCl is not installed; nothing was sent.
            AmbiguousOutcome: It may have been added.
        """
        _check_name(name)
        string("domain", domain)
        seal = sealer(value)
        key = key or await self.public_key()
        return await self._sender.send(
            api.create_secret(
                universe_id=self.universe_id,
                secret_id=name,
                secret=seal(key.key),
                key_id=key.key_id,
                domain=domain,
            )
        )

    async def update(
        self,
        name: str,
        value: str | bytes | None = None,
        *,
        domain: str | None = None,
        key: models.SecretPublicKey | None = None,
    ) -> models.Secret:
        """Change what a secret holds, or where it may be sent.

        Args:
            name: Its name.
            value: What it shall hold; left as it is by default.
            domain: Where it may be sent, as for `create`; left as it is by default.
            key: As for `create`.

        Raises:
            NotFound: There is no such secret.
            ValueError, TypeError, ConfigurationError: As for `create`; or nothing is to change.
            AmbiguousOutcome: It may have been changed.
        """
        _check_name(name)
        if domain is not None:
            string("domain", domain)
        if value is None:
            if domain is None:
                raise ValueError("give a value, a domain or both: nothing would change")
            return await self._sender.send(
                api.update_secret(universe_id=self.universe_id, secret_id=name, domain=domain)
            )
        seal = sealer(value)
        key = key or await self.public_key()
        return await self._sender.send(
            api.update_secret(
                universe_id=self.universe_id,
                secret_id=name,
                secret=seal(key.key),
                key_id=key.key_id,
                domain=domain,
            )
        )

    async def delete(self, name: str) -> None:
        """Remove a secret for good.

        Raises:
            NotFound: There is no such secret.
            ValueError: The name is none.
        """
        _check_name(name)
        await self._sender.send(api.delete_secret(universe_id=self.universe_id, secret_id=name))


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    if not _NAME.fullmatch(name):
        raise ValueError("name must be 1 to 64 letters, digits and underscores, no digit first")
