"""Who is calling, and what they may touch."""

from __future__ import annotations

from typing import Protocol

from rblx_oauth.catalog import Operation, RateLimit
from rblx_oauth.sandbox.oauth.records import AccessToken
from rblx_oauth.sandbox.people import ApiKey
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.state import State

__all__ = ["Anybody", "Caller", "KeyCaller", "TokenCaller", "authenticate"]


class Caller(Protocol):
    """A request's credential, judged good."""

    @property
    def id(self) -> str:
        """Whom rate limits count: an access token, or the owner of API keys."""

    @property
    def name(self) -> str:
        """What recorded requests call it."""

    @property
    def user_id(self) -> str:
        """Who is behind it: the person who logged in, or who owns the key."""

    def missing_scopes(self, wanted: tuple[str, ...]) -> list[str]:
        """The scopes of `wanted` that this caller does not have."""

    def may_touch_universe(self, universe_id: str) -> bool:
        """Whether the caller was let into this universe."""

    def may_act_as(self, creator: str) -> bool:
        """Whether the caller may create as, and see the assets of, ``U123`` or ``G456``."""

    def limit(self, operation: Operation) -> RateLimit | None:
        """The limit of this operation that counts for this kind of caller."""


class TokenCaller:
    """An app with an access token: scopes and resources as the person chose them."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token
        self.id = token.jti
        self.user_id = token.grant.user_id
        self.name = f"token of user {self.user_id} for app {token.grant.client_id}"

    def missing_scopes(self, wanted: tuple[str, ...]) -> list[str]:
        """See `Caller`."""
        return [scope for scope in wanted if scope not in self._token.scopes]

    def may_touch_universe(self, universe_id: str) -> bool:
        """See `Caller`."""
        return universe_id in self._token.grant.picks.universes

    def may_act_as(self, creator: str) -> bool:
        """See `Caller`."""
        return creator in self._token.grant.picks.creators

    def limit(self, operation: Operation) -> RateLimit | None:
        """See `Caller`."""
        return operation.token_limit


class KeyCaller:
    """The holder of an API key: its scopes, for what the key's owner owns."""

    def __init__(self, key: ApiKey, state: State) -> None:
        self._key = key
        self._state = state
        self.id = f"owner {key.owner}"
        self.user_id = key.owner
        self.name = f"API key of user {self.user_id}"

    def missing_scopes(self, wanted: tuple[str, ...]) -> list[str]:
        """See `Caller`: a key that names none has all scopes."""
        scopes = self._key.scopes
        return [] if scopes is None else [scope for scope in wanted if scope not in scopes]

    def may_touch_universe(self, universe_id: str) -> bool:
        """See `Caller`."""
        universe = self._state.universes.get(universe_id)
        return universe is not None and self._state.owns(self._key.owner, universe)

    def may_act_as(self, creator: str) -> bool:
        """See `Caller`."""
        groups = self._state.groups_of(self._key.owner)
        return creator in {f"U{self._key.owner}", *(f"G{group.id}" for group in groups)}

    def limit(self, operation: Operation) -> RateLimit | None:
        """See `Caller`."""
        return operation.key_limit


class Anybody:
    """Whoever reads what is public, at those addresses that take no credential."""

    id = name = user_id = ""

    def missing_scopes(self, wanted: tuple[str, ...]) -> list[str]:
        """See `Caller`."""
        return list(wanted)

    def may_touch_universe(self, universe_id: str) -> bool:  # noqa: ARG002
        """See `Caller`."""
        return False

    def may_act_as(self, creator: str) -> bool:  # noqa: ARG002
        """See `Caller`."""
        return False

    def limit(self, operation: Operation) -> RateLimit | None:  # noqa: ARG002
        """See `Caller`."""
        return None


def authenticate(state: State, operation: Operation, authorization: str, api_key: str) -> Caller:
    """Judge the credentials of a request; the token counts where one is accepted.

    Raises:
        Refusal: 401, in the gateway's shape.
    """
    if not operation.credentials:
        return Anybody()
    scheme, _, bearer = authorization.partition(" ")
    if scheme.lower() == "bearer" and "token" in operation.credentials:
        return TokenCaller(live_token(state, bearer.strip()))
    if api_key:
        key = state.api_keys.get(api_key)
        if key is None:
            raise Refusal.unauthenticated("Invalid API Key")
        if not key.enabled or key.expired(state.clock.now()):
            why = "has expired" if key.enabled else "is switched off"
            raise Refusal.unauthenticated(f"Invalid API Key: it {why}")
        return KeyCaller(key, state)
    if authorization and "token" not in operation.credentials:
        raise Refusal.unauthenticated(
            f"{operation.name} takes an API key (x-api-key), not an OAuth 2 token"
        )
    raise Refusal.unauthenticated("Send x-api-key or an OAuth 2 token", challenge="Bearer")


def live_token(state: State, value: str) -> AccessToken:
    """The access token of that value, if it still opens anything.

    Raises:
        Refusal: 401, because it is unknown, expired or its grant has ended.
    """
    token = state.oauth.access.get(value)
    if token is None:
        raise _invalid_token("the token is not known")
    if token.expires_at <= state.clock.now():
        raise _invalid_token("the token has expired")
    if token.grant.ended:
        raise _invalid_token("the authorization was revoked")
    return token


def _invalid_token(why: str) -> Refusal:
    challenge = f'Bearer error="invalid_token", error_description="{why}"'
    return Refusal.unauthenticated(f"Invalid token: {why}", challenge=challenge)
