"""`RobloxOAuth`: what a site creates, and hands its app to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Flask

from flask_ext import handlers
from flask_ext.asking import login_url
from flask_ext.cli import roblox as commands
from flask_ext.config import load, warn
from flask_ext.cookies import Cookies
from flask_ext.csrf import csrf_token
from flask_ext.current import current, current_user, finish
from flask_ext.endings import log_out_everywhere, log_out_here
from flask_ext.grants import live_row
from flask_ext.sessions import SessionInfo
from flask_ext.starting import refusing, store_is_checked
from flask_ext.state import BATCH, NAME, LoginHook, State, Worker, current_state
from flask_ext.upkeep import Sweep
from flask_ext.views import blueprint
from flask_ext.webhook_handlers import H, WebhookHandlers
from flask_ext.webhooks import add_route
from flask_ext.widgets import allowed, logout_button
from rblx_oauth import Client, EventHook
from rblx_oauth.core.clock import Clock
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.runtime.clock import SYSTEM_CLOCK


class RobloxOAuth:
    """Log in with Roblox for a Flask app, or for several: nothing of an app is kept here.

    (What `on_login` and `on_webhook` register is a definition, as a view of a blueprint is.)

    Every method and property works on the current app, so outside a request
    they need ``with app.app_context():``.

    Behind a proxy, wrap the app in werkzeug's ``ProxyFix`` for exactly the
    headers that your proxy sets (``x_prefix`` where it strips a path prefix),
    and set ``TRUSTED_HOSTS`` (Flask 3.1). The redirect URI needs neither: it
    is always ``ROBLOX_REDIRECT_URI``.

    Templates get ``current_user`` (also as ``roblox_user``),
    ``roblox_login_url(next, scopes=[...])``, ``roblox_allowed(*scopes, universe=...)``,
    ``roblox_logout_button(text, next=..., css_class=...)`` and
    ``roblox_csrf_token()``. The extension's own pages are
    ``templates/roblox/*.html``; a site's templates of the same names win, and
    ``roblox/base.html`` alone dresses all of them.

    Args:
        app: The app; or call `init_app` later.
        clock: As for `init_app`.
        on_event: As for `init_app`.

    Raises:
        ConfigurationError: As `init_app`.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        clock: Clock | None = None,
        on_event: EventHook | None = None,
    ) -> None:
        self._webhook_handlers = WebhookHandlers()
        self._login_hooks: list[LoginHook] = []
        if app is not None:
            self.init_app(app, clock=clock, on_event=on_event)

    def init_app(
        self, app: Flask, *, clock: Clock | None = None, on_event: EventHook | None = None
    ) -> None:
        """Read the settings, check them, and add the routes.

        Settings are read once, here (see `flask_ext.config.Settings`). Nothing
        is sent to Roblox. The store is opened to see that it is there. Flask's
        command line gets ``flask roblox`` (see `flask_ext.cli`).

        Args:
            app: An app with its configuration in place.
            clock: The clock that sessions and tokens go by; for tests. That of
                ``app.config["ROBLOX_CLOCK"]``, or the machine's, unless given.
            on_event: Told of each request to Roblox; a `rblx_oauth.RefreshHook` of refreshes too.

        Raises:
            ConfigurationError: The settings are wrong; the message lists
                everything that is and what to do about it.
            StoreUnavailable: The store cannot be reached.
        """
        if NAME in app.extensions:
            raise ConfigurationError("RobloxOAuth.init_app was called twice for the same app")
        app.cli.add_command(commands)
        with refusing(app):
            settings = load(app)
            clock = clock or app.config.get("ROBLOX_CLOCK") or SYSTEM_CLOCK
            settings.oauth_app(clock, on_event).close()
            if store_is_checked():
                settings.open_store(create=True).close()
        warn(settings)
        app.extensions[NAME] = State(
            settings,
            clock,
            Cookies(settings),
            self._webhook_handlers,
            self._login_hooks,
            hooks=[] if on_event is None else [on_event],
        )
        routes = blueprint(settings.url_prefix)
        add_route(routes, settings)
        app.register_blueprint(routes)
        app.after_request(finish)
        handlers.register(app)
        app.jinja_env.globals.update(
            current_user=current_user,
            roblox_allowed=allowed,
            roblox_csrf_token=csrf_token,
            roblox_login_url=login_url,
            roblox_logout_button=logout_button,
            roblox_user=current_user,
        )

    def on_webhook(self, *types: str) -> Callable[[H], H]:
        """Register a function for notifications of `types` that Roblox sends; ``"*"`` for all.

        It is called with the `rblx_oauth.webhooks.Notification`, within five
        seconds of which Roblox wants an answer: put what takes longer into a
        queue. If it raises, Roblox is told and sends the notification again.
        Register before or after `init_app`; every app of this object uses it.

        Raises:
            ConfigurationError: No type is named.
        """
        return self._webhook_handlers.register(types)

    def on_login(self, hook: LoginHook) -> LoginHook:
        """Have `hook` look at every login before it counts: a decorator.

        It is called with the `User` who is logging in and the path they will be
        sent to. It may

        - return nothing: they are logged in and go there;
        - return a response, as a view does: they are logged in and get that;
        - raise `LoginRefused`, or anything else: they are not logged in. An
          authorization that this login began is ended at Roblox.

        Of several hooks, the first that answers is the last that is asked.
        `current_user` is not yet the new one. A step-up is no login; logging in
        once more because a page asked for it (``prompt="login"``) is.
        """
        self._login_hooks.append(hook)
        return hook

    def client_for(self, user_id: int | str) -> Client:
        """A client that acts for a person who logged in once, from anywhere: a job, a command.

        It renews their token by itself, together with every other process that uses it.

        Args:
            user_id: Their Roblox user id.

        Raises:
            ReauthorizationRequired: There is no grant (``reason="missing"``), or it is gone.
            StoreUnavailable: The store cannot be reached.
        """
        state = current_state()
        grant_id = state.grant_id(user_id)
        live_row(state.here, grant_id)
        return state.here.client(grant_id)

    def pseudonym(self, user_id: int | str) -> str:
        """What a person goes by in the field ``roblox_grant`` of log records."""
        state = current_state()
        return state.here.pseudonym(state.grant_id(user_id))

    @property
    def api_client(self) -> Client:
        """The client with the site's own API key, for what Roblox opens to keys only.

        Guard views that use it with `grant_required`: the key may do more than the person.

        Raises:
            ConfigurationError: ``ROBLOX_API_KEY`` is not set.
        """
        return current_state().here.api_client()

    def login_url(
        self,
        next: str | None = None,  # noqa: A002 (the parameter's name in the address)
        *,
        scopes: Iterable[str] = (),
        prompt: str | None = None,
    ) -> str:
        """The address that sends a person to log in, or to consent to `scopes`, and back."""
        return login_url(next, scopes=scopes, prompt=prompt)

    def sessions(self) -> list[SessionInfo]:
        """Where the current user is logged in, newest first; empty when nobody is."""
        session = current().session
        return _here().sessions.listed(session) if session else []

    def end_session(self, handle: str) -> bool:
        """Log the current user out of one of their sessions; False when it is not theirs.

        A view that calls it should check `check_csrf` first.
        """
        session = current().session
        if session is None:
            return False
        if handle == session.record.id:
            log_out_here()
            return True
        sessions = _here().sessions
        return sessions.owned(handle, grant_id=session.record.owner) and sessions.end(handle)

    def logout_everywhere(self) -> int:
        """End every session of the current user; how many there were.

        The grant goes with them, where ``ROBLOX_REVOKE_ON_LOGOUT`` says so. A
        view that calls it should check `check_csrf` first.
        """
        return log_out_everywhere()

    def sweep(self, *, batch: int = BATCH, max_seconds: float | None = None) -> Sweep:
        """Do what ``flask roblox sweep`` does, for a site with a scheduler of its own.

        Args:
            batch: How much to do at a time.
            max_seconds: How long to go on beginning batches.

        Returns:
            What was done, in numbers.

        Raises:
            StoreUnavailable, TransportError, ProtocolError, ApiError, TokenError: As `Sweep.run`.
        """
        sweep = Sweep(current_state(), batch=batch, max_seconds=max_seconds)
        sweep.run()
        return sweep


def _here() -> Worker:
    return current_state().here
