"""What the extension keeps for one app, in ``app.extensions["roblox_oauth"]``."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, current_app
from flask.typing import ResponseReturnValue

from flask_ext.config import Settings
from flask_ext.cookies import Cookies
from flask_ext.hooks import Hooks
from flask_ext.picks import PickCache
from flask_ext.sessions import Sessions
from flask_ext.transactions import Transactions
from flask_ext.webhook_handlers import WebhookHandlers
from rblx_oauth import Client, EventHook, OAuthApp
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import ConfigurationError, RobloxError
from rblx_oauth.oauth.grant_rows import grant_id_for
from rblx_oauth.stores import Store

if TYPE_CHECKING:
    from flask_ext.user import User

log = logging.getLogger(__name__)

LoginHook = Callable[["User", str], ResponseReturnValue | None]
"""Told who is logging in, and the path they will be sent to."""
NAME = "roblox_oauth"
TIDY_SECONDS = 60.0
BATCH = 500
"""Expired records that one login clears away, and what a sweep does at a time."""


class Worker:
    """The parts that hold connections, for one process."""

    def __init__(self, settings: Settings, clock: Clock, on_event: EventHook | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._on_event = on_event
        self._lock = threading.Lock()
        self._next_tidying = 0.0
        self._api_client: Client | None = None
        self.oauth: OAuthApp = settings.oauth_app(clock, on_event)
        self.store: Store = settings.open_store(create=False)
        self.budget = settings.budget(self.store)
        self.sessions = Sessions(self.store, settings, clock)
        self.transactions = Transactions(self.store, clock)
        self.picks = PickCache(clock)

    def api_client(self) -> Client:
        """The client with the site's API key, made at first use.

        Raises:
            ConfigurationError: ``ROBLOX_API_KEY`` is not set.
        """
        if self._settings.api_key is None:
            raise ConfigurationError(
                "ROBLOX_API_KEY is not set, and api_client has nothing else to send: make a key "
                "on create.roblox.com (Open Cloud, API keys) for the universes of this site"
            )
        with self._lock:
            if self._api_client is None:
                self._api_client = Client(
                    api_key=self._settings.api_key,
                    api_base=self._settings.api_base,
                    budget=self.budget,
                    clock=self._clock,
                    on_event=self._on_event,
                )
            return self._api_client

    def client(self, grant_id: str) -> Client:
        """A client that acts for whoever gave this grant, and renews their token by itself."""
        return self.oauth.client(grant_id=grant_id, store=self.store, budget=self.budget)

    def pseudonym(self, grant_id: str) -> str:
        """What a grant goes by in the log, which outsiders cannot join with anybody."""
        return self.store.vault.pseudonym(grant_id)

    def tidy(self) -> None:
        """Delete a batch of expired records, and try again the revocations that are queued.

        At most once a minute, but for a backlog of records. Whoever happens to
        be here is not bothered with a failure.
        """
        now = self._clock.monotonic()
        with self._lock:
            if now < self._next_tidying:
                return
            self._next_tidying = now + TIDY_SECONDS
        try:
            if self.store.sweep(now=self._clock.now(), limit=BATCH) == BATCH:
                self._next_tidying = now
            else:
                self.oauth.retry_revocations(self.store)
        except RobloxError as error:
            log.warning(
                "tidying the store was put off: %s",
                error,
                extra=fields("tidy.put_off", error=type(error).__name__),
            )


@dataclass
class State:
    """Settings, and a `Worker` for each process that serves them.

    A connection must not be used on both sides of a fork (gunicorn with
    ``--preload``), so each process makes its own parts at first use.
    """

    settings: Settings
    clock: Clock
    cookies: Cookies
    webhook_handlers: WebhookHandlers
    login_hooks: Sequence[LoginHook]
    hooks: list[EventHook] = field(default_factory=list)
    _workers: dict[int, Worker] = field(default_factory=dict)

    @property
    def here(self) -> Worker:
        """This process's parts."""
        pid = os.getpid()
        worker = self._workers.get(pid)
        if worker is None:
            # Two threads may both get here; the first one's worker counts. There is no
            # lock, because a fork could copy it locked.
            made = Worker(self.settings, self.clock, Hooks(self.hooks) if self.hooks else None)
            worker = self._workers.setdefault(pid, made)
        return worker

    def grant_id(self, user_id: int | str) -> str:
        """The name of a person's grant to this site, whether there is one or not."""
        return grant_id_for(self.settings.issuer, self.settings.client_id, str(user_id))

    def watch(self, hook: EventHook) -> None:
        """Have a hook told of what goes to Roblox, and of refreshes if it wants to know.

        Raises:
            ConfigurationError: It is too late: requests are being served.
        """
        if self._workers:
            raise ConfigurationError(
                "A hook must be added before the app is used: call init_app of what brings it "
                "right after that of RobloxOAuth"
            )
        self.hooks.append(hook)


def current_state() -> State:
    """The state of the current app.

    Raises:
        ConfigurationError: As `state_of`.
        RuntimeError: There is no current app.
    """
    return state_of(current_app)


def state_of(app: Flask) -> State:
    """The state of an app.

    Raises:
        ConfigurationError: `RobloxOAuth.init_app` was not called for it.
    """
    state = app.extensions.get(NAME)
    if not isinstance(state, State):
        raise ConfigurationError("This app has no RobloxOAuth: call RobloxOAuth(app) or init_app")
    return state
