"""Puts the site together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, flash, redirect, request
from werkzeug.wrappers import Response

from example_site import config, errors, scopes, security, views
from example_site.extensions import roblox
from flask_ext import user_logged_out


def create_app(
    settings: Mapping[str, object] | None = None, *, instance_path: str | Path | None = None
) -> Flask:
    """Make the site.

    Args:
        settings: Flask's and ``ROBLOX_*`` settings. The latter are otherwise read from the
            environment, and so are ``SECRET_KEY`` and ``SECRET_KEY_FALLBACKS``.
        instance_path: Where its database and secret key live, unless they are set; Flask's own
            choice by default.

    Raises:
        rblx_oauth.errors.ConfigurationError: Something that Roblox needs is missing or wrong.
    """
    app = Flask("example_site", instance_path=str(instance_path) if instance_path else None)
    app.config.from_mapping(config.DEFAULTS)
    app.config.from_mapping(settings or {})
    instance = Path(app.instance_path)
    instance.mkdir(parents=True, exist_ok=True)
    config.set_secret_keys(app, instance)

    roblox.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    for blueprint in views.blueprints:
        app.register_blueprint(blueprint)
    app.add_template_filter(scopes.plainly)
    _stay_on_one_host(app)
    _say_goodbye(app)
    return app


def _stay_on_one_host(app: Flask) -> None:
    """Send ``127.0.0.1`` to ``localhost`` (or the other way), where the callback will arrive.

    Cookies belong to a host: a login that begins on one name cannot end on the other.
    """
    host = config.public_host(app)
    name = urlsplit(f"//{host}").hostname or ""
    others = config.LOOPBACK if name in config.LOOPBACK else []
    app.config["TRUSTED_HOSTS"] = [name, *others]

    @app.before_request
    def stay() -> Response | None:
        if request.method == "GET" and request.host != host and others:
            return redirect(f"http://{host}{request.full_path.rstrip('?')}", 307)
        return None


def _say_goodbye(app: Flask) -> None:
    def goodbye(_: Flask, *, everywhere: bool, **__: object) -> None:
        flash("You are logged out everywhere." if everywhere else "You are logged out.")

    # Not held weakly: it would be gone when this function returns.
    user_logged_out.connect(goodbye, sender=app, weak=False)
