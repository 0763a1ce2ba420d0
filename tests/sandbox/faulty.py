"""This library's clients, in one colour, of a sandbox that is about to misbehave."""

from __future__ import annotations

import socket
from typing import Any

from rblx_oauth import AsyncClient, Client, aio_stores, stores
from rblx_oauth._async.oauth_app import AsyncOAuthApp
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import REDIRECT_URI
from tests.support.colours import Colour
from tests.tokens.kit import KEY, KitClock

UNIVERSE = 3000001
PUBLISH = "publish_universe_message"


class Peer:
    """A program that uses the sandbox; `peer(value)` gives the result in either colour.

    It and the sandbox live by one clock, which a test moves.
    """

    def __init__(self, cloud: Sandbox, colour: Colour, clock: KitClock) -> None:
        self.cloud, self.colour, self.clock = cloud, colour, clock
        self.is_async = colour.name == "async"
        self.app = self.new_app()

    def __call__(self, value: Any) -> Any:
        """The result, awaited where it must be."""
        return self.colour(value)

    def new_app(self, **options: Any) -> Any:
        """An application that knows nothing yet."""
        kind = AsyncOAuthApp if self.is_async else OAuthApp
        made = kind(
            self.cloud.client_id,
            self.cloud.client_secret,
            redirect_uri=REDIRECT_URI,
            issuer=self.cloud.issuer,
            api_base=self.cloud.api_base,
            clock=self.clock,
            **options,
        )
        return self.colour.keep(made)

    def client(self, **options: Any) -> Any:
        """A client with the sandbox's API key."""
        kind = AsyncClient if self.is_async else Client
        settings = {"api_key": self.cloud.api_key, "clock": self.clock} | options
        return self.colour.keep(kind(api_base=self.cloud.api_base, **settings))

    def log_in(self, app: Any = None) -> Any:
        """A token of the first user's; everything that is asked for is granted."""
        app = app or self.app
        scopes = ["openid", "profile", "universe-messaging-service:publish"]
        request = self(app.authorization_request(scopes))
        return self(app.exchange(self.cloud.consent(request.url), request))

    def store(self, url: str = "memory://") -> Any:
        """A token store."""
        opener = aio_stores.open if self.is_async else stores.open
        return self.colour.keep(opener(url, keys=[KEY]))

    def get(self, client: Any = None) -> Any:
        """What a read gives."""
        return self((client or self.client()).universe(UNIVERSE).get())

    def publish(self, client: Any = None) -> None:
        """A write that must not be done twice."""
        self((client or self.client()).universe(UNIVERSE).publish_message("news", "hello"))


def ask(cloud: Sandbox, path: str = f"/cloud/v2/universes/{UNIVERSE}") -> socket.socket:
    """A connection of its own, on which a GET has been sent."""
    sock = socket.create_connection(("127.0.0.1", cloud.port), timeout=10)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: {cloud.api_key}\r\n\r\n"
    sock.sendall(head.encode())
    return sock


def pieces(sock: socket.socket) -> list[bytes]:
    """What each read brings, until the answer is complete by its Content-Length."""
    found: list[bytes] = []
    while True:
        head, blank, body = b"".join(found).partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if blank and len(body) >= int(length):
            return found
        found.append(sock.recv(65536))
        assert found[-1], "the connection was closed too early"
