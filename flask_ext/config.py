"""Settings: ``ROBLOX_*`` from ``app.config``, else from the environment, read once at start-up."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from flask import Flask

from flask_ext import readers
from flask_ext.keys import derived_keys
from flask_ext.source import Source
from rblx_oauth import EventHook, OAuthApp, RateBudget, Vault, stores
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.headers import check_secret
from rblx_oauth.core.logs import fields
from rblx_oauth.core.url import API_BASE
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.oauth.config import (
    ISSUER,
    check_api_base,
    check_issuer,
    check_redirect_uri,
    client_credentials,
)
from rblx_oauth.webhooks import Webhooks

log = logging.getLogger(__name__)

DAY = 86400.0
SESSION_COOKIE = "roblox_session"
MOST_SESSIONS = 1000
"""The highest cap: as many sessions of a person as are looked through at a login."""


@dataclass(frozen=True)
class Settings:
    """What the extension was told, parsed and checked.

    Attributes:
        client_id: ``ROBLOX_CLIENT_ID``, required.
        client_secret: ``ROBLOX_CLIENT_SECRET``; None for a public client.
        redirect_uri: ``ROBLOX_REDIRECT_URI``, required: the callback's address as
            registered at Roblox. Every address outside is built on it, never on
            a Host header.
        scopes: ``ROBLOX_SCOPES``, asked for at each login: a list, or words
            between spaces. ``openid profile`` by default.
        allow_unknown_scopes: ``ROBLOX_ALLOW_UNKNOWN_SCOPES``: let scopes pass, here and in
            `login_url`, that are newer than this library. False by default, so that a scope
            that is misspelt is found at once.
        api_key: ``ROBLOX_API_KEY``: the site's own key, for what Roblox opens to keys only.
        issuer: ``ROBLOX_ISSUER``.
        api_base: ``ROBLOX_API_BASE``.
        store_url: ``ROBLOX_STORE_URL``; by default an SQLite file in ``app.instance_path``.
        rate_budget: ``ROBLOX_RATE_BUDGET``: where calls are counted, so that the site keeps
            to Roblox's rate limits: ``memory://``, ``redis://...``, or ``store`` for the
            store above; None counts nothing.
        token_keys: ``ROBLOX_TOKEN_KEYS``, newest first: a list, or words between
            commas or spaces. By default derived from ``SECRET_KEY`` and
            ``SECRET_KEY_FALLBACKS``, so that they rotate together.
        secret_keys: ``SECRET_KEY``, then ``SECRET_KEY_FALLBACKS``: newest first.
        session_idle: ``ROBLOX_SESSION_IDLE``: seconds (or a timedelta) without a
            request after which a session ends. 14 days by default.
        session_lifetime: ``ROBLOX_SESSION_LIFETIME``: seconds (or a timedelta) after
            which a session ends however busy it is. 30 days by default.
        max_sessions: ``ROBLOX_MAX_SESSIONS``: how many sessions a person may have; a login
            beyond it ends the one that was seen longest ago. 20 by default; 0 for no limit.
        url_prefix: ``ROBLOX_URL_PREFIX``, ``/roblox`` by default.
        session_cookie: ``ROBLOX_SESSION_COOKIE``: the cookie's exact name. By default
            ``roblox_session``, behind ``__Host-`` where a browser allows that.
        revoke_on_logout: ``ROBLOX_REVOKE_ON_LOGOUT``, true by default: when a user's
            last session is logged out, the grant is revoked at Roblox. Turn it off
            where background jobs act for users who have logged out.
        webhook_secrets: ``ROBLOX_WEBHOOK_SECRET``: what Roblox signs notifications with; a
            list, or words between commas or spaces, while it is being changed.
        webhook_unsigned: ``ROBLOX_WEBHOOK_ALLOW_UNSIGNED``: take notifications that nobody
            signed, from anybody. Only where Roblox was given no secret.
        clear_site_data: ``ROBLOX_CLEAR_SITE_DATA``: the value of the header
            ``Clear-Site-Data`` after logout; empty to send none.
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    allow_unknown_scopes: bool
    api_key: str | None = field(repr=False)
    issuer: str
    api_base: str
    store_url: str = field(repr=False)  # may carry a password
    rate_budget: str | None = field(repr=False)  # as above
    token_keys: tuple[str | bytes, ...] = field(repr=False)
    secret_keys: tuple[bytes, ...] = field(repr=False)
    session_idle: float
    session_lifetime: float
    max_sessions: int
    url_prefix: str
    session_cookie: str | None
    revoke_on_logout: bool
    webhook_secrets: tuple[str, ...] = field(repr=False)
    webhook_unsigned: bool
    clear_site_data: str

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a pickle would carry every key in the clear."""
        raise TypeError("settings cannot be pickled: read them anew from the app's configuration")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over https only: always, but for plain http on loopback."""
        return urlsplit(self.redirect_uri).scheme != "http"

    @property
    def public_origin(self) -> str:
        """Scheme and host of the site as browsers spell them in Origin (RFC 6454 6.1)."""
        parts = urlsplit(self.redirect_uri)
        default_port = ":80" if parts.scheme == "http" else ":443"
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default_port)}"

    @property
    def token_keys_are_derived(self) -> bool:
        """Whether the token keys come from ``SECRET_KEY`` and its fallbacks."""
        return self.token_keys == derived_keys(self.secret_keys)

    def oauth_app(self, clock: Clock, on_event: EventHook | None = None) -> OAuthApp:
        """The OAuth application that these settings describe.

        Raises:
            ConfigurationError: One of them is wrong.
        """
        return OAuthApp(
            self.client_id,
            self.client_secret,
            redirect_uri=self.redirect_uri,
            issuer=self.issuer,
            api_base=self.api_base,
            clock=clock,
            # A site's own scopes are checked where it names them; what Roblox granted, and a
            # step-up asks for again, may be newer than the catalogue.
            allow_unknown_scopes=True,
            on_event=on_event,
        )

    def webhooks(self, clock: Clock) -> Webhooks:
        """What judges notifications.

        Raises:
            ConfigurationError: There is no secret, and unsigned ones are not allowed; or both.
        """
        return Webhooks(self.webhook_secrets, allow_unsigned=self.webhook_unsigned, clock=clock)

    def open_store(self, *, create: bool) -> stores.Store:
        """The store that these settings describe.

        Raises:
            ConfigurationError: The URL or a key is wrong, or an extra is not installed.
            StoreUnavailable: It cannot be reached.
        """
        return stores.open(self.store_url, keys=self.token_keys, create=create)

    def budget(self, store: stores.Store) -> RateBudget | None:
        """What keeps to Roblox's rate limits; None if nothing is to.

        Raises:
            ConfigurationError: Its URL is wrong, or an extra is not installed.
        """
        if self.rate_budget is None:
            return None
        return RateBudget(store if self.rate_budget == "store" else self.rate_budget)


def load(app: Flask) -> Settings:
    """Read and check every setting.

    Raises:
        ConfigurationError: Something is wrong; the message lists all of it, and
            what to do about each.
    """
    settings, problems = read(app)
    if len(problems) == 1:
        raise ConfigurationError(problems[0])
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ConfigurationError(f"{len(problems)} settings are wrong:{listed}")
    return settings


def warn(settings: Settings) -> None:
    """Log what weakens a site that starts with these settings."""
    if not settings.secure_cookies:
        log.warning(
            "ROBLOX_REDIRECT_URI is plain http, so the login cookies are sent without the "
            "Secure attribute. That is for development on this machine only.",
            extra=fields("config.insecure_cookies"),
        )
    if settings.webhook_unsigned:
        log.warning(
            "ROBLOX_WEBHOOK_ALLOW_UNSIGNED is on: anybody on the internet can send this site "
            "notifications, and have people erased. Give Roblox a secret, and set "
            "ROBLOX_WEBHOOK_SECRET to it.",
            extra=fields("config.unsigned_webhooks"),
        )


def read(app: Flask) -> tuple[Settings, list[str]]:
    """Every setting, and a sentence for each that is wrong: then it has its default, if any."""
    source = Source(app.config)
    secret_keys = readers.secret_keys(app, source)
    allow_unknown_scopes = source.flag("ALLOW_UNKNOWN_SCOPES", default=False)
    settings = Settings(
        client_id=source.text("CLIENT_ID"),
        client_secret=source.text("CLIENT_SECRET") or None,
        redirect_uri=source.text("REDIRECT_URI"),
        scopes=readers.scopes(source, allow_unknown=allow_unknown_scopes),
        allow_unknown_scopes=allow_unknown_scopes,
        api_key=source.text("API_KEY") or None,
        issuer=source.text("ISSUER", ISSUER),
        api_base=source.text("API_BASE", API_BASE),
        store_url=source.text("STORE_URL") or readers.default_store(app),
        rate_budget=source.text("RATE_BUDGET") or None,
        token_keys=source.words("TOKEN_KEYS", derived_keys(secret_keys)),
        secret_keys=secret_keys,
        session_idle=source.seconds("SESSION_IDLE", 14 * DAY),
        session_lifetime=source.seconds("SESSION_LIFETIME", 30 * DAY),
        max_sessions=source.count("MAX_SESSIONS", 20, most=MOST_SESSIONS),
        url_prefix=readers.url_prefix(source),
        session_cookie=source.text("SESSION_COOKIE") or None,
        revoke_on_logout=source.flag("REVOKE_ON_LOGOUT", default=True),
        webhook_secrets=readers.webhook_secrets(source),
        webhook_unsigned=source.flag("WEBHOOK_ALLOW_UNSIGNED", default=False),
        clear_site_data=readers.clear_site_data(source),
    )
    _check(settings, source)
    _check_cookie_name(settings, source, taken=app.config["SESSION_COOKIE_NAME"])
    return settings, source.problems


def _check(settings: Settings, source: Source) -> None:
    """Note what is wrong with values that were given in the right form."""
    if not settings.client_id:
        source.wrong(
            "ROBLOX_CLIENT_ID",
            "is not set: copy it from your app's page on create.roblox.com, or start a local "
            "Open Cloud with python -m rblx_oauth.sandbox and use the one it prints",
        )
    else:
        _judge(
            source,
            "ROBLOX_CLIENT_ID and ROBLOX_CLIENT_SECRET",
            lambda: client_credentials(settings.client_id, settings.client_secret, None),
        )
    if not settings.redirect_uri:
        source.wrong(
            "ROBLOX_REDIRECT_URI",
            "is not set: give the whole address of the callback as registered at Roblox, "
            f"such as https://your.site{settings.url_prefix}/callback",
        )
    elif _judge(source, "ROBLOX_REDIRECT_URI", lambda: check_redirect_uri(settings.redirect_uri)):
        _check_callback_path(settings, source)
    _judge(source, "ROBLOX_ISSUER", lambda: check_issuer(settings.issuer))
    _judge(source, "ROBLOX_API_BASE", lambda: check_api_base(settings.api_base))
    if settings.api_key is not None:
        _judge(source, "ROBLOX_API_KEY", lambda: check_secret("it", settings.api_key))
    if settings.webhook_secrets and settings.webhook_unsigned:
        source.wrong(
            "ROBLOX_WEBHOOK_ALLOW_UNSIGNED",
            "cannot be true while ROBLOX_WEBHOOK_SECRET is set: take one of the two away",
        )
    if settings.rate_budget not in (None, "store"):
        _judge(source, "ROBLOX_RATE_BUDGET", lambda: RateBudget(settings.rate_budget or ""))
    if settings.token_keys:
        _judge(source, "ROBLOX_TOKEN_KEYS", lambda: Vault(settings.token_keys))


def _check_callback_path(settings: Settings, source: Source) -> None:
    parts = urlsplit(settings.redirect_uri)
    if parts.scheme not in ("http", "https"):
        source.wrong(
            "ROBLOX_REDIRECT_URI", "must be https (or http on this machine): it is a web page"
        )
    # A site under a prefix (SCRIPT_NAME) has that prefix before ours.
    elif not parts.path.endswith(f"{settings.url_prefix}/callback"):
        source.wrong(
            "ROBLOX_REDIRECT_URI",
            f"must end with {settings.url_prefix}/callback, where this site answers; "
            "or change ROBLOX_URL_PREFIX",
        )


def _check_cookie_name(settings: Settings, source: Source, *, taken: str) -> None:
    name = settings.session_cookie or SESSION_COOKIE
    if taken == name or (not settings.session_cookie and taken == f"__Host-{name}"):
        source.wrong(
            "ROBLOX_SESSION_COOKIE",
            "is the name of Flask's own session cookie (SESSION_COOKIE_NAME): choose another",
        )
    # RFC 6265 4.1.1: a token. Browsers drop a cookie of more than 4,096 bytes without a word.
    elif not re.fullmatch(r"[\w!#$%&'*+.^`|~-]{1,128}", name, re.ASCII):
        source.wrong(
            "ROBLOX_SESSION_COOKIE",
            "must be made of letters, digits, _ and -, at most 128 of them",
        )
    elif not source.is_wrong("ROBLOX_REDIRECT_URI"):
        _check_cookie_prefix(settings, source, name.lower().partition("-")[0])


def _check_cookie_prefix(settings: Settings, source: Source, prefix: str) -> None:
    """RFC 6265bis 4.1.3: browsers drop such a cookie without a word, and nobody is logged in."""
    at_root = urlsplit(settings.redirect_uri).path == f"{settings.url_prefix}/callback"
    if prefix in ("__host", "__secure") and not settings.secure_cookies:
        source.wrong("ROBLOX_SESSION_COOKIE", "may begin with __Host- or __Secure- over https only")
    elif prefix == "__host" and not at_root:
        source.wrong("ROBLOX_SESSION_COOKIE", "may begin with __Host- at the root of a host only")


def _judge(source: Source, name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except ConfigurationError as error:
        source.wrong(name, f"cannot be used: {error}")
        return False
    return True
