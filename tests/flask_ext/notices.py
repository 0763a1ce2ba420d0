"""A site that takes webhooks, and what Roblox would send it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from cheroot.wsgi import Server
from flask import Flask
from werkzeug.test import TestResponse

from flask_ext import RobloxOAuth
from rblx_oauth.core.clock import Clock
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.webhooks import ERASURE, Notification, sign
from tests.flask_ext.site import add_views, settings
from tests.support.clock import ManualClock

SECRET = "whsec-of-a-test"
URL = "/roblox/webhook"


class Notified:
    """A site with a secret, and its extension object.

    Attributes:
        taken: The ids of the notifications that its handlers were given.
    """

    def __init__(self, cloud: Sandbox, clock: Clock, **more: object) -> None:
        self.clock = clock
        self.taken: list[str] = []
        self.roblox = RobloxOAuth()
        self.app = self.new_app(cloud, **({"ROBLOX_WEBHOOK_SECRET": [SECRET]} | more))

    def new_app(self, cloud: Sandbox, **more: object) -> Flask:
        """Another app of the same extension object, as another process has."""
        app = Flask("tests.flask_ext.site")
        app.config.update(settings(cloud, **more))
        self.roblox.init_app(app, clock=self.clock)
        add_views(app)
        return app

    def post(
        self,
        id: str = "n-1",
        kind: str = "SampleNotification",
        payload: dict[str, object] | None = None,
        *,
        app: Flask | None = None,
        **headers: str,
    ) -> TestResponse:
        """A well-signed notification arrives."""
        body = notification(id, kind, payload)
        headers = {"roblox-signature": sign(body, SECRET, at=self.clock.now())} | headers
        return (app or self.app).test_client().post(URL, data=body, headers=headers)

    def erase(self, user: int | str, id: str = "e-1", **more: Flask) -> TestResponse:
        """A person wants to be forgotten."""
        payload = {"UserId": int(user), "GameIds": [4000001]}
        return self.post(id, ERASURE, payload, **more)  # type: ignore[arg-type]


def notification(id: str, kind: str, payload: dict[str, object] | None = None) -> bytes:
    """The body that Roblox would send."""
    return json.dumps(
        {
            "NotificationId": id,
            "EventType": kind,
            "EventTime": "2026-12-29T20:25:51.5Z",
            "EventPayload": payload or {},
        }
    ).encode()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The app over real HTTP; its address."""
    server = Server(("127.0.0.1", 0), app, numthreads=4)
    server.prepare()
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def site(cloud: Sandbox, clock: ManualClock) -> Notified:
    """A site with a secret and a handler for everything, which notes what it gets."""
    site = Notified(cloud, clock)

    @site.roblox.on_webhook("*")
    def note(given: Notification) -> None:
        site.taken.append(given.id)

    return site
