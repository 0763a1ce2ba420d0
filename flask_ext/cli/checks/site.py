"""The site that is examined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from flask import Flask

from flask_ext.config import Settings
from flask_ext.state import State
from rblx_oauth import OAuthApp
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.message import Response
from rblx_oauth.oauth.discovery import discovery_request
from rblx_oauth.runtime.clock import SYSTEM_CLOCK
from rblx_oauth.stores import Store


@dataclass
class Site:
    """An app with its settings, and what several checks look at.

    Attributes:
        app: The app, started or not.
        state: What `RobloxOAuth.init_app` made of it; None if it refused.
        settings: What it was told; wrong settings have their defaults.
        problems: What is wrong with them.
    """

    app: Flask
    state: State | None
    settings: Settings
    problems: Sequence[str]

    @property
    def clock(self) -> Clock:
        """The time."""
        return SYSTEM_CLOCK if self.state is None else self.state.clock

    @property
    def host(self) -> str:
        """Host, and port if there is one, at which people reach the site."""
        return urlsplit(self.settings.redirect_uri).netloc

    @property
    def https(self) -> bool:
        """Whether they reach it over https."""
        return urlsplit(self.settings.redirect_uri).scheme == "https"

    @cached_property
    def oauth(self) -> OAuthApp:
        """The OAuth application.

        Raises:
            ConfigurationError: A setting is wrong.
        """
        return self.settings.oauth_app(self.clock)

    @cached_property
    def store(self) -> Store:
        """The store, as a worker opens it.

        Raises:
            ConfigurationError: It is not there, or not in order.
            StoreUnavailable: It cannot be reached.
        """
        return self.settings.open_store(create=False)

    @cached_property
    def discovery(self) -> Response:
        """The provider's answer about itself, unjudged.

        Raises:
            TransportError: There is none.
        """
        request = discovery_request(self.settings.issuer)
        return self.oauth.transport.send(request, timeout=self.oauth.timeout)
