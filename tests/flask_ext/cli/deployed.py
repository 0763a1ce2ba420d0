"""A site as it is deployed: its settings are in the environment."""

from __future__ import annotations

from flask import Flask

from flask_ext import RobloxOAuth, login_required


def create_app() -> Flask:
    """Make the site."""
    app = Flask(__name__)
    app.config.from_prefixed_env()
    RobloxOAuth(app)

    @app.get("/private")
    @login_required
    def private() -> str:
        return "private"

    return app
