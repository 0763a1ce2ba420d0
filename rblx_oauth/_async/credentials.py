"""What a client holds to identify itself: a token that may renew itself, an API key, or both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from rblx_oauth.catalog import Credential, Operation
from rblx_oauth.core.credentials import check_accept, check_scopes, choose, fingerprint
from rblx_oauth.core.headers import check_secret
from rblx_oauth.core.version import __version__
from rblx_oauth.errors import ConfigurationError, CredentialError
from rblx_oauth.oauth.token import Token

COMMON = {"User-Agent": f"rblx-oauth/{__version__}", "Accept": "application/json"}


class AsyncTokenSource(Protocol):
    """Something that gives tokens: a grant, or one fixed token."""

    @property
    def grant_id(self) -> str | None:
        """The stored grant behind it; None for a fixed token."""
        ...

    async def token(self) -> Token:
        """A token that is good now."""
        ...

    async def renew(self, rejected: Token) -> Token:
        """Another token in place of one that Open Cloud answered 401 to."""
        ...


class AsyncFixedToken:
    """A token that cannot be renewed."""

    grant_id: str | None = None

    def __init__(self, token: Token) -> None:
        self._token = token

    async def token(self) -> Token:
        """The token."""
        return self._token

    async def renew(self, rejected: Token) -> Token:
        """The same again: there is no other."""
        return rejected


class AsyncCredentials:
    """Picks the credential for each operation, and writes it into headers.

    Raises:
        ConfigurationError: A key or token has characters that no header may carry,
            or is none.
    """

    def __init__(
        self,
        token: Token | str | AsyncTokenSource | None,
        api_key: str | None,
        accept: Mapping[str, Credential] | None,
    ) -> None:
        # Of a bare access token nobody knows the scopes; Roblox will say what it lacks.
        self._scopes_known = not isinstance(token, str)
        if isinstance(token, str):
            token = _bare(check_secret("token", token))
        elif token is not None and not isinstance(token, Token) and not hasattr(token, "renew"):
            raise ConfigurationError(
                f"token must be a Token, an access token or a grant, not {type(token).__name__}"
            )
        self.source: AsyncTokenSource | None = (
            AsyncFixedToken(token) if isinstance(token, Token) else token
        )
        if api_key is not None:
            check_secret("api_key", api_key)
        if self.source is None and api_key is None:
            raise ConfigurationError("give the client a token, an api_key, or both")
        self._key_headers = {**COMMON, "x-api-key": api_key or ""}
        self._has_key = api_key is not None
        self._accept = check_accept(accept)
        self._chosen: dict[str, Credential | None] = {}
        grant_id = self.source.grant_id if self.source else None
        secret = token.access_token if isinstance(token, Token) else ""
        self._names: dict[Credential | None, str] = {
            None: "public",
            "token": f"token-{fingerprint(grant_id or secret)}",
            "api_key": f"key-{fingerprint(api_key or '')}",
        }

    def choose(self, operation: Operation) -> Credential | None:
        """Which credential `operation` is sent with; None where it needs none.

        Raises:
            CredentialError: None that is held is accepted.
        """
        if operation.name not in self._chosen:
            self._chosen[operation.name] = choose(
                operation,
                has_token=self.source is not None,
                has_key=self._has_key,
                accept=self._accept,
            )
        return self._chosen[operation.name]

    def name(self, credential: Credential | None) -> str:
        """What tells this credential from others, in every process alike, without being it."""
        return self._names[credential]

    async def token(self) -> Token:
        """A token that is good now.

        Raises:
            CredentialError: This client has none.
        """
        if self.source is None:
            raise CredentialError("this client holds an API key and no token")
        return await self.source.token()

    def api_key(self) -> str:
        """The API key.

        Raises:
            CredentialError: This client has none.
        """
        if not self._has_key:
            raise CredentialError("this client holds a token and no API key")
        return self._key_headers["x-api-key"]

    async def renew(self, rejected: Token) -> Token | None:
        """Another token than `rejected`; None if there is no other to be had."""
        if self.source is None:
            return None
        token = await self.source.renew(rejected)
        return None if token.access_token == rejected.access_token else token

    def headers(self, operation: Operation, token: Token | None) -> dict[str, str]:
        """The headers that identify a request: with `token` (RFC 6750 2.1), else the API key.

        Raises:
            InsufficientScope: The token lacks a scope that `operation` needs.
        """
        if not operation.credentials:
            return COMMON.copy()
        if token is None:
            return self._key_headers.copy()
        if self._scopes_known:
            check_scopes(operation, token.scopes)
        return {**COMMON, "Authorization": "Bearer " + check_secret("token", token.access_token)}


def _bare(access_token: str) -> Token:
    return Token(
        access_token=access_token,
        scopes=frozenset(),
        issued_at=datetime.now(UTC),
        expires_at=datetime.max.replace(tzinfo=UTC),
        subject="",
        issuer="",
        client_id="",
    )
