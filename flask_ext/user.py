"""Who is logged in: `User`, `AnonymousUser`, and what they may do at Roblox."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from flask_ext.grants import held
from flask_ext.sessions import Session
from flask_ext.state import Worker
from rblx_oauth import Client, Resources
from rblx_oauth.core.url import is_loopback
from rblx_oauth.errors import InvalidClient, ReauthorizationRequired, TokenError
from rblx_oauth.oauth.grant_rows import Held


class AnonymousUser:
    """Nobody is logged in. False, and every name of `User` is empty."""

    is_authenticated = is_active = False
    is_anonymous = True
    id: int | None = None
    issuer = subject = name = display_name = ""
    picture: str | None = None
    profile: Mapping[str, object] = {}
    scopes: frozenset[str] = frozenset()
    grant_id: str | None = None

    def __bool__(self) -> bool:
        return False

    def get_id(self) -> None:
        """Flask-Login's name for who somebody is: nobody."""

    @property
    def client(self) -> Client:
        """There is none.

        Raises:
            ReauthorizationRequired: Always; in a view this asks the person to log in.
        """
        raise _nobody()

    def resources(self) -> Resources:
        """There are none.

        Raises:
            ReauthorizationRequired: Always; in a view this asks the person to log in.
        """
        raise _nobody()


class User:
    """A person who logged in, for the length of one request.

    Everything up to `profile` is what Roblox said at login. `scopes`,
    `client` and `resources` ask the stored grant, which a later consent may
    have widened and which Roblox may have ended; then they raise
    `ReauthorizationRequired`, which in a view ends the session and asks the
    person to log in again.
    """

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, session: Session, worker: Worker) -> None:
        self._session = session
        self._worker = worker

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, User) and self.grant_id == other.grant_id

    def __hash__(self) -> int:
        return hash(self.grant_id)

    def __repr__(self) -> str:
        return f"<User {self.subject}>"

    def get_id(self) -> str:
        """Flask-Login's name for who somebody is: `grant_id`, which stands for (iss, sub)."""
        return self.grant_id

    @property
    def issuer(self) -> str:
        """The provider that knows them; with `subject`, who they are (OpenID Connect Core 2)."""
        return self._worker.oauth.issuer

    @property
    def subject(self) -> str:
        """Roblox's user id as OpenID Connect has it: stable, never reused."""
        return self._session.person.subject

    @property
    def id(self) -> int:
        """The same as a number, as Open Cloud's paths take it."""
        return int(self.subject)

    @property
    def name(self) -> str:
        """The unique user name; the id where the ``profile`` scope was not granted."""
        return self._claim("preferred_username") or self._claim("name") or self.subject

    @property
    def display_name(self) -> str:
        """What the person likes to be called. Not unique; escape it as any text."""
        return self._claim("nickname") or self._claim("name") or self.name

    @property
    def picture(self) -> str | None:
        """The address of the avatar picture; None unless it is https (or http on loopback)."""
        return safe_picture(self._claim("picture"))

    @property
    def profile(self) -> Mapping[str, object]:
        """Every verified claim of the login's id_token."""
        return self._session.person.claims

    @property
    def grant_id(self) -> str:
        """The stored grant: what a background job needs to act for this person."""
        return self._session.person.grant_id

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes granted until now.

        Raises:
            ReauthorizationRequired: The grant is gone.
            StoreUnavailable: The store cannot be reached.
        """
        return self._held.token.scopes

    @cached_property
    def client(self) -> Client:
        """A client that acts for this person and renews their token by itself."""
        return self._worker.client(self.grant_id)

    def resources(self) -> Resources:
        """What this person picked on the consent page.

        Up to a minute old, unless they consented since.

        Raises:
            ReauthorizationRequired: The grant is gone.
            StoreUnavailable: The store cannot be reached.
            TransportError, ProtocolError, ApiError, TokenError: Roblox cannot be asked.
        """
        generation = self._held.generation
        return self._worker.picks.get(self.grant_id, generation, self._ask_resources)

    def _ask_resources(self) -> Resources:
        oauth = self._worker.oauth
        grant = oauth.grant(self.grant_id, self._worker.store)
        token = grant.token()
        try:
            return oauth.resources(token)
        except InvalidClient:
            raise
        except TokenError:  # as after a 401: once more with a renewed token, or the grant is gone
            return oauth.resources(grant.renew(token))

    @cached_property
    def _held(self) -> Held:
        return held(self._worker, self.grant_id)

    def _claim(self, name: str) -> str:
        value = self.profile.get(name)
        return value if isinstance(value, str) else ""


def safe_picture(url: str) -> str | None:
    """`url` if a page may show it: https, or http on this machine (the sandbox's)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    if not host or not url.isprintable():
        return None
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return url
    return None


def _nobody() -> ReauthorizationRequired:
    return ReauthorizationRequired("Nobody is logged in.", reason="logged_out")
