"""The example site as gunicorn loads it in these tests, with one more page."""

from __future__ import annotations

import os

from flask import Flask, Response, jsonify

import example_site.app
from flask_ext import current_user, login_required
from flask_ext.state import NAME
from rblx_oauth import api
from rblx_oauth.runtime.clock import SystemClock

AHEAD = "SITE_CLOCK_AHEAD"
"""The variable that says by how many seconds this machine's clock is ahead."""


class WrongClock(SystemClock):
    """The clock of a machine that nobody has set right."""

    def now(self) -> float:
        """Seconds since the epoch, as this machine has it."""
        return super().now() + float(os.environ[AHEAD])


def create_app(instance_path: str) -> Flask:
    """The site. ``/probe`` is a page that needs one call to Open Cloud, and shows what it got."""
    scopes = {"ROBLOX_SCOPES": "openid profile universe:read"}
    app = example_site.app.create_app(scopes, instance_path=instance_path)
    if AHEAD in os.environ:
        app.extensions[NAME].clock = WrongClock()

    @app.get("/probe/<int:universe_id>")
    @login_required
    def probe(universe_id: int) -> Response:
        call = api.universes.get_universe(universe_id=universe_id)
        return jsonify(name=current_user.client.send(call).display_name)

    return app
