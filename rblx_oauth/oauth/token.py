"""`Token`: what a login or a refresh gives, with names for its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import NoReturn, Self

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.errors import ConfigurationError

STALE_SECONDS, STALE_SHARE = 120.0, 0.15
EXPIRED_SECONDS, EXPIRED_SHARE = 30.0, 0.04


class TokenState(Enum):
    """How an access token may be used now.

    ``FRESH``: use it. ``STALE``: use it, and let one worker refresh ahead.
    ``EXPIRED``: too close to its end to be sent; wait for a refresh.
    """

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


class _Wire(msgspec.Struct, omit_defaults=True):
    """How a token is written down, before it is sealed."""

    access_token: str
    expires_at: float
    issued_at: float
    scopes: list[str]
    subject: str
    issuer: str
    client_id: str
    refresh_token: str | None = None
    id_token: str | None = None
    claims: dict[str, object] = {}


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, its refresh token, and what is known about both.

    Attributes:
        access_token: Opaque. Sent to Open Cloud and the issuer, in a header, nowhere else.
        refresh_token: Opaque, single-use. Sent to the issuer alone.
        id_token: The validated id_token of the login, as it came.
        scopes: The scopes granted, which may be fewer than were asked for (RFC 6749 3.3).
        issued_at: When it was asked for, so that its end is never taken to be later than it is.
        expires_at: When the access token ends.
        subject: The person: Roblox's user id as a string; stable, never reused.
        issuer: The provider; identity is (issuer, subject).
        client_id: The application it was given to.
        claims: The verified claims of the id_token: ``sub``, ``name``, ``nickname``, ...
    """

    access_token: str = field(repr=False)
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    subject: str
    issuer: str
    client_id: str
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    claims: Mapping[str, object] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scopes", frozenset(self.scopes))
        object.__setattr__(self, "claims", MappingProxyType(dict(self.claims)))

    @property
    def user_id(self) -> int:
        """The subject as the number that Open Cloud's paths take."""
        return int(self.subject)

    @property
    def lifetime(self) -> float:
        """Seconds from issue to expiry."""
        return (self.expires_at - self.issued_at).total_seconds()

    def state(self, now: datetime | None = None) -> TokenState:
        """Fresh, stale or expired at `now` (aware; the present by default).

        Stale with 120 s left, expired with 30 s left; a short-lived token has
        margins in proportion, 15% and 4% of its lifetime.
        """
        left = (self.expires_at - (now or datetime.now(UTC))).total_seconds()
        if left <= min(EXPIRED_SECONDS, EXPIRED_SHARE * self.lifetime):
            return TokenState.EXPIRED
        if left <= min(STALE_SECONDS, STALE_SHARE * self.lifetime):
            return TokenState.STALE
        return TokenState.FRESH

    def with_claims(self, claims: Mapping[str, object]) -> Self:
        """The same token with newly verified claims."""
        return replace(self, claims=claims)

    def to_json(self) -> bytes:
        """Everything, secrets included: for a sealed store, never for a log or a cookie."""
        return msgspec.json.encode(
            _Wire(
                access_token=self.access_token,
                expires_at=self.expires_at.timestamp(),
                issued_at=self.issued_at.timestamp(),
                scopes=sorted(self.scopes),
                subject=self.subject,
                issuer=self.issuer,
                client_id=self.client_id,
                refresh_token=self.refresh_token,
                id_token=self.id_token,
                claims=dict(self.claims),
            )
        )

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """The reverse of `to_json`.

        Raises:
            ValueError: `data` is not what `to_json` wrote.
        """
        wire = decoder(_Wire)(data)
        return cls(
            access_token=wire.access_token,
            scopes=frozenset(wire.scopes),
            issued_at=_time(wire.issued_at),
            expires_at=_time(wire.expires_at),
            subject=wire.subject,
            issuer=wire.issuer,
            client_id=wire.client_id,
            refresh_token=wire.refresh_token,
            id_token=wire.id_token,
            claims=wire.claims,
        )

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: job queues and caches keep pickles in the clear."""
        raise TypeError("a Token cannot be pickled: pass its grant_id, or seal to_json() yourself")


def _time(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError):
        raise ValueError("a time is out of range") from None


def check_token(token: Token, *, issuer: str, client_id: str) -> None:
    """See that a token may be shown to a provider: to none but its own (RFC 9700 4.4).

    Raises:
        TypeError: It is no `Token`.
        ConfigurationError: It is another issuer's or another client's.
    """
    if not isinstance(token, Token):
        raise TypeError(f"token must be a Token, as exchange gives one, not {type(token).__name__}")
    if (token.issuer, token.client_id) != (issuer, client_id):
        raise ConfigurationError("this token belongs to another issuer or client than this app")
